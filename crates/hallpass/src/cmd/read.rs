//! `hallpass read`

use anyhow::Result;
use jiff::tz::TimeZone;

use crate::{
    access::Access,
    aftermath::{describe, settle},
    args::Read,
    context::Context,
    exit::Exit,
    means::held_token,
    problem::{OrAbout, Problem},
    report::{Report, bare, table},
};

pub(super) async fn run(typed: &Read, context: &Context) -> Result<Exit> {
    read(typed, context).await.or_about("read", &typed.device)
}

async fn read(typed: &Read, context: &Context) -> Result<Exit> {
    let Access { device, gateway } = Access::open(context, &typed.device, &typed.with).await?;
    let snapshot = context.output.waiting("reading the gateway", gateway.read()).await;
    // Its connection is not kept open while others are in the line (B3).
    drop(gateway);
    let snapshot = settle(context, &device, snapshot).await?;
    describe(context, &device, &snapshot.device).await?;
    let token = held_token(context, &device).await?;
    let role = token.as_ref().map(|held| held.credential.role());
    let report = Report::new(&device, role, &snapshot);
    match &typed.field {
        Some(path) => print_field(&report, path, context)?,
        None if context.output.is_json() => context.output.document(&report)?,
        None => context.output.line(table(&report, &TimeZone::system()))?,
    }
    Ok(Exit::Done)
}

fn print_field(report: &Report<'_>, path: &str, context: &Context) -> Result<()> {
    let Some(value) = report.field(path) else {
        let problem = Problem::new(Exit::Failed, format!("there is no reading `{path}`"));
        if let Some(complaint) = report.first_complaint() {
            let hint = format!("not everything could be read: {complaint}");
            return Err(problem.hint(hint).into());
        }
        let hint = match report.nearest_field(path) {
            Some(nearest) => format!("the nearest that was read is `{nearest}`"),
            None => "`read --json` shows all there is".to_owned(),
        };
        return Err(problem.hint(hint).into());
    };
    if context.output.is_json() {
        context.output.document(&value)?;
    } else {
        context.output.line(bare(&value))?;
    }
    Ok(())
}

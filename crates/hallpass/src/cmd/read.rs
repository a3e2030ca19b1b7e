//! `hallpass read`

use anyhow::Result;
use jiff::tz::TimeZone;

use crate::{
    access::Access,
    args::Read,
    context::Context,
    exit::Exit,
    problem::{OrAbout, Problem},
    report::{Report, bare, table},
};

pub(super) async fn run(typed: &Read, context: &Context) -> Result<Exit> {
    read(typed, context).await.or_about("read", &typed.device)
}

async fn read(typed: &Read, context: &Context) -> Result<Exit> {
    let access = Access::open(context, &typed.device, &typed.with).await?;
    let reading = access.gateway.read();
    let snapshot = context.output.waiting("reading the gateway", reading).await;
    let snapshot = access.settle(context, snapshot).await?;
    access.describe(context, &snapshot.device).await?;
    let role = access.role(context).await?;
    let report = Report::new(&access.device, role.as_ref(), &snapshot);
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

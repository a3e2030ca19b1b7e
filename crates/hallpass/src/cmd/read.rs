//! `hallpass read`

use anyhow::Result;
use hallpass_enphase::reading::Family;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::{
    access::Access,
    aftermath::{describe, settle},
    again::once_more,
    args::Read,
    changes::{self, Known},
    context::Context,
    exit::Exit,
    means::held_token,
    problem::{OrAbout, Problem},
    report::{Report, bare, table},
};

pub(super) async fn run(typed: &Read, context: &Context) -> Result<Exit> {
    let reading = once_more(context, &typed.device, || read(typed, context));
    reading.await.or_about("read", &typed.device)
}

async fn read(typed: &Read, context: &Context) -> Result<Exit> {
    let access = Access::open(context, &typed.device, &typed.with).await?;
    if let Some(field) = typed.field.as_deref().and_then(field_of_interface) {
        return read_interface(context, &access, field).await;
    }
    let Access { device, gateway } = access;
    let mut known = Known::of(context, &device).await?;
    let family = typed.field.as_deref().and_then(Family::of_field);
    let reading = async {
        match family {
            Some(family) => gateway.read_only(family).await,
            None => gateway.read().await,
        }
    };
    let snapshot = context.output.waiting("reading the gateway", reading).await;
    let update = gateway.last_update().await;
    // Its connection is not kept open while others are in the line (B3).
    drop(gateway);
    let snapshot = settle(context, &device, snapshot).await?;
    describe(context, &device, &snapshot.device).await?;
    let token = held_token(context, &device).await?;
    let role = token.as_ref().map(|held| held.credential.role());
    changes::tell(context, &device, &known.now(update, role)).await?;
    let report = Report::new(&device, role, &snapshot);
    match &typed.field {
        Some(path) => print_field(&report, path, context)?,
        None if context.output.is_json() => context.output.document(&report)?,
        None => context.output.line(table(&report, &TimeZone::system()))?,
    }
    Ok(Exit::Done)
}

/// How the gateway is connected is asked only by its name, since a gateway takes seconds to say.
const INTERFACE: &str = "interface_settings";

/// The field of the network interface that is meant, if it is one; empty for all of them.
fn field_of_interface(field: &str) -> Option<&str> {
    let rest = field.strip_prefix(INTERFACE)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

async fn read_interface(context: &Context, access: &Access, field: &str) -> Result<Exit> {
    let asking = access.gateway.network_interface();
    let interface = context.output.waiting("asking the gateway for its network", asking).await;
    let interface = serde_json::to_value(settle(context, &access.device, interface).await?)?;
    let value = if field.is_empty() { Some(&interface) } else { interface.get(field) };
    let missing = || {
        Problem::new(Exit::Failed, format!("there is no reading `{INTERFACE}.{field}`"))
            .hint(format!("`read` with `{INTERFACE}` shows all there is"))
    };
    print_value(value.ok_or_else(missing)?, context)?;
    Ok(Exit::Done)
}

fn print_value(value: &Value, context: &Context) -> Result<()> {
    if context.output.is_json() {
        context.output.document(value)?;
    } else {
        context.output.line(bare(value))?;
    }
    Ok(())
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
    print_value(&value, context)
}

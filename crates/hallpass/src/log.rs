//! What libraries report, on standard error.

use std::fmt;

use hallpass_credential::WAITING;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use crate::{args::Global, output::Above};

/// Sets up what is shown of the events of this process; only the first call counts.
pub(crate) fn start(typed: &Global, terminal: bool) {
    let builder = tracing_subscriber::fmt().with_writer(|| Above).with_ansi(terminal);
    let builder = builder.with_env_filter(EnvFilter::new(directives(typed, terminal)));
    let set = match typed.verbose {
        0 => builder.event_format(Plain).try_init(),
        _ => builder.try_init(),
    };
    drop(set);
}

/// Only our own crates: others may log what they send.
fn directives(typed: &Global, terminal: bool) -> String {
    let level = match typed.verbose {
        _ if typed.quiet => "error",
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let waiting = if terminal && !typed.quiet && typed.verbose == 0 { "info" } else { level };
    format!("off,hallpass={level},{WAITING}={waiting}")
}

/// As the program itself speaks: a level only where it is bad news, neither time nor place.
struct Plain;

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        match *event.metadata().level() {
            Level::ERROR => write!(writer, "error: ")?,
            Level::WARN => write!(writer, "warning: ")?,
            _ => {}
        }
        context.field_format().format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

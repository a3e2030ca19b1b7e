//! What there is to tell of a watch, and in which words.

use std::time::Duration;

use anyhow::Error;
use jiff::{Timestamp, Zoned, tz::TimeZone};

use super::outage::Helps;
use crate::{changes::Change, duration, hint, output::chain, report::Report};

/// Something to tell.
pub(crate) enum News<'a> {
    /// A poll gave readings.
    Reading { report: &'a Report<'a>, taken_at: Timestamp, is_change: bool, next: Timestamp },
    /// Nothing can be read from now on.
    Lost { error: &'a Error, helps: Helps },
    /// What was lost is back; its reading follows.
    Back { name: &'a str, after: Duration },
    /// Something of it is other than it was; its reading follows.
    Changed { name: &'a str, change: &'a Change },
    /// It is read, but the token that opens it is not renewed.
    Overdue { error: &'a Error },
    /// The sun is down.
    Asleep { until: Timestamp },
    /// Polls are further apart than was wanted.
    Slowed { to: Duration },
}

impl News<'_> {
    /// It in a sentence. Of a reading only the times: its contents are data.
    pub(crate) fn words(&self, now: Timestamp, zone: &TimeZone) -> String {
        let time = |moment, form| time(moment, &now.to_zoned(zone.clone()), form);
        match self {
            Self::Reading { taken_at, next, .. } => {
                let (taken_at, next) = (time(*taken_at, SECONDS), time(*next, SECONDS));
                format!("read at {taken_at}, next at {next}")
            }
            Self::Lost { error, helps: Helps::Waiting } => {
                format!("{}; it is tried again once a minute", chain(error))
            }
            Self::Lost { error, helps: Helps::Person(_) } => {
                format!("{}; {}", chain(error), hint::of(error))
            }
            Self::Back { name, after } => {
                format!("{name} is read again, after {}", duration::display(*after))
            }
            Self::Changed { name, change } => change.words(name),
            Self::Overdue { error } => {
                let (error, hint) = (chain(error), hint::of(error));
                format!("{error}; while the old one lasts, reading goes on; {hint}")
            }
            Self::Asleep { until } => {
                format!("the sun is down: asleep until {}", time(*until, MINUTES))
            }
            Self::Slowed { to } => {
                let to = duration::display(*to);
                format!("the gateway bears such a poll each {to}; that is how often it is read")
            }
        }
    }
}

/// A moment as the person's own clocks show it, with the date where it is another one.
fn time(moment: Timestamp, now: &Zoned, form: &str) -> String {
    let moment = moment.to_zoned(now.time_zone().clone());
    let is_today = moment.date() == now.date();
    let date = if is_today { String::new() } else { format!("{} ", moment.date()) };
    format!("{date}{}", moment.strftime(form))
}

const SECONDS: &str = "%H:%M:%S";
const MINUTES: &str = "%H:%M";

#[cfg(test)]
mod tests;

//! What was told on a bench, and what it measures to.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Error;
use hallpass_sim::{Sim, Telling};
use jiff::{Timestamp, tz::TimeZone};

use crate::{exit::Exit, hint, output::chain, report::Report, watch::News};

/// Something that a person was told, or that is to be known of when it was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    /// A watch began.
    Started,
    Reading(Read),
    Lost(String),
    Back(Duration),
    Changed(String),
    Asleep(Timestamp),
    /// Any other line of a watch.
    Line(String),
    /// Something ended with an error.
    Failed(String),
    /// A watch ended.
    Stopped,
}

/// What a reading was like.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    pub(crate) is_change: bool,
    pub(crate) watts: Option<i64>,
    pub(crate) is_stale: bool,
    pub(crate) has_complaints: bool,
}

impl Read {
    fn of(report: &Report<'_>, is_change: bool) -> Self {
        let has = |list| report.field(list).is_some_and(|list| list != serde_json::json!([]));
        Self {
            is_change,
            watts: report.field("system_production.watts_now").and_then(|watts| watts.as_i64()),
            is_stale: has("stale"),
            has_complaints: has("complaints"),
        }
    }

    /// Whether all of it could be read, just now.
    pub(crate) fn is_full(&self) -> bool {
        !self.is_stale && !self.has_complaints
    }
}

/// Everything that was told, by the world's clock. Cloning gives another handle to the same one.
#[derive(Clone)]
pub(crate) struct Log {
    sim: Sim,
    told: Arc<Mutex<Vec<(Timestamp, Told)>>>,
}

impl Log {
    pub(crate) fn new(sim: Sim) -> Self {
        Self { sim, told: Arc::default() }
    }

    /// A watch begins; it has ended when what is returned is dropped.
    pub(crate) fn run(&self) -> Run {
        self.push(Told::Started);
        Run(self.clone())
    }

    /// Something ended with this error.
    pub(crate) fn fail(&self, error: &Error) -> Exit {
        let exit = Exit::of(error);
        if exit != Exit::Done {
            self.push(Told::Failed(format!("{}; {}", chain(error), hint::of(error))));
        }
        exit
    }

    pub(crate) fn push(&self, told: Told) {
        let now = self.sim.control().now();
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push((now, told));
    }

    /// All of it, with when it was.
    pub(crate) fn all(&self) -> Vec<(Timestamp, Told)> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What came of it from `since` on; none where there is nothing to measure.
    pub(crate) fn seen(&self, telling: &Telling, since: Timestamp, every: Duration) -> Option<f64> {
        let count = |is: &dyn Fn(&Told) -> bool| Some(self.count_since(since, is) as f64);
        let read = |is: &dyn Fn(&Read) -> bool| {
            count(&|told| matches!(told, Told::Reading(reading) if is(reading)))
        };
        match telling {
            Telling::Readings => read(&|_| true),
            Telling::Stale => read(&|reading| reading.is_stale),
            Telling::Complaints => read(&|reading| reading.has_complaints),
            Telling::Lost => count(&|told| matches!(told, Told::Lost(_))),
            Telling::Back => count(&|told| matches!(told, Told::Back(_))),
            Telling::Words(words) => count(&|told| told.says(words)),
            Telling::LeastWatts => self.least_watts(since).map(|watts| watts as f64),
            Telling::Gap => self.gaps(since).into_iter().reduce(f64::max),
            Telling::Missed => {
                let gaps = self.gaps(since);
                let missed = |gap: &f64| ((gap / every.as_secs_f64()).round() - 1.0).max(0.0);
                (!gaps.is_empty()).then(|| gaps.iter().map(missed).sum())
            }
            Telling::Recovery => self.recovery(since),
            _ => None,
        }
    }

    /// Times without a reading while a watch ran and that ended since, in seconds.
    pub(crate) fn gaps(&self, since: Timestamp) -> Vec<f64> {
        let (mut gaps, mut last) = (Vec::new(), None);
        let now = (self.sim.control().now(), Told::Stopped);
        for (at, told) in self.all().into_iter().chain([now]) {
            let before = match told {
                Told::Started => last.replace(at),
                Told::Reading(_) => last.replace(at),
                Told::Stopped => last.take(),
                _ => None,
            };
            if let Some(before) = before.filter(|_| at > since) {
                gaps.push(before.max(since).duration_until(at).as_secs_f64());
            }
        }
        gaps
    }

    /// The longest time from a return of the gateway to the next full reading, in seconds.
    fn recovery(&self, since: Timestamp) -> Option<f64> {
        let told = self.all();
        let read_after = |back: Timestamp| {
            let full = |told: &Told| matches!(told, Told::Reading(reading) if reading.is_full());
            let read = told.iter().find(|(at, told)| *at >= back && full(told));
            read.map_or(f64::INFINITY, |(at, _)| back.duration_until(*at).as_secs_f64())
        };
        let returns = self.sim.control().returns();
        let returns = returns.into_iter().filter(|back| *back >= since);
        returns.map(read_after).reduce(f64::max)
    }

    pub(crate) fn least_watts(&self, since: Timestamp) -> Option<i64> {
        let told = self.all().into_iter().filter(|(at, _)| *at >= since);
        let watts = told.filter_map(|(_, told)| match told {
            Told::Reading(reading) => Some(reading.watts.unwrap_or(0)),
            _ => None,
        });
        watts.min()
    }

    fn count_since(&self, since: Timestamp, is: &dyn Fn(&Told) -> bool) -> usize {
        self.all().iter().filter(|(at, told)| *at >= since && is(told)).count()
    }
}

impl Told {
    fn of(news: &News<'_>, now: Timestamp) -> Self {
        let words = || news.words(now, &TimeZone::UTC);
        match news {
            News::Reading { report, is_change, .. } => Self::Reading(Read::of(report, *is_change)),
            News::Lost { .. } => Self::Lost(words()),
            News::Back { after, .. } => Self::Back(*after),
            News::Changed { .. } => Self::Changed(words()),
            News::Asleep { until } => Self::Asleep(*until),
            _ => Self::Line(words()),
        }
    }

    fn says(&self, words: &str) -> bool {
        match self {
            Self::Lost(line) | Self::Changed(line) | Self::Line(line) | Self::Failed(line) => {
                line.to_lowercase().contains(&words.to_lowercase())
            }
            _ => false,
        }
    }
}

/// A watch that tells.
pub(crate) struct Run(Log);

impl Run {
    pub(crate) fn tell(&self, news: &News<'_>) {
        self.0.push(Told::of(news, self.0.sim.control().now()));
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.0.push(Told::Stopped);
    }
}

//! What must have come of a scenario.

use std::{fmt, time::Duration};

use super::moment;
use crate::{Control, Counters, Maxima};

/// Something that is counted or measured, and what it must be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Expectation {
    /// What is looked at.
    pub measure: Measure,
    /// How it must compare to the limit.
    pub comparison: Comparison,
    /// The limit: a number, or seconds.
    pub limit: f64,
    /// What happened before this time does not count.
    pub since: Option<Duration>,
}

/// How what was seen must compare to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
}

/// What can be looked at.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Measure {
    /// `logins`: passwords that reached a cloud.
    Logins,
    /// `tokens`: tokens that were asked for.
    Tokens,
    /// `check_jwt`: tokens that were shown to a gateway.
    CheckJwt,
    /// `sessions`: that gateways handed out.
    Sessions,
    /// `connections`: that gateways accepted.
    Connections,
    /// `turned-away`: connections that clouds refused.
    TurnedAway,
    /// `requests PATH`, `requests PATH STATUS`: answers of gateways and clouds; all of them where the path is `*`.
    Requests {
        /// Without its query, or `*`.
        path: String,
        /// All where there is none.
        status: Option<u16>,
    },
    /// `logins-per-hour`: the most in any hour of the whole time.
    LoginsPerHour,
    /// `logins-per-day`: the most in any 24 hours of the whole time.
    LoginsPerDay,
    /// What only the client's side knows.
    Told(Telling),
}

/// What only the client's side knows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Telling {
    /// `readings`: how often something was read.
    Readings,
    /// `missed`: how often something should have been read and was not.
    Missed,
    /// `gap`: the longest time without a reading while the client ran.
    Gap,
    /// `recovery`: the longest time from a gateway's first good `/info` after it was away to a full reading.
    Recovery,
    /// `lost`: how often it was told that nothing can be read.
    Lost,
    /// `back`: how often it was told that it can be read again.
    Back,
    /// `told "WORDS"`: in how many lines these words stood.
    Words(String),
    /// `stale`: readings in which an older answer stood in for one that failed.
    Stale,
    /// `complaints`: readings in which something could not be read.
    Complaints,
    /// `least-watts`: the least production that was read.
    LeastWatts,
    /// `exit`: the exit code of the login or watch that ended last.
    Exit,
}

impl Measure {
    /// Those that are one word.
    pub(super) const WORDS: [(&str, Self); 18] = [
        ("logins", Self::Logins),
        ("tokens", Self::Tokens),
        ("check_jwt", Self::CheckJwt),
        ("sessions", Self::Sessions),
        ("connections", Self::Connections),
        ("turned-away", Self::TurnedAway),
        ("logins-per-hour", Self::LoginsPerHour),
        ("logins-per-day", Self::LoginsPerDay),
        ("readings", Self::Told(Telling::Readings)),
        ("missed", Self::Told(Telling::Missed)),
        ("gap", Self::Told(Telling::Gap)),
        ("recovery", Self::Told(Telling::Recovery)),
        ("lost", Self::Told(Telling::Lost)),
        ("back", Self::Told(Telling::Back)),
        ("stale", Self::Told(Telling::Stale)),
        ("complaints", Self::Told(Telling::Complaints)),
        ("least-watts", Self::Told(Telling::LeastWatts)),
        ("exit", Self::Told(Telling::Exit)),
    ];
    pub(super) const REQUESTS: &str = "requests";
    pub(super) const TOLD: &str = "told";

    /// Whether it is a time.
    #[must_use]
    pub fn is_time(&self) -> bool {
        matches!(self, Self::Told(Telling::Gap | Telling::Recovery))
    }

    /// What the simulator saw of it; none of what only the client's side knows.
    pub(super) fn seen(&self, books: &Books) -> Option<f64> {
        let Books { counters, maxima, turned_away } = books;
        let count = match self {
            Self::Logins => counters.cloud_logins,
            Self::Tokens => counters.token_requests,
            Self::CheckJwt => counters.check_jwt,
            Self::Sessions => counters.sessions,
            Self::Connections => counters.connections,
            Self::TurnedAway => *turned_away,
            Self::Requests { path, status } => requests(counters, path, *status),
            Self::LoginsPerHour => maxima.logins_per_hour as u64,
            Self::LoginsPerDay => maxima.logins_per_day as u64,
            Self::Told(_) => return None,
        };
        Some(count as f64)
    }

    /// Whether it only grows, so that it can be counted from any time on.
    pub(super) fn is_count(&self) -> bool {
        !matches!(self, Self::LoginsPerHour | Self::LoginsPerDay)
    }
}

/// What the simulator has counted up to a time.
#[derive(Debug)]
pub(super) struct Books {
    counters: Counters,
    maxima: Maxima,
    turned_away: u64,
}

impl Books {
    pub(super) fn of(control: &Control) -> Self {
        let (counters, maxima) = (control.counters(), control.verdict().maxima);
        Self { counters, maxima, turned_away: control.turned_away() }
    }
}

fn requests(counters: &Counters, path: &str, status: Option<u16>) -> u64 {
    let is_meant = |known: &str| path == "*" || path == known;
    let paths = counters.requests.iter().filter(|(known, _)| is_meant(known));
    let answers = paths.flat_map(|(_, answers)| answers);
    let answers = answers.filter(|(known, _)| status.is_none_or(|status| status == **known));
    answers.map(|(_, times)| times).sum()
}

impl Expectation {
    /// Whether what was seen is as expected.
    #[must_use]
    pub fn holds(&self, seen: f64) -> bool {
        match self.comparison {
            Comparison::Equal => seen == self.limit,
            Comparison::AtMost => seen <= self.limit,
            Comparison::AtLeast => seen >= self.limit,
        }
    }

    /// A value of what is looked at, with its unit.
    #[must_use]
    pub fn display(&self, value: f64) -> String {
        if self.measure.is_time() && value.is_finite() {
            moment::display(Duration::from_secs_f64(value.max(0.0).ceil()))
        } else {
            value.to_string()
        }
    }
}

impl fmt::Display for Expectation {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.measure, self.comparison, self.display(self.limit))?;
        match self.since {
            Some(since) => write!(f, " since {}", moment::display(since)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requests { path, status } => {
                write!(f, "{} {path}", Self::REQUESTS)?;
                status.iter().try_for_each(|status| write!(f, " {status}"))
            }
            Self::Told(Telling::Words(words)) => write!(f, "{} \"{words}\"", Self::TOLD),
            plain => {
                let word = Self::WORDS.iter().find(|(_, measure)| measure == plain);
                f.write_str(word.map_or("", |(word, _)| word))
            }
        }
    }
}

impl Comparison {
    pub(super) const SIGNS: [(&str, Self); 3] =
        [("=", Self::Equal), ("<=", Self::AtMost), (">=", Self::AtLeast)];
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = Self::SIGNS.iter().find(|(_, comparison)| comparison == self);
        f.write_str(sign.map_or("", |(sign, _)| sign))
    }
}

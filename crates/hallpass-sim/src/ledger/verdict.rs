//! Were the budgets kept? Only what a server can see from its own side is judged.

use std::{collections::VecDeque, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// The limits that a client has to keep. A test that lifts one for its client lifts it here too.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// Cloud logins in any hour, from any cause.
    pub logins_per_hour: usize,
    /// Cloud logins in any 24 hours, from any cause.
    pub logins_per_day: usize,
    /// Requests at one gateway in any minute.
    pub requests_per_minute: usize,
    /// Connections to one gateway at the same time.
    pub connections: usize,
    /// Requests in flight at one gateway at the same time.
    pub in_flight: usize,
    /// Between two `check_jwt` at one gateway.
    pub check_jwt_apart: Duration,
}

impl Default for Budget {
    /// What a program that runs unattended may do.
    fn default() -> Self {
        Self {
            logins_per_hour: 4,
            logins_per_day: 10,
            requests_per_minute: 30,
            connections: 2,
            in_flight: 1,
            check_jwt_apart: Duration::from_secs(60),
        }
    }
}

impl Budget {
    /// What commands that a person runs may do in their first minute.
    #[must_use]
    pub fn by_hand() -> Self {
        Self { requests_per_minute: 60, ..Self::default() }
    }
}

/// The worst that was seen of everything a budget limits; of the gateways, the worst one.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Maxima {
    /// Cloud logins in one hour.
    pub logins_per_hour: usize,
    /// Cloud logins in 24 hours.
    pub logins_per_day: usize,
    /// Requests in one minute.
    pub requests_per_minute: usize,
    /// Connections at the same time.
    pub connections: usize,
    /// Requests at the same time.
    pub in_flight: usize,
    /// The shortest time between two `check_jwt`, s; null with less than two.
    pub check_jwt_apart: Option<f64>,
    /// Secrets at wrong places.
    pub leaks: usize,
}

/// Whether all budgets were kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Nothing was violated.
    pub ok: bool,
    /// One sentence each.
    pub violations: Vec<String>,
    /// The worst that was seen.
    pub maxima: Maxima,
}

pub(super) fn judge(maxima: Maxima, budget: &Budget) -> Verdict {
    let limits = [
        ("cloud logins in an hour", maxima.logins_per_hour, budget.logins_per_hour),
        ("cloud logins in a day", maxima.logins_per_day, budget.logins_per_day),
        ("requests in a minute", maxima.requests_per_minute, budget.requests_per_minute),
        ("connections at a time", maxima.connections, budget.connections),
        ("requests in flight", maxima.in_flight, budget.in_flight),
        ("leaks", maxima.leaks, 0),
    ];
    let over = limits.into_iter().filter(|(_, seen, limit)| seen > limit);
    let mut violations: Vec<_> =
        over.map(|(what, seen, limit)| format!("{what}: {seen}, at most {limit}")).collect();
    let least = budget.check_jwt_apart.as_secs_f64();
    if let Some(apart) = maxima.check_jwt_apart.filter(|apart| *apart < least) {
        violations.push(format!("check_jwt: {apart:.1} s apart, at least {least} s"));
    }
    Verdict { ok: violations.is_empty(), violations, maxima }
}

impl Maxima {
    pub(super) fn of(per_hour: &Rolling, per_day: &Rolling, loads: &[Load], leaks: usize) -> Self {
        let most = |of: fn(&Load) -> usize| loads.iter().map(of).max().unwrap_or(0);
        Self {
            logins_per_hour: per_hour.most,
            logins_per_day: per_day.most,
            requests_per_minute: most(|load| load.requests.most),
            connections: most(|load| load.connections.most),
            in_flight: most(|load| load.in_flight.most),
            check_jwt_apart: loads
                .iter()
                .filter_map(|load| load.check_jwt_apart)
                .min()
                .map(|apart| apart.as_secs_f64()),
            leaks,
        }
    }
}

/// What one gateway had to bear.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) requests: Rolling,
    pub(super) connections: Level,
    pub(super) in_flight: Level,
    check_jwt_last: Option<Timestamp>,
    check_jwt_apart: Option<SignedDuration>,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            requests: Rolling::over(SignedDuration::from_secs(60)),
            connections: Level::default(),
            in_flight: Level::default(),
            check_jwt_last: None,
            check_jwt_apart: None,
        }
    }
}

impl Load {
    pub(super) fn check_jwt(&mut self, now: Timestamp) {
        if let Some(last) = self.check_jwt_last.replace(now) {
            let apart = now.duration_since(last);
            self.check_jwt_apart =
                Some(self.check_jwt_apart.map_or(apart, |least| least.min(apart)));
        }
    }
}

/// How often something happened within a window of time: lately, and at worst.
#[derive(Debug)]
pub(super) struct Rolling {
    window: SignedDuration,
    times: VecDeque<Timestamp>,
    most: usize,
}

impl Rolling {
    pub(super) fn over(window: SignedDuration) -> Self {
        Self { window, times: VecDeque::new(), most: 0 }
    }

    pub(super) fn note(&mut self, now: Timestamp) {
        while self.times.front().is_some_and(|first| now.duration_since(*first) >= self.window) {
            self.times.pop_front();
        }
        self.times.push_back(now);
        self.most = self.most.max(self.times.len());
    }

    /// How often within the window before the latest.
    pub(super) fn recent(&self) -> usize {
        self.times.len()
    }
}

/// How many of something there are at a time: now, and at worst.
#[derive(Debug, Default)]
pub(super) struct Level {
    now: usize,
    most: usize,
}

impl Level {
    pub(super) fn enter(&mut self) {
        self.now += 1;
        self.most = self.most.max(self.now);
    }

    pub(super) fn leave(&mut self) {
        self.now = self.now.saturating_sub(1);
    }

    pub(super) fn now(&self) -> usize {
        self.now
    }
}

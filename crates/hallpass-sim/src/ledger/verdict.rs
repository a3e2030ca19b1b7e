//! Were the budgets kept? Only what a server can see from its own side is judged.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::{Books, Gateway, trust::Cause};

/// The limits that a client has to keep. A test that lifts one for its client lifts it here too.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// Cloud logins in any hour, from any cause.
    pub logins_per_hour: usize,
    /// Cloud logins in any 24 hours, from any cause.
    pub logins_per_day: usize,
    /// Those of them that are refused as wrong, in any 24 hours.
    pub rejected_logins_per_day: usize,
    /// Cloud logins that no gateway gave cause for.
    pub unfounded_logins: usize,
    /// Tokens asked for on one route for one gateway after each login.
    pub token_requests_per_login: usize,
    /// Requests at one gateway in any minute.
    pub requests_per_minute: usize,
    /// The same at a gateway that is known to be away.
    pub requests_per_minute_while_away: usize,
    /// Requests at a gateway that is known to be away for anything else than `/info`.
    pub strays_while_away: usize,
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
            rejected_logins_per_day: 4,
            unfounded_logins: 0,
            token_requests_per_login: 4,
            requests_per_minute: 30,
            requests_per_minute_while_away: 1,
            strays_while_away: 0,
            connections: 2,
            in_flight: 1,
            check_jwt_apart: Duration::from_secs(60),
        }
    }
}

impl Budget {
    /// What commands that a person runs may do in their first minute: they need no cause to log in, and each finds out
    /// by itself that a gateway is away.
    #[must_use]
    pub fn by_hand() -> Self {
        Self {
            requests_per_minute: 60,
            requests_per_minute_while_away: 60,
            strays_while_away: usize::MAX,
            unfounded_logins: usize::MAX,
            ..Self::default()
        }
    }
}

/// The worst that was seen of everything a budget limits; of the gateways, the worst one.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Maxima {
    /// Cloud logins in one hour.
    pub logins_per_hour: usize,
    /// Cloud logins in 24 hours.
    pub logins_per_day: usize,
    /// Refused ones in 24 hours.
    pub rejected_logins_per_day: usize,
    /// Without a cause.
    pub unfounded_logins: usize,
    /// Tokens asked for on one route for one gateway after a login.
    pub token_requests_per_login: usize,
    /// Requests in one minute.
    pub requests_per_minute: usize,
    /// Requests in one minute that could know that the gateway is away.
    pub requests_per_minute_while_away: usize,
    /// Such requests for anything else than `/info`.
    pub strays_while_away: usize,
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

/// A login, and what it was for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Login {
    pub(super) at: Timestamp,
    pub(super) cause: Cause,
}

pub(super) fn judge(books: &Books, budget: &Budget) -> Verdict {
    let maxima = Maxima::of(books);
    let limits = [
        ("cloud logins in an hour", maxima.logins_per_hour, budget.logins_per_hour),
        ("cloud logins in a day", maxima.logins_per_day, budget.logins_per_day),
        ("refused logins in a day", maxima.rejected_logins_per_day, budget.rejected_logins_per_day),
        (
            "token requests after a login",
            maxima.token_requests_per_login,
            budget.token_requests_per_login,
        ),
        ("requests in a minute", maxima.requests_per_minute, budget.requests_per_minute),
        (
            "requests in a minute while away",
            maxima.requests_per_minute_while_away,
            budget.requests_per_minute_while_away,
        ),
        (
            "requests for more than /info while away",
            maxima.strays_while_away,
            budget.strays_while_away,
        ),
        ("connections at a time", maxima.connections, budget.connections),
        ("requests in flight", maxima.in_flight, budget.in_flight),
        ("leaks", maxima.leaks, 0),
    ];
    let over = limits.into_iter().filter(|(_, seen, limit)| seen > limit);
    let mut violations: Vec<_> =
        over.map(|(what, seen, limit)| format!("{what}: {seen}, at most {limit}")).collect();
    if maxima.unfounded_logins > budget.unfounded_logins {
        violations.extend(books.unfounded_logins.iter().map(Login::words));
    }
    let least = budget.check_jwt_apart.as_secs_f64();
    if let Some(apart) = maxima.check_jwt_apart.filter(|apart| *apart < least) {
        violations.push(format!("check_jwt: {apart:.1} s apart, at least {least} s"));
    }
    Verdict { ok: violations.is_empty(), violations, maxima }
}

impl Login {
    fn words(&self) -> String {
        format!("a cloud login at {} without a cause: {}", self.at, self.cause.words())
    }
}

impl Maxima {
    fn of(books: &Books) -> Self {
        let most = |of: fn(&Gateway) -> usize| books.gateways.iter().map(of).max().unwrap_or(0);
        let check_jwt_apart = books.gateways.iter().filter_map(|g| g.load.check_jwt_apart).min();
        Self {
            logins_per_hour: books.logins_per_hour.most,
            logins_per_day: books.logins_per_day.most,
            rejected_logins_per_day: books.rejected_logins_per_day.most,
            unfounded_logins: books.unfounded_logins.len(),
            token_requests_per_login: books.token_requests.most,
            requests_per_minute: most(|gateway| gateway.load.requests.most),
            requests_per_minute_while_away: most(|gateway| gateway.presence.asked.most),
            strays_while_away: most(|gateway| gateway.presence.strayed),
            connections: most(|gateway| gateway.load.connections.most),
            in_flight: most(|gateway| gateway.load.in_flight.most),
            check_jwt_apart: check_jwt_apart.map(|apart| apart.as_secs_f64()),
            leaks: books.counters.leaks.len(),
        }
    }
}

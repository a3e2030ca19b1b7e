//! The books: what was asked of the simulated servers, and what reached a place where it must not. They are kept here
//! so that a client's own counters need not be believed.

mod load;
mod presence;
mod trust;
mod verdict;

use std::{collections::BTreeMap, mem, sync::Mutex};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use self::verdict::{Budget, Maxima, Verdict};
use self::{
    load::{Load, Rolling},
    presence::Presence,
    trust::{Cause, Life, Trust},
    verdict::Login,
};
use crate::{firmware::Numbers, lock::lock};

/// What was counted since the start.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Counters {
    /// Passwords that reached a cloud, by whichever form, right or wrong.
    pub cloud_logins: u64,
    /// Tokens asked for, on any route.
    pub token_requests: u64,
    /// Requests of `/auth/check_jwt` at any gateway.
    pub check_jwt: u64,
    /// Sessions that gateways handed out.
    pub sessions: u64,
    /// Connections that gateways accepted.
    pub connections: u64,
    /// Answers of all servers by path (without query) and status.
    pub requests: BTreeMap<String, BTreeMap<u16, u64>>,
    /// Secrets that reached a wrong place.
    pub leaks: Vec<Leak>,
}

/// A secret that reached a place where it must not; what it was, never itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leak {
    /// When, in simulated time.
    pub at: Timestamp,
    /// `bearer`, `cookie`, `digest`, `basic` or `password`.
    pub what: &'static str,
    /// Which listener saw it, and why it must not.
    pub place: String,
    /// How many bytes of it.
    pub bytes: usize,
}

/// Keeps the books. Gateways are known by their index.
#[derive(Debug)]
pub(crate) struct Ledger {
    budget: Budget,
    books: Mutex<Books>,
}

#[derive(Debug)]
struct Books {
    counters: Counters,
    logins_per_hour: Rolling,
    logins_per_day: Rolling,
    rejected_logins_per_day: Rolling,
    unfounded_logins: Vec<Login>,
    token_requests: TokenRequests,
    gateways: Vec<Gateway>,
    turned_away: u64,
}

/// The page of one gateway.
#[derive(Debug, Default)]
struct Gateway {
    load: Load,
    presence: Presence,
    trust: Trust,
    returns: Returns,
}

/// Tokens asked for since the last login, by route and gateway, and the most after any login.
#[derive(Debug, Default)]
struct TokenRequests {
    since_login: BTreeMap<(&'static str, String), usize>,
    most: usize,
}

/// How a request finds a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is there, with this firmware.
    There(Numbers),
    /// All of it is out of order.
    Away,
}

/// When a gateway that had been away was found again.
#[derive(Debug, Default)]
struct Returns {
    /// It did not answer when it was asked last.
    is_missed: bool,
    at: Vec<Timestamp>,
}

impl Ledger {
    pub(crate) fn new(budget: Budget, gateways: usize) -> Self {
        let books = Books {
            counters: Counters::default(),
            logins_per_hour: Rolling::over(SignedDuration::from_hours(1)),
            logins_per_day: Rolling::over(SignedDuration::from_hours(24)),
            rejected_logins_per_day: Rolling::over(SignedDuration::from_hours(24)),
            unfounded_logins: Vec::new(),
            token_requests: TokenRequests::default(),
            gateways: (0..gateways).map(|_| Gateway::default()).collect(),
            turned_away: 0,
        };
        Self { budget, books: Mutex::new(books) }
    }

    pub(crate) fn counters(&self) -> Counters {
        lock(&self.books).counters.clone()
    }

    pub(crate) fn verdict(&self) -> Verdict {
        verdict::judge(&lock(&self.books), &self.budget)
    }

    pub(crate) fn cloud_login(&self, now: Timestamp) {
        let mut books = lock(&self.books);
        books.counters.cloud_logins += 1;
        books.logins_per_hour.note(now);
        books.logins_per_day.note(now);
        books.token_requests.since_login.clear();
        let causes =
            books.gateways.iter().map(|gateway| gateway.trust.cause(&gateway.presence, now));
        let cause = causes.max().unwrap_or(Cause::Sound);
        if cause != Cause::Sound {
            books.unfounded_logins.push(Login { at: now, cause });
        }
    }

    /// The login that was counted last was refused: the user name or the password is wrong.
    pub(crate) fn login_rejected(&self, now: Timestamp) {
        lock(&self.books).rejected_logins_per_day.note(now);
    }

    pub(crate) fn token_request(&self, route: &'static str, serial_number: &str) {
        let mut books = lock(&self.books);
        books.counters.token_requests += 1;
        let TokenRequests { since_login, most } = &mut books.token_requests;
        let count = since_login.entry((route, serial_number.to_owned())).or_default();
        *count += 1;
        *most = (*most).max(*count);
    }

    /// A gateway took a token that is good from when to when, in seconds since 1970.
    pub(crate) fn token_accepted(&self, gateway: usize, issued: i64, expires: i64) {
        let at = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
        let life = Life { issued: at(issued), expires: at(expires) };
        lock(&self.books).gateways[gateway].trust.accept(life);
    }

    pub(crate) fn token_refused(&self, gateway: usize, now: Timestamp) {
        lock(&self.books).gateways[gateway].trust.refuse(now);
    }

    pub(crate) fn session(&self) {
        lock(&self.books).counters.sessions += 1;
    }

    pub(crate) fn check_jwt(&self, gateway: usize, now: Timestamp) {
        let mut books = lock(&self.books);
        books.counters.check_jwt += 1;
        books.gateways[gateway].load.check_jwt(now);
    }

    pub(crate) fn leak(&self, leak: Leak) {
        tracing::warn!(what = leak.what, place = leak.place, "a secret reached a wrong place");
        lock(&self.books).counters.leaks.push(leak);
    }

    pub(crate) fn answered(&self, path: &str, status: u16) {
        let mut books = lock(&self.books);
        *books.counters.requests.entry(path.to_owned()).or_default().entry(status).or_default() +=
            1;
    }

    /// A cloud refused a connection.
    pub(crate) fn turn_away(&self) {
        lock(&self.books).turned_away += 1;
    }

    /// How often a cloud refused a connection.
    pub(crate) fn turned_away_by_clouds(&self) -> u64 {
        lock(&self.books).turned_away
    }

    /// A gateway did not answer, or not as itself.
    pub(crate) fn away(&self, gateway: usize) {
        lock(&self.books).gateways[gateway].returns.is_missed = true;
    }

    /// A gateway said who it is.
    pub(crate) fn present(&self, gateway: usize, now: Timestamp) {
        let returns = &mut lock(&self.books).gateways[gateway].returns;
        if mem::take(&mut returns.is_missed) {
            returns.at.push(now);
        }
    }

    /// When gateways that had been away were found again, in the order of time.
    pub(crate) fn returns(&self) -> Vec<Timestamp> {
        let books = lock(&self.books);
        let mut returns: Vec<_> =
            books.gateways.iter().flat_map(|gateway| gateway.returns.at.iter().copied()).collect();
        returns.sort_unstable();
        returns
    }

    /// A connection to a gateway, open until the guard is dropped.
    pub(crate) fn connection(&self, gateway: usize) -> Open<'_> {
        let mut books = lock(&self.books);
        books.counters.connections += 1;
        books.gateways[gateway].load.connections.enter();
        Open { ledger: self, gateway, leave: |load| load.connections.leave() }
    }

    /// A request for `path` at a gateway, in flight until the guard is dropped.
    pub(crate) fn flight(
        &self,
        gateway: usize,
        path: &str,
        found: Found,
        now: Timestamp,
    ) -> Open<'_> {
        let Gateway { load, presence, .. } = &mut lock(&self.books).gateways[gateway];
        load.requests.note(now);
        load.in_flight.enter();
        match found {
            Found::There(firmware) => presence.met(firmware, now),
            Found::Away => presence.missed(path, now),
        }
        Open { ledger: self, gateway, leave: |load| load.in_flight.leave() }
    }

    /// A connection to a gateway was refused.
    pub(crate) fn refused(&self, gateway: usize, now: Timestamp) {
        let Gateway { presence, returns, .. } = &mut lock(&self.books).gateways[gateway];
        presence.turned_away(now);
        returns.is_missed = true;
    }

    /// Connections open and requests within the last minute at a gateway.
    pub(crate) fn load(&self, gateway: usize) -> (usize, usize) {
        let load = &lock(&self.books).gateways[gateway].load;
        (load.connections.now(), load.requests.recent())
    }
}

/// Something at a gateway that ends when this is dropped.
pub(crate) struct Open<'a> {
    ledger: &'a Ledger,
    gateway: usize,
    leave: fn(&mut Load),
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        (self.leave)(&mut lock(&self.ledger.books).gateways[self.gateway].load);
    }
}

#[cfg(test)]
mod tests;

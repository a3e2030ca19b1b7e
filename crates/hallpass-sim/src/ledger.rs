//! The books: what was asked of the simulated servers, and what reached a place where it must not. They are kept here
//! so that a client's own counters need not be believed.

mod verdict;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use self::verdict::{Budget, Maxima, Verdict};
use self::verdict::{Load, Rolling};
use crate::lock::lock;

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
    loads: Vec<Load>,
    returns: Returns,
    turned_away: u64,
}

/// When gateways that had been away were found again.
#[derive(Debug, Default)]
struct Returns {
    /// Those that did not answer when they were asked last.
    missed: BTreeSet<usize>,
    at: Vec<Timestamp>,
}

impl Ledger {
    pub(crate) fn new(budget: Budget, gateways: usize) -> Self {
        let books = Books {
            counters: Counters::default(),
            logins_per_hour: Rolling::over(SignedDuration::from_hours(1)),
            logins_per_day: Rolling::over(SignedDuration::from_hours(24)),
            loads: (0..gateways).map(|_| Load::default()).collect(),
            returns: Returns::default(),
            turned_away: 0,
        };
        Self { budget, books: Mutex::new(books) }
    }

    pub(crate) fn counters(&self) -> Counters {
        lock(&self.books).counters.clone()
    }

    pub(crate) fn verdict(&self) -> Verdict {
        let books = lock(&self.books);
        let leaks = books.counters.leaks.len();
        verdict::judge(
            Maxima::of(&books.logins_per_hour, &books.logins_per_day, &books.loads, leaks),
            &self.budget,
        )
    }

    pub(crate) fn cloud_login(&self, now: Timestamp) {
        let mut books = lock(&self.books);
        books.counters.cloud_logins += 1;
        books.logins_per_hour.note(now);
        books.logins_per_day.note(now);
    }

    pub(crate) fn token_request(&self) {
        lock(&self.books).counters.token_requests += 1;
    }

    pub(crate) fn session(&self) {
        lock(&self.books).counters.sessions += 1;
    }

    pub(crate) fn check_jwt(&self, gateway: usize, now: Timestamp) {
        let mut books = lock(&self.books);
        books.counters.check_jwt += 1;
        books.loads[gateway].check_jwt(now);
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
    pub(crate) fn turned_away(&self) -> u64 {
        lock(&self.books).turned_away
    }

    /// A gateway did not answer, or not as itself.
    pub(crate) fn away(&self, gateway: usize) {
        lock(&self.books).returns.missed.insert(gateway);
    }

    /// A gateway said who it is.
    pub(crate) fn present(&self, gateway: usize, now: Timestamp) {
        let returns = &mut lock(&self.books).returns;
        if returns.missed.remove(&gateway) {
            returns.at.push(now);
        }
    }

    /// When gateways that had been away were found again.
    pub(crate) fn returns(&self) -> Vec<Timestamp> {
        lock(&self.books).returns.at.clone()
    }

    /// A connection to a gateway, open until the guard is dropped.
    pub(crate) fn connection(&self, gateway: usize) -> Open<'_> {
        let mut books = lock(&self.books);
        books.counters.connections += 1;
        books.loads[gateway].connections.enter();
        Open { ledger: self, gateway, leave: |load| load.connections.leave() }
    }

    /// A request at a gateway, in flight until the guard is dropped.
    pub(crate) fn flight(&self, gateway: usize, now: Timestamp) -> Open<'_> {
        let load = &mut lock(&self.books).loads[gateway];
        load.requests.note(now);
        load.in_flight.enter();
        Open { ledger: self, gateway, leave: |load| load.in_flight.leave() }
    }

    /// Connections open and requests within the last minute at a gateway.
    pub(crate) fn load(&self, gateway: usize) -> (usize, usize) {
        let books = lock(&self.books);
        (books.loads[gateway].connections.now(), books.loads[gateway].requests.recent())
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
        (self.leave)(&mut lock(&self.ledger.books).loads[self.gateway]);
    }
}

#[cfg(test)]
mod tests;

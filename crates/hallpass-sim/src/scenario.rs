//! Scenarios: what happens to gateways, clouds and a client, and what must come of it, in a text that reads without Rust.
//!
//! `docs/scenarios.md` has all words. A scenario is a timeline; [`Play`] lets it happen in a [`Sim`](crate::Sim) and hands
//! on what only the client's side can do ([`ClientStep`]) or knows ([`Telling`]).

mod error;
mod expectation;
mod moment;
mod parse;
mod play;
mod step;

use std::time::Duration;

use jiff::Timestamp;

pub use self::{
    error::{ScenarioError, ScenarioErrorKind},
    expectation::{Comparison, Expectation, Measure, Telling},
    play::Play,
    step::{Action, ClientStep, Step},
};
use crate::{AccountKind, GatewayOptions, Options, options::Account};

/// A timeline with what must come of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Scenario {
    /// What happens, in one sentence: the comment that it begins with.
    pub summary: String,
    /// Codes of the faults that it is about, as in `G2`.
    pub codes: Vec<String>,
    /// Why the client does not keep it yet.
    pub not_yet: Option<String>,
    /// When it begins, in simulated time.
    pub begin: Timestamp,
    /// One gateway of each.
    pub firmware: Vec<String>,
    /// How many inverters each gateway has; as its firmware has them where it is not given.
    pub inverters: Option<usize>,
    /// The roles of the account's tokens.
    pub account: AccountKind,
    /// Decides the weather, the house, serial numbers and the password.
    pub seed: u64,
    /// How often the client polls.
    pub every: Duration,
    /// What happens, in the order in which it does. What must come of it all is last.
    pub steps: Vec<Step>,
    /// When it ends, after its beginning.
    pub length: Duration,
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// A line that says nothing that is known, with its number.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        parse::scenario(text)
    }

    /// The world in which it is played.
    #[must_use]
    pub fn options(&self) -> Options {
        let gateway = |version: &String| GatewayOptions {
            inverters: self.inverters,
            ..GatewayOptions::firmware(version)
        };
        Options {
            gateways: self.firmware.iter().map(gateway).collect(),
            seed: self.seed,
            start: self.begin,
            account: Account { kind: self.account, ..Account::default() },
            ..Options::default()
        }
    }

    /// Names of the faults and events in it, each once, in order.
    #[must_use]
    pub fn faults(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for step in &self.steps {
            if let Action::Fault { name, .. } | Action::Event { name, .. } = &step.action
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        }
        names
    }

    /// What must come of it, in order.
    pub fn expectations(&self) -> impl Iterator<Item = &Expectation> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::Expect(expectation) => Some(expectation),
            _ => None,
        })
    }
}

/// When a scenario begins that does not say it: a day in June, by the clock of the simulated plant.
const LATE_MORNING: Timestamp = Timestamp::constant(1_782_034_200, 0);

#[cfg(test)]
mod tests;

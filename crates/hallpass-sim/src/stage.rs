//! What all servers of one simulation share.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::Value;

use crate::{
    SimError,
    clock::Clock,
    event::Event,
    fault::{FaultError, Faults, Scene},
    ledger::Ledger,
    lock::lock,
    options::{AccountKind, Options},
    token::{Authority, TokenBuilder},
};

/// The stage: clock, books, faults, keys, the account and the chance that names sessions.
pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) ledger: Ledger,
    pub(crate) faults: Faults,
    pub(crate) authority: Authority,
    pub(crate) account: Credentials,
    /// Where redirects lead: a listener that must never see a credential.
    pub(crate) trap_url: OnceLock<String>,
    /// Everything that opens something, by what it is.
    secrets: Mutex<BTreeMap<String, &'static str>>,
    /// How many tokens were made.
    tokens: AtomicU64,
    dice: Mutex<StdRng>,
}

/// What the clouds know about the one account.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) kind: AccountKind,
}

impl Stage {
    pub(crate) fn new(options: &Options) -> Result<Self, SimError> {
        let mut dice = StdRng::seed_from_u64(options.seed);
        let made_up = format!("sim-{}", text(&mut dice, PLAIN, 14));
        let account = &options.account;
        Ok(Self {
            clock: Clock::new(options.start, options.speed),
            ledger: Ledger::new(options.budget.clone(), options.gateways.len()),
            faults: Faults::default(),
            authority: Authority::new()?,
            account: Credentials {
                username: account.username.clone(),
                password: account.password.clone().unwrap_or(made_up),
                kind: account.kind,
            },
            trap_url: OnceLock::new(),
            secrets: Mutex::default(),
            tokens: AtomicU64::new(0),
            dice: Mutex::new(dice),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The scene that faults look at, now.
    pub(crate) fn scene<'a>(&self, place: &'a str, path: &'a str) -> Scene<'a> {
        Scene { place, path, now: self.now() }
    }

    /// The number of the last token.
    pub(crate) fn tokens_issued(&self) -> u64 {
        self.tokens.load(Ordering::Relaxed)
    }

    /// Puts a fault on, and says what happens at once because of it.
    pub(crate) fn set_fault(
        &self,
        name: &str,
        arguments: &Value,
    ) -> Result<Option<(Event, Option<String>)>, FaultError> {
        let (fault, gateway) =
            self.faults.set(name, arguments, self.now(), self.tokens_issued())?;
        Ok(fault.event().map(|event| (event, gateway)))
    }

    /// Where redirects lead.
    pub(crate) fn trap_url(&self) -> &str {
        self.trap_url.get().map_or("http://trap.invalid", String::as_str)
    }

    /// Remembers a secret, for those who look for it where it must not be.
    pub(crate) fn secret(&self, what: &'static str, text: String) -> String {
        lock(&self.secrets).insert(text.clone(), what);
        text
    }

    /// The secrets so far: what each is, and its text.
    pub(crate) fn secrets(&self) -> Vec<(&'static str, String)> {
        lock(&self.secrets).iter().map(|(text, what)| (*what, text.clone())).collect()
    }

    /// So many letters and digits.
    pub(crate) fn plain(&self, length: usize) -> String {
        text(&mut lock(&self.dice), PLAIN, length)
    }

    pub(crate) fn hex(&self, length: usize) -> String {
        text(&mut lock(&self.dice), b"0123456789abcdef", length)
    }

    pub(crate) fn digits(&self, length: usize) -> String {
        text(&mut lock(&self.dice), b"0123456789", length)
    }

    /// For dice of one's own.
    pub(crate) fn seed(&self) -> u64 {
        lock(&self.dice).random()
    }

    pub(crate) fn bytes(&self) -> [u8; 20] {
        lock(&self.dice).random()
    }

    /// A token of the account for this gateway, an owner's until something else is said.
    pub(crate) fn token(&self, serial_number: &str) -> TokenBuilder<'_> {
        let number = self.tokens.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("{}-{}-4000-8000-{number:012x}", self.hex(8), self.hex(4));
        TokenBuilder::new(&self.authority, serial_number, &self.account.username, id, self.now())
    }
}

const PLAIN: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

fn text(dice: &mut StdRng, alphabet: &[u8], length: usize) -> String {
    (0..length).map(|_| char::from(alphabet[dice.random_range(0..alphabet.len())])).collect()
}

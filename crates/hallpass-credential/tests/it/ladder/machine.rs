//! The decisions as the keepers and issuers make them, on what is written down, in a world that can
//! do anything to them.

use std::time::Duration;

use hallpass_credential::{
    Reason, Renewal, Trust, Validity, Vouched,
    budget::{Asker, History, Outcome},
    evidence::{Evidence, may_ask_cloud},
    later, retry_after,
};
use jiff::Timestamp;
use rand::{RngExt, rngs::SmallRng};

use super::judge::{Judge, Said, Why};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// What happens next.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    Pass(i64),
    /// The clock of this machine shows so much more than it should.
    SetClock(i64),
    /// It is set back by an hour, for good: nobody can tell an hour ahead from a machine that slept.
    BackAnHour,
    /// The gateway goes away, or comes back, with the same firmware or another.
    Away(bool),
    Update,
    Revoke,
    RefuseNew(bool),
    GatewayClock(i64),
    Cloud(Said),
    Password(u8),
    Life(i64),
    Poll {
        process: usize,
    },
    /// Somebody types `login`.
    Person,
    Restart {
        process: usize,
    },
    Save,
    Restore,
}

impl Moment {
    pub(crate) fn draw(random: &mut SmallRng) -> Self {
        let process = random.random_range(0..3);
        match random.random_range(0..1000) {
            0..300 => Self::Pass(random.random_range(1..90)),
            300..380 => Self::Pass(random.random_range(1..3 * HOUR)),
            380..385 => Self::Pass(random.random_range(1..40 * DAY)),
            385..388 => Self::BackAnHour,
            388..395 => Self::SetClock([0, 0, -2 * YEAR, 2 * YEAR][random.random_range(0..4)]),
            395..415 => Self::Away(random.random()),
            415..420 => Self::Update,
            420..430 => Self::Revoke,
            430..436 => Self::RefuseNew(random.random()),
            436..440 => Self::GatewayClock([0, -2 * DAY, 5][random.random_range(0..3)]),
            440..460 => Self::Cloud(match random.random_range(0..8) {
                0 => Said::Rejected,
                1 => Said::OneTimeCode,
                2 => Said::Blocked,
                3 => Said::Failed,
                _ => Said::Accepted,
            }),
            460..463 => Self::Password(random.random_range(0..3)),
            463..466 => Self::Life([YEAR, 12 * HOUR, HOUR][random.random_range(0..3)]),
            466..470 => Self::Person,
            470..475 => Self::Restart { process },
            475..477 => Self::Save,
            477..478 => Self::Restore,
            _ => Self::Poll { process },
        }
    }
}

/// A token, and when it really ends.
#[derive(Debug, Clone, Copy)]
struct Token {
    generation: u64,
    validity: Validity,
    renewal: Renewal,
    made: i64,
    ends: i64,
    /// The last revocation before it was made.
    revocations: u64,
}

/// What the store holds for all processes.
#[derive(Debug, Clone, Default)]
struct Store {
    history: History,
    evidence: Evidence,
    vouched: Vouched,
    token: Option<Token>,
    /// When the last issue failed, and how many have in a row.
    failure: Option<(Timestamp, u32)>,
    /// What the judge knows of the evidence: the firmware that was told last.
    firmware: u64,
}

pub(crate) struct Machine {
    pub(crate) judge: Judge,
    /// The real time, s.
    now: i64,
    clock_ahead: i64,
    clock_behind: i64,
    gateway_ahead: i64,
    is_away: bool,
    firmware: u64,
    revocations: u64,
    refuses_new: bool,
    cloud: Said,
    password: u8,
    life: i64,
    store: Store,
    backup: Store,
    /// The token that each process knows.
    known: [Option<Token>; 3],
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            judge: Judge::default(),
            now: 1_700_000_000,
            clock_ahead: 0,
            clock_behind: 0,
            gateway_ahead: 0,
            is_away: false,
            firmware: 1,
            revocations: 0,
            refuses_new: false,
            cloud: Said::Accepted,
            password: 0,
            life: YEAR,
            store: Store::default(),
            backup: Store::default(),
            known: [None; 3],
        }
    }

    pub(crate) fn live(&mut self, moment: &Moment, random: &mut SmallRng) {
        match *moment {
            Moment::Pass(seconds) => self.now += seconds,
            Moment::SetClock(ahead) => self.clock_ahead = ahead,
            Moment::BackAnHour => self.clock_behind = (self.clock_behind + HOUR).min(20 * HOUR),
            Moment::Away(is_away) => self.is_away = is_away,
            Moment::Update => {
                self.firmware += 1;
                self.revocations += 1;
            }
            Moment::Revoke => self.revocations += 1,
            Moment::RefuseNew(refuses) => self.refuses_new = refuses,
            Moment::GatewayClock(ahead) => self.gateway_ahead = ahead,
            Moment::Cloud(said) => self.cloud = said,
            Moment::Password(password) => self.password = password,
            Moment::Life(seconds) => self.life = seconds,
            Moment::Poll { process } => self.poll(process, random.random()),
            Moment::Person => self.person(random.random()),
            Moment::Restart { process } => self.known[process] = None,
            Moment::Save => self.backup = self.store.clone(),
            Moment::Restore => self.restore(),
        }
    }

    /// Whatever was wrong is put right, and a person has done what only a person can.
    pub(crate) fn heal(&mut self) {
        (self.clock_ahead, self.gateway_ahead, self.is_away) = (0, 0, false);
        (self.refuses_new, self.cloud, self.password, self.life) = (false, Said::Accepted, 9, YEAR);
        self.now += 2 * MINUTE;
        self.person(0.5);
    }

    pub(crate) fn is_well(&self) -> bool {
        self.store.token.is_some_and(|token| self.takes(&token))
    }

    /// What the machine's clock shows.
    fn shown(&self) -> Timestamp {
        real(self.now + self.clock_ahead - self.clock_behind)
    }

    fn takes(&self, token: &Token) -> bool {
        self.now < token.ends && token.revocations == self.revocations
    }

    fn trust(&mut self) -> Trust {
        let trust = self.store.vouched.trust(self.shown());
        if trust == Trust::Believed {
            self.store.vouched = self.store.vouched.going_on(self.shown());
        }
        trust
    }

    /// As `Chronicle`: follows the clock, then adds.
    fn add(&mut self, add: impl FnOnce(&mut Evidence, Timestamp)) {
        let (now, trust) = (self.shown(), self.trust());
        self.store.evidence.settle(now, trust);
        add(&mut self.store.evidence, now);
    }

    /// As `Identity::vouch`: who it is, its firmware, its clock. False where it is away.
    fn meet(&mut self) -> bool {
        if self.is_away {
            self.judge.away();
            self.add(Evidence::lost);
            return false;
        }
        let told = std::mem::replace(&mut self.store.firmware, self.firmware);
        let is_updated = told != 0 && told != self.firmware;
        self.judge.answers(self.now, is_updated);
        let gateway = Timestamp::from_second(self.now + self.gateway_ahead).unwrap();
        self.store.vouched = self.store.vouched.and(gateway, self.shown());
        let firmware = self.firmware.to_string();
        self.add(move |evidence, now| evidence.runs(&firmware, now));
        true
    }

    fn poll(&mut self, process: usize, share: f64) {
        if !self.meet() {
            return;
        }
        let stored = self.store.token;
        let known = self.known[process].or(stored);
        let Some(token) = known else { return self.issue(Reason::Missing, share) };
        let shown = self.shown();
        let is_due = shown >= token.renewal.due() && token.validity.expires_at.is_some();
        let has_ended = token.validity.expires_at.is_some_and(|end| end <= shown);
        if (is_due || has_ended) && self.trust() == Trust::Believed && stored_is(stored, &token) {
            self.issue(if has_ended { Reason::Expired } else { Reason::Aging }, share);
            if has_ended {
                return;
            }
        }
        self.use_token(process, token, share);
    }

    fn use_token(&mut self, process: usize, token: Token, share: f64) {
        let mut may = false;
        self.add(|evidence, now| may = evidence.may_check(now));
        if !may {
            return;
        }
        self.judge.check(self.now);
        if self.takes(&token) {
            self.known[process] = self.store.token;
            self.judge.took();
            return self.add(Evidence::accepted);
        }
        // B2: an older generation than the stored one costs nothing but another try.
        if !stored_is(self.store.token, &token) {
            self.known[process] = self.store.token;
            return;
        }
        self.judge.refused(self.now);
        let generation = token.generation;
        self.add(move |evidence, now| evidence.refused(generation, now));
        self.issue(Reason::Refused(generation), share);
    }

    fn person(&mut self, share: f64) {
        if self.meet() {
            self.store.failure = None;
            self.issue(Reason::Wanted, share);
        }
    }

    fn rests(&self, now: Timestamp) -> bool {
        let ten_minutes = Duration::from_secs(600);
        self.store.failure.is_some_and(|(at, count)| {
            let rested_at = later(at, retry_after(count, ten_minutes, 24 * ten_minutes));
            (at..rested_at).contains(&now)
        })
    }

    /// As the keeper and `TokenIssuer`: the rest, the gate, the budget, the cloud, the gateway.
    fn issue(&mut self, why: Reason, share: f64) {
        let now = self.shown();
        self.add(|_, _| {});
        if self.rests(now) || may_ask_cloud(&self.store.evidence, why, now).is_err() {
            return;
        }
        let mark = self.password.to_string();
        let asker = if why == Reason::Wanted { Asker::Person } else { Asker::Program };
        let trust = self.trust();
        self.store.history.settle(now, trust);
        if self.store.history.may_log_in(&mark, asker, now).is_err() {
            return;
        }
        self.store.history.begin(&mark, now);
        self.judge.login(self.now, self.told(why), self.password, self.cloud);
        self.store.history.end(now, outcome(self.cloud), None);
        if self.cloud == Said::Accepted {
            self.adopt(share);
        } else {
            let count = self.store.failure.map_or(0, |(_, count)| count);
            self.store.failure = Some((now, count + 1));
        }
    }

    fn adopt(&mut self, share: f64) {
        // A clock that is behind takes a new token for one of the future.
        let is_taken = !self.refuses_new && self.gateway_ahead >= 0;
        self.judge.new_token(self.now, is_taken);
        if !is_taken {
            return self.add(Evidence::refused_new);
        }
        let now = self.shown();
        let validity = Validity { issued_at: now, expires_at: Some(real(self.now + self.life)) };
        let renewal = Renewal::draw(&validity, share);
        let generation = self.store.token.map_or(0, |token| token.generation) + 1;
        let (made, ends, revocations) = (self.now, self.now + self.life, self.revocations);
        let token = Token { generation, validity, renewal, made, ends, revocations };
        self.store.token = Some(token);
        self.store.failure = None;
        self.add(|evidence, now| {
            evidence.accepted(now);
            evidence.accepted_new();
        });
    }

    fn told(&self, why: Reason) -> Why {
        match (why, self.store.token) {
            (Reason::Wanted, _) => Why::Person,
            (Reason::Refused(_), _) => Why::Refused,
            (Reason::Aging | Reason::Expired, Some(token)) => {
                Why::Ending { left: token.ends - self.now, life: token.ends - token.made }
            }
            _ => Why::Missing,
        }
    }

    /// As `hallpass state import`: all of the backup, but no login is forgotten.
    fn restore(&mut self) {
        let known = std::mem::take(&mut self.store.history);
        self.store = self.backup.clone();
        self.store.history = known.and(std::mem::take(&mut self.store.history));
        self.known = [None; 3];
        self.judge.forget_device();
    }
}

fn stored_is(stored: Option<Token>, token: &Token) -> bool {
    stored.is_some_and(|stored| stored.generation == token.generation)
}

fn real(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn outcome(said: Said) -> Outcome {
    match said {
        Said::Accepted => Outcome::Accepted,
        Said::Rejected => Outcome::Rejected,
        Said::OneTimeCode => Outcome::OneTimeCode,
        Said::Blocked => Outcome::Blocked,
        Said::Failed => Outcome::Failed,
    }
}

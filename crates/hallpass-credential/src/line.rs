//! Whose turn it is to talk to something, and how often it may be talked to (B3).
//!
//! A gateway bears one request at a time and thirty a minute, whoever sends them: a daemon, a cron
//! job, a person. So every process stands in line for it, in a record of the store that names the
//! process whose turn it is and the requests of the last minute. A process that is killed in its
//! turn loses it when its lease ends.

use std::{
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::{
    Clock, Error, ErrorKind, Result,
    store::{Record, Records, Revise, Space},
};

/// The line in front of one device, as one process sees it.
///
/// The tasks of a process share its turn and send one request after the other.
#[derive(Debug)]
pub struct Line {
    records: Records,
    clock: Arc<dyn Clock>,
    name: String,
    rate: Rate,
    patience: Patience,
    /// This process's name in the line; random, so that a reused process number is no one else.
    me: String,
    one_at_a_time: Semaphore,
    turn: Mutex<Turn>,
}

/// How often a device may be sent a request, by all processes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests in any minute.
    pub per_minute: usize,
    /// Requests in any ten seconds.
    pub burst: usize,
}

/// How long a turn or a request may be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience(pub Duration);

impl Rate {
    /// Programs: 30 a minute, 20 at once (B3).
    pub const UNATTENDED: Self = Self { per_minute: 30, burst: 20 };

    /// A person at a terminal: 60 a minute (B3).
    pub const BY_HAND: Self = Self { per_minute: 60, burst: 60 };

    /// As often as one likes: for what is only a lease.
    pub const UNLIMITED: Self = Self { per_minute: usize::MAX, burst: usize::MAX };

    /// The time over which so many requests are to be spread.
    #[must_use]
    pub fn spread(self, requests: usize) -> Duration {
        let seconds = requests.saturating_mul(60) / self.per_minute.max(1);
        Duration::from_secs(seconds.try_into().unwrap_or(u64::MAX))
    }

    /// The earliest time for one more request after those at `recent` (sorted).
    fn next_slot(self, recent: &[Timestamp], now: Timestamp) -> Timestamp {
        let slot = |limit: usize, window: SignedDuration| {
            let earliest = recent.len().checked_sub(limit).map(|first| recent[first] + window);
            earliest.unwrap_or(now)
        };
        now.max(slot(self.per_minute, MINUTE)).max(slot(self.burst, BURST_WINDOW))
    }
}

/// What this process holds of the turn.
#[derive(Debug, Default)]
struct Turn {
    guards: usize,
    /// The requests of the last minute, of all processes, as far as this one knows.
    recent: Vec<Timestamp>,
    /// Those of them that this process has sent and not yet written down.
    unwritten: Vec<Timestamp>,
    /// When the lease was renewed last.
    renewed_at: Option<Timestamp>,
}

/// The line as all processes see it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Standing {
    holder: Option<Holder>,
    recent: Vec<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    id: String,
    until: Timestamp,
}

impl Record for Standing {
    const SPACE: Space = Space::Lease;
    const SCHEMA: u32 = 1;
}

impl Standing {
    /// Adds what a process has sent, and drops what is too old to count. What lies ahead of `now`
    /// was written by a clock that has been set back since: it counts as sent now, lest the step makes
    /// room for more, or the request counts for ever.
    fn add(&mut self, sent: &[Timestamp], now: Timestamp) {
        self.recent.extend(sent);
        self.recent.iter_mut().for_each(|sent| *sent = now.min(*sent));
        self.recent.retain(|sent| sent.duration_until(now) < MINUTE);
        self.recent.sort_unstable();
    }

    /// Whether `me` may take the turn. A lease that ends later than any lease can was written by a
    /// clock that has been set back since; it is void.
    fn is_free_for(&self, me: &str, now: Timestamp) -> bool {
        self.holder.as_ref().is_none_or(|holder| {
            holder.id == me || holder.until <= now || holder.until > now + LEASE + LEASE
        })
    }
}

impl Line {
    /// The line called `name` in `records`.
    pub fn new(
        records: Records,
        clock: Arc<dyn Clock>,
        name: impl Into<String>,
        rate: Rate,
        patience: Patience,
    ) -> Self {
        let me = format!("{:032x}", rand::rng().random::<u128>());
        let (one_at_a_time, turn) = (Semaphore::new(1), Mutex::default());
        Self { records, clock, name: name.into(), rate, patience, me, one_at_a_time, turn }
    }

    /// Waits until it is this process's turn.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when patience ends first; [`ErrorKind::Store`].
    pub async fn enter(self: &Arc<Self>) -> Result<Guard> {
        let _permit = self.one_at_a_time.acquire().await.map_err(closed)?;
        if self.turn().guards == 0 {
            self.take_turn().await?;
        }
        self.turn().guards += 1;
        Ok(Guard { line: Arc::clone(self), left: false })
    }

    /// Writes down a request that was sent outside of the line: a first look, before it is known
    /// who answers.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    pub async fn note(records: &Records, name: &str, sent_at: Timestamp) -> Result<()> {
        let noted = records.update(name, move |standing: Option<Standing>| {
            let mut standing = standing.unwrap_or_default();
            standing.add(&[sent_at], sent_at);
            (Revise::Put(standing), ())
        });
        Ok(noted.await?)
    }

    /// How many requests `rate` allows the line called `name` at `now`, one after the other.
    ///
    /// # Errors
    /// [`ErrorKind::Store`].
    pub async fn left(records: &Records, name: &str, rate: Rate, now: Timestamp) -> Result<usize> {
        let mut standing: Standing = records.load(name).await?.unwrap_or_default();
        standing.add(&[], now);
        Ok(rate.per_minute.saturating_sub(standing.recent.len()))
    }

    async fn take_turn(&self) -> Result<()> {
        let begun = self.clock.now();
        while !self.sign(true).await? {
            self.wait_until_free(begun).await?;
        }
        Ok(())
    }

    /// Looks now and then, without writing: those who wait cost the database little.
    async fn wait_until_free(&self, begun: Timestamp) -> Result<()> {
        let mut told = false;
        loop {
            let now = self.clock.now();
            let waited = begun.duration_until(now);
            if waited >= signed(self.patience.0) {
                let context = "another hallpass is using the device and does not end";
                return Err(Error::new(ErrorKind::Held, context).until(now + LEASE));
            }
            if !told && waited > SignedDuration::from_secs(1) {
                tracing::info!(target: WAITING, "waiting: another hallpass is using the device");
                told = true;
            }
            let jitter = rand::rng().random_range(0.5..1.5);
            self.clock.sleep(POLL.mul_f64(jitter)).await;
            let standing: Option<Standing> = self.records.load(&self.name).await?;
            if standing.is_none_or(|standing| standing.is_free_for(&self.me, self.clock.now())) {
                return Ok(());
            }
        }
    }

    /// Writes down what this process has sent, and whether it holds the turn from now on. False
    /// where the turn is somebody else's.
    async fn sign(&self, holding: bool) -> Result<bool> {
        let (now, me) = (self.clock.now(), self.me.clone());
        let sent = self.turn().unwritten.clone();
        let written = sent.len();
        let signed = self.records.update(&self.name, move |standing: Option<Standing>| {
            let mut standing = standing.unwrap_or_default();
            standing.add(&sent, now);
            let is_ours = standing.is_free_for(&me, now);
            if is_ours {
                standing.holder = holding.then(|| Holder { id: me, until: now + LEASE });
            }
            let recent = standing.recent.clone();
            (Revise::Put(standing), (is_ours, recent))
        });
        let (is_ours, recent) = signed.await?;
        let mut turn = self.turn();
        turn.unwritten.drain(..written);
        turn.recent = recent;
        turn.renewed_at = is_ours.then_some(now);
        Ok(is_ours)
    }

    /// Takes the turn again where its lease has ended: after a long wait, or a machine's sleep.
    async fn keep_turn(&self) -> Result<()> {
        let renewed_at = self.turn().renewed_at;
        let now = self.clock.now();
        match renewed_at {
            Some(at) if (at..at + LEASE).contains(&now) => Ok(()),
            _ => self.take_turn().await,
        }
    }

    async fn wait_for_slot(&self) -> Result<()> {
        let now = self.clock.now();
        let slot = self.rate.next_slot(&self.turn().recent, now);
        let wait = Duration::try_from(now.duration_until(slot)).unwrap_or_default();
        if wait > self.patience.0 {
            let context = "the device was asked as often as hallpass allows in a minute";
            return Err(Error::new(ErrorKind::Held, context).until(slot));
        }
        if wait > Duration::from_secs(1) {
            let seconds = wait.as_secs();
            tracing::info!(target: WAITING, "waiting {seconds} s: the device bears no more requests now");
        }
        if !wait.is_zero() {
            self.alive(self.clock.sleep(wait)).await;
        }
        Ok(())
    }

    fn count_request(&self) {
        if self.rate == Rate::UNLIMITED {
            return;
        }
        let now = self.clock.now();
        let mut turn = self.turn();
        turn.recent.push(now);
        turn.unwritten.push(now);
    }

    /// Runs `work` and keeps the lease while it runs. A lease that cannot be kept is no reason to
    /// give up what is under way: a write cannot be taken back.
    async fn alive<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            let renewed = self.turn().renewed_at.unwrap_or(Timestamp::MIN);
            if renewed.duration_until(self.clock.now()) >= HEARTBEAT
                && let Err(error) = self.sign(true).await
            {
                tracing::warn!(%error, "the turn with the device is not renewed");
            }
            let rest = Duration::try_from(HEARTBEAT).unwrap_or_default();
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = self.clock.sleep(rest) => {}
            }
        }
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// It is this process's turn while one of these lives.
///
/// [`leave`](Self::leave) hands the turn on at once; one that is merely dropped, as when a caller
/// is cancelled, keeps others waiting until its lease of ten seconds ends.
#[derive(Debug)]
pub struct Guard {
    line: Arc<Line>,
    left: bool,
}

impl Guard {
    /// Runs `work`, which sends one request, when the rate allows it and no other request of this
    /// process is under way.
    ///
    /// # Errors
    /// [`ErrorKind::Held`] when the rate asks for more patience than there is;
    /// [`ErrorKind::Store`].
    pub async fn request<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        let _permit = self.line.one_at_a_time.acquire().await.map_err(closed)?;
        self.line.wait_for_slot().await?;
        self.line.keep_turn().await?;
        self.line.count_request();
        Ok(self.line.alive(work).await)
    }

    /// Counts one more request, which was sent within another.
    pub fn count_request(&self) {
        self.line.count_request();
    }

    /// Whether no other task of this process shares the turn.
    pub fn is_last(&self) -> bool {
        self.line.turn().guards == 1
    }

    /// Hands the turn on.
    ///
    /// # Errors
    /// [`ErrorKind::Store`]; the turn then ends with its lease.
    pub async fn leave(mut self) -> Result<()> {
        let _permit = self.line.one_at_a_time.acquire().await.map_err(closed)?;
        self.left = true;
        let last = {
            let mut turn = self.line.turn();
            turn.guards -= 1;
            turn.guards == 0
        };
        if last { self.line.sign(false).await.map(|_| ()) } else { Ok(()) }
    }

    /// Hands the turn on; where that cannot be written, it ends with its lease. What was obtained
    /// in the turn is worth more than its tidy end.
    pub async fn leave_or_log(self) {
        if let Err(error) = self.leave().await {
            tracing::warn!(%error, "the turn with the device is not handed on");
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.left {
            self.line.turn().guards -= 1;
        }
    }
}

/// Log events that tell a person why nothing happens.
pub const WAITING: &str = "hallpass::waiting";

const MINUTE: SignedDuration = SignedDuration::from_secs(60);
const BURST_WINDOW: SignedDuration = SignedDuration::from_secs(10);

/// A killed process holds the others up no longer than this (S8 allows 15 s).
const LEASE: SignedDuration = SignedDuration::from_secs(10);
const HEARTBEAT: SignedDuration = SignedDuration::from_secs(3);

/// How often those who wait look whether it is their turn.
const POLL: Duration = Duration::from_millis(20);

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

fn closed(_: tokio::sync::AcquireError) -> Error {
    Error::new(ErrorKind::Held, "the line is closed")
}

#[cfg(test)]
mod tests;

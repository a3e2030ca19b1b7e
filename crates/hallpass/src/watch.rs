//! Watching a device: polls without end, and what there is to tell of them.
//!
//! One task polls, so polls never overlap. Sessions, tokens and logins are the gateway's own
//! business, within their budgets; here is only when to poll, and what an outage means.

mod daylight;
mod news;
mod outage;
mod pace;
mod picture;

use std::{convert::Infallible, mem, time::Duration};

use anyhow::{Error as AnyError, Result};
use hallpass_credential::{Error, ErrorKind, later};
use hallpass_enphase::{Gateway, Role, Snapshot};
use hallpass_store::Device;
use jiff::Timestamp;

use crate::{
    access::{Access, gateway},
    aftermath::{describe, settle},
    changes::{Change, Known},
    context::Context,
    exit::Exit,
    means::{Means, Seeker, held_token},
    neighbour::or_neighbour,
    problem::{OrAbout, Problem},
    report::Report,
    secret_input::Brought,
    suspension::{presented, require_not_suspended, resume},
    target::by_serial_number,
    upgrade::{Upgraded, is_sign},
};
use daylight::Light;
use outage::{Outage, helps, retry_at};
use pace::{Outcome, Pace};

pub(crate) use daylight::Place;
pub(crate) use news::News;
pub(crate) use pace::LEAST;
pub(crate) use picture::Picture;

/// A device that is polled until somebody ends it.
pub(crate) struct Watch<'a> {
    context: &'a Context,
    device: Device,
    gateway: Gateway,
    wanted: Wanted,
    pace: Pace,
    /// None until it was read once.
    known: Option<Known>,
    last: Option<Snapshot>,
    outage: Option<Outage>,
    is_slowed: bool,
    /// Whether there was something that opens the device.
    was_logged_in: bool,
}

/// What a person wants of a watch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// How often to poll.
    pub(crate) every: Duration,
    /// Where the sun must be up.
    pub(crate) daylight: Option<Place>,
}

/// What one poll gave.
struct Polled {
    snapshot: Snapshot,
    role: Option<Role>,
    changes: Vec<Change>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(context: &'a Context, access: Access, wanted: Wanted) -> Self {
        let Access { device, gateway } = access;
        let pace = Pace::starting(wanted.every, context.clock.now());
        Self {
            context,
            device,
            gateway,
            wanted,
            pace,
            known: None,
            last: None,
            outage: None,
            is_slowed: false,
            was_logged_in: false,
        }
    }

    /// Polls at once, then at its pace, and hands on what there is to tell.
    ///
    /// # Errors
    /// Those of `tell`, and what time does not mend: a person must log in and nothing says when it may
    /// be tried again ([`Exit::NeedsLogin`]); from the start, the device is another one
    /// ([`Exit::IdentityChanged`]) or the role does not reach so far ([`Exit::Forbidden`]).
    ///
    /// # Cancellation
    /// The device may be asked nothing by other processes until the lease of a turn has ended.
    pub(crate) async fn run(
        mut self,
        mut tell: impl FnMut(&News<'_>) -> Result<()>,
    ) -> Result<Infallible> {
        loop {
            self.wait_for_poll().await;
            self.sit_out_the_night(&mut tell).await?;
            match self.poll().await {
                Ok(polled) => self.take(polled, &mut tell)?,
                Err(error) => self.miss(error, &mut tell).await?,
            }
        }
    }

    async fn poll(&mut self) -> Result<Polled> {
        self.recall().await?;
        if self.known.is_none() {
            self.known = Some(Known::of(self.context, &self.device).await?);
        }
        let read = match self.read().await {
            Ok(read) => read,
            Err(error) => {
                Err(Box::pin(or_neighbour(presented(&error), error, self.context)).await)?
            }
        };
        let snapshot = settle(self.context, &self.device, Ok(read)).await?;
        describe(self.context, &self.device, &snapshot.device).await?;
        let token = held_token(self.context, &self.device).await?;
        let role = token.map(|held| held.credential.role().clone());
        let update = self.gateway.last_update().await;
        let changes = self.known.as_mut().map(|known| known.now(update, role.as_ref()));
        let changes = changes.unwrap_or_default();
        for change in &changes {
            change.audit(self.context, &self.device).await?;
        }
        Ok(Polled { snapshot, role, changes })
    }

    /// Whoever waits for the first reading sees what for; later there is something to look at.
    async fn read(&self) -> Result<Snapshot, Error> {
        let reading = Box::pin(self.gateway.read());
        match (&self.last, &self.outage) {
            (None, None) => self.context.output.waiting("reading the gateway", reading).await,
            _ => reading.await,
        }
    }

    /// Looks what other processes know of the device by now: they may have suspended it, forgotten
    /// it or logged out of it.
    async fn recall(&mut self) -> Result<()> {
        let known = by_serial_number(&self.context.state.records, self.device.serial_number());
        let forgotten = || {
            Problem::new(Exit::NeedsLogin, "somebody had this device forgotten")
                .hint("`hallpass login` with its address makes it known again")
        };
        let known = known.await?.ok_or_else(forgotten)?;
        let before = mem::replace(&mut self.device, known);
        // It may be watched elsewhere than where it usually is, and it may have moved since.
        self.device.address = self.gateway.address();
        if self.device.pin != before.pin {
            self.open_anew().await?;
        }
        if self.device.suspension.is_some() {
            self.require_itself().await?;
        }
        let token = held_token(self.context, &self.device).await?;
        let is_logged_in = self.device.account.is_some() || token.is_some();
        if mem::replace(&mut self.was_logged_in, is_logged_in) && !is_logged_in {
            return Err(Error::new(ErrorKind::NeedsLogin, "somebody logged out of it").into());
        }
        Ok(())
    }

    /// A device that is suspended is asked nothing but who it is. Once it proves what it is known by,
    /// it is no other one.
    async fn require_itself(&mut self) -> Result<()> {
        if self.gateway.recognise().await.is_err() {
            return Ok(require_not_suspended(&self.device)?);
        }
        self.device.suspension = None;
        resume(self.context, &self.device).await
    }

    /// The same device by another key: somebody has accepted it, or it is its first one.
    async fn open_anew(&mut self) -> Result<()> {
        let means =
            Means::find(self.context, &self.device, Brought::Nothing, None, Seeker::OneShot);
        self.gateway = gateway(self.context, &self.device, means.await?.login)?;
        Ok(())
    }

    fn take(
        &mut self,
        polled: Polled,
        tell: &mut impl FnMut(&News<'_>) -> Result<()>,
    ) -> Result<()> {
        let now = self.now();
        let bearable = self.gateway.bearable_interval();
        self.pace = self.pace.after(Outcome::Read { bearable }, now);
        let name = self.device.name().as_str();
        if let Some(outage) = self.outage.take() {
            tell(&News::Back { name, after: outage.lasted(now) })?;
        }
        for change in &polled.changes {
            tell(&News::Changed { name, change })?;
        }
        if bearable > self.wanted.every && !mem::replace(&mut self.is_slowed, true) {
            tell(&News::Slowed { to: bearable })?;
        }
        let Polled { snapshot, role, .. } = polled;
        let report = &Report::new(&self.device, role.as_ref(), &snapshot);
        let is_change = self.last.as_ref().is_none_or(|last| snapshot.differs_from(last));
        let (taken_at, next) = (snapshot.taken_at, self.pace.due());
        tell(&News::Reading { report, taken_at, is_change, next })?;
        self.last = Some(snapshot);
        Ok(())
    }

    async fn miss(
        &mut self,
        error: AnyError,
        tell: &mut impl FnMut(&News<'_>) -> Result<()>,
    ) -> Result<()> {
        let now = self.now();
        self.pace = self.pace.after(Outcome::Failed { retry_at: retry_at(&error) }, now);
        let outage = self.outage.get_or_insert_with(|| Outage::beginning(now));
        let is_news = outage.is_news(helps(&error, now));
        let may_be_upgrade = error.downcast_ref().is_some_and(|error| is_sign(error, &self.device));
        let error = if is_news || may_be_upgrade { self.settled(error).await } else { error };
        let error = match error.downcast::<Upgraded>() {
            Ok(Upgraded(change)) => return Box::pin(self.reopen(&change, tell)).await,
            Err(error) => error,
        };
        if self.is_final(&error) {
            return Err(error);
        }
        if !is_news {
            return Ok(());
        }
        let Err(error) = Err::<Infallible, _>(error).or_about("read", self.device.name().as_str());
        tell(&News::Lost { error: &error, helps: helps(&error, now) })
    }

    /// Goes on with a gateway whose first key is trusted now, at once: it has been there for a while.
    async fn reopen(
        &mut self,
        change: &Change,
        tell: &mut impl FnMut(&News<'_>) -> Result<()>,
    ) -> Result<()> {
        self.recall().await?;
        self.pace = Pace::starting(self.wanted.every, self.now());
        tell(&News::Changed { name: self.device.name().as_str(), change })
    }

    /// The error with what is found out about it, once in an outage: to ask more often than the
    /// gateway itself would be unkind to one that is down.
    async fn settled(&self, error: AnyError) -> AnyError {
        match error.downcast::<Error>() {
            Ok(error) if self.device.suspension.is_none() => {
                let Err(error) = settle::<Infallible>(self.context, &self.device, Err(error)).await;
                error
            }
            Ok(suspended) => suspended.into(),
            Err(error) => error,
        }
    }

    /// Whether trying again is of no use.
    fn is_final(&self, error: &AnyError) -> bool {
        match Exit::of(error) {
            Exit::Usage => true,
            Exit::NeedsLogin => retry_at(error).is_none(),
            Exit::Forbidden | Exit::IdentityChanged => self.last.is_none(),
            _ => false,
        }
    }

    /// Waits until a poll is due; where the device is suspended, until somebody accepts what it is now.
    async fn wait_for_poll(&self) {
        let due = self.pace.due();
        while self.device.suspension.is_some() && self.now() < due {
            self.wait_until(due.min(later(self.now(), GLANCE))).await;
            let known = by_serial_number(&self.context.state.records, self.device.serial_number());
            if known.await.is_ok_and(|known| known.is_some_and(|it| it.suspension.is_none())) {
                return;
            }
        }
        self.wait_until(due).await;
    }

    async fn sit_out_the_night(
        &self,
        tell: &mut impl FnMut(&News<'_>) -> Result<()>,
    ) -> Result<()> {
        let Some(place) = self.wanted.daylight else { return Ok(()) };
        let mut is_told = false;
        while let Light::Down { until } = place.light(self.now()) {
            if !mem::replace(&mut is_told, true) {
                tell(&News::Asleep { until })?;
            }
            self.wait_until(until.min(later(self.now(), NAP))).await;
        }
        Ok(())
    }

    /// Waits until the wall clock shows `moment`, or would have shown it had nobody set it back. It
    /// is looked at now and then: while a machine sleeps, only that clock goes on.
    async fn wait_until(&self, moment: Timestamp) {
        let mut patience = self.left_until(moment) + SLACK;
        loop {
            let nap = self.left_until(moment).min(NAP).min(patience);
            if nap.is_zero() {
                return;
            }
            self.context.clock.sleep(nap).await;
            patience -= nap;
        }
    }

    fn left_until(&self, moment: Timestamp) -> Duration {
        Duration::try_from(self.now().duration_until(moment)).unwrap_or_default()
    }

    fn now(&self) -> Timestamp {
        self.context.clock.now()
    }
}

/// How long nobody looks whether a suspended device was accepted.
const GLANCE: Duration = Duration::from_secs(10);

/// How long nobody looks at the wall clock.
const NAP: Duration = Duration::from_secs(60);

/// The two clocks may disagree a little; to be late by this does no harm, to be early might.
const SLACK: Duration = Duration::from_secs(1);

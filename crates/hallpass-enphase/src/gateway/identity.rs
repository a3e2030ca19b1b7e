//! Who a gateway is, by its own word, over a link that has proven its key.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use hallpass_credential::{
    Clock, Error, ErrorKind, Result, later,
    store::{Record, Records, Revise, Space},
};
use hallpass_transport::{KeyPin, Reply};
use http::Request;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{chronicle::Chronicle, link::Link};
use crate::{Endpoint, Info, endpoint::IDENTITY_HOLDS_FOR, sighting::understand_info};

/// The gateway that was enrolled, and what it said of itself last.
#[derive(Debug)]
pub(crate) struct Identity {
    serial_number: String,
    /// With a key, whoever answers is proven by the connection; without, by its word, each time.
    key: Option<KeyPin>,
    link: Arc<Link>,
    records: Records,
    clock: Arc<dyn Clock>,
    chronicle: Chronicle,
    known: Mutex<Option<Said>>,
}

/// What a gateway said of itself, and when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Said {
    info: Info,
    at: Timestamp,
}

impl Record for Said {
    const SPACE: Space = Space::Plan;
    const SCHEMA: u32 = 1;
}

impl Said {
    fn is_within(&self, span: Duration, now: Timestamp) -> bool {
        (self.at..later(self.at, span)).contains(&now)
    }
}

impl Identity {
    pub(crate) fn new(
        serial_number: String,
        key: Option<KeyPin>,
        link: Arc<Link>,
        records: Records,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let chronicle = Chronicle::new(&serial_number, records.clone(), Arc::clone(&clock));
        Self { serial_number, key, link, records, clock, chronicle, known: Mutex::default() }
    }

    pub(crate) fn serial_number(&self) -> &str {
        &self.serial_number
    }

    /// What the gateway did, as all processes know it.
    pub(crate) fn chronicle(&self) -> &Chronicle {
        &self.chronicle
    }

    /// Sends one request, and writes down what the answer tells of the gateway.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Reply> {
        let answered = self.link.send(request).await;
        self.chronicle.note(&answered).await;
        answered
    }

    /// By how much the gateway's clock is ahead of ours, as it said last.
    pub(crate) fn clock_lead(&self) -> Option<SignedDuration> {
        let said = self.known()?;
        Some(said.at.duration_until(said.info.time?))
    }

    /// What the gateway said within the hour, to any process; without a key, what it said within the
    /// minute, to this one: another gateway may have its address now. Or what it says now.
    pub(crate) async fn info(&self) -> Result<Info> {
        let now = self.clock.now();
        let span = self.key.map_or(VOUCHED_FOR, |_| IDENTITY_HOLDS_FOR);
        if let Some(said) = self.known().filter(|said| said.is_within(span, now)) {
            return Ok(said.info);
        }
        let stored: Option<Said> = match self.key {
            Some(_) => self.records.load(&self.record_name()).await?,
            None => None,
        };
        match stored.filter(|said| said.is_within(IDENTITY_HOLDS_FOR, now)) {
            Some(said) => {
                *self.lock() = Some(said.clone());
                Ok(said.info)
            }
            None => self.ask().await,
        }
    }

    /// The gateway is there, and is the one that was enrolled: now, or within the last minute.
    pub(crate) async fn vouch(&self) -> Result<()> {
        match self.known() {
            Some(said) if said.is_within(VOUCHED_FOR, self.clock.now()) => Ok(()),
            _ => self.ask().await.map(|_| ()),
        }
    }

    /// Something was not as expected: what the gateway said may be out of date.
    pub(crate) async fn doubt(&self) {
        *self.lock() = None;
        if let Err(error) = self.records.remove::<Said>(&self.record_name()).await {
            tracing::warn!(%error, "what the gateway said of itself is not forgotten");
        }
    }

    async fn ask(&self) -> Result<Info> {
        let info = match self.ask_here().await {
            // Without a key, only its word tells that it is another one.
            Err(error)
                if is_stranger(&error)
                    && self.key.is_none()
                    && Box::pin(self.link.find()).await? =>
            {
                Box::pin(self.ask_here()).await?
            }
            asked => asked?,
        };
        self.chronicle.introduced(info.firmware.to_string(), info.time).await;
        let said = Said { info: info.clone(), at: self.clock.now() };
        *self.lock() = Some(said.clone());
        let put = |_: Option<Said>| (Revise::Put(said), ());
        if let Err(error) = self.records.update(&self.record_name(), put).await {
            tracing::warn!(%error, "what the gateway says of itself is not written down");
        }
        Ok(info)
    }

    async fn ask_here(&self) -> Result<Info> {
        let info = match understand_info(&self.send(Endpoint::Info.request()).await?) {
            Err(error) if error.kind() == ErrorKind::Unreachable => {
                self.chronicle.lost().await;
                return Err(error);
            }
            info => info?,
        };
        if info.serial_number == self.serial_number {
            return Ok(info);
        }
        let context = format!("the gateway that answers is {}", info.serial_number);
        Err(Error::new(ErrorKind::IdentityChanged, context))
    }

    fn record_name(&self) -> String {
        format!("info/{}", self.serial_number)
    }

    fn known(&self) -> Option<Said> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Said>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether somebody else has answered.
fn is_stranger(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::IdentityChanged | ErrorKind::NotADevice)
}

/// How long a gateway that was there is taken to be there.
const VOUCHED_FOR: Duration = Duration::from_secs(60);

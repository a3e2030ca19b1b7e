//! Who a gateway is, by its own word, over a link that has proven its key.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hallpass_credential::{Clock, Error, ErrorKind, Result, later};
use jiff::Timestamp;

use super::link::Link;
use crate::{
    Info,
    sighting::{info_request, understand_info},
};

/// The gateway that was enrolled, and what it said of itself last.
#[derive(Debug)]
pub(crate) struct Identity {
    serial_number: String,
    link: Arc<Link>,
    clock: Arc<dyn Clock>,
    known: Mutex<Option<(Info, Timestamp)>>,
}

impl Identity {
    pub(crate) fn new(serial_number: String, link: Arc<Link>, clock: Arc<dyn Clock>) -> Self {
        Self { serial_number, link, clock, known: Mutex::default() }
    }

    pub(crate) fn serial_number(&self) -> &str {
        &self.serial_number
    }

    /// What the gateway said in this process before, or says now.
    pub(crate) async fn info(&self) -> Result<Info> {
        match self.known() {
            Some((info, _)) => Ok(info),
            None => self.ask().await,
        }
    }

    /// The gateway is there, and is the one that was enrolled: now, or within the last minute.
    pub(crate) async fn vouch(&self) -> Result<()> {
        let now = self.clock.now();
        match self.known() {
            Some((_, at)) if (at..later(at, VOUCHED_FOR)).contains(&now) => Ok(()),
            _ => self.ask().await.map(|_| ()),
        }
    }

    fn known(&self) -> Option<(Info, Timestamp)> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask(&self) -> Result<Info> {
        let info = understand_info(&self.link.send(info_request()).await?)?;
        if info.serial_number != self.serial_number {
            let context = format!("the gateway that answers is {}", info.serial_number);
            return Err(Error::new(ErrorKind::IdentityChanged, context));
        }
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((info.clone(), self.clock.now()));
        Ok(info)
    }
}

/// How long a gateway that was there is taken to be there.
const VOUCHED_FOR: Duration = Duration::from_secs(60);

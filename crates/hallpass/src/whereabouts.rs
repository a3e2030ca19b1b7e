//! Where devices are, as far as this machine knows and the network tells.

use std::{
    fmt,
    sync::{Arc, Once},
};

use anyhow::Result;
use futures_util::future::{BoxFuture, FutureExt};
use hallpass_credential::{Clock, WAITING};
use hallpass_enphase::Locator;

use crate::{state::State, target::by_serial_number};

/// Looks for devices that are not where they were, and keeps where they are found.
pub(crate) struct Whereabouts {
    pub(crate) state: State,
    pub(crate) clock: Arc<dyn Clock>,
    /// Who else may know.
    pub(crate) hearsay: Arc<dyn Locator>,
    /// A person is told once what is waited for; an outage of a night fills no log.
    pub(crate) told: Once,
}

impl Locator for Whereabouts {
    /// Another process may have found it already.
    fn locate<'a>(&'a self, serial_number: &'a str) -> BoxFuture<'a, Vec<String>> {
        self.told.call_once(|| {
            tracing::info!(target: WAITING, "waiting: looking for device {serial_number} on the network");
        });
        let located = async move {
            let known = by_serial_number(&self.state.records, serial_number).await;
            let mut addresses: Vec<_> =
                known.ok().flatten().map(|device| device.address).into_iter().collect();
            addresses.extend(self.hearsay.locate(serial_number).await);
            addresses
        };
        located.boxed()
    }

    fn found<'a>(&'a self, serial_number: &'a str, address: &'a str) -> BoxFuture<'a, ()> {
        let kept = async move {
            if let Err(error) = self.keep(serial_number, address).await {
                tracing::warn!(%error, "where the device is now is not written down");
            }
        };
        kept.boxed()
    }
}

impl Whereabouts {
    async fn keep(&self, serial_number: &str, address: &str) -> Result<()> {
        let known = by_serial_number(&self.state.records, serial_number).await?;
        let Some(known) = known.filter(|known| known.address != address) else { return Ok(()) };
        let (name, old) = (known.name(), &known.address);
        tracing::warn!("{name} has moved: it is at {address} now, no longer at {old}");
        let new = address.to_owned();
        let kept = self.state.devices.update(serial_number, move |device| device.address = new);
        kept.await?;
        let detail = format!("from {old} to {address}");
        self.state.audit(self.clock.now(), serial_number, "moved", detail).await
    }
}

impl fmt::Debug for Whereabouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Whereabouts").field("hearsay", &self.hearsay).finish_non_exhaustive()
    }
}

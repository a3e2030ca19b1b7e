//! Endpoints that refuse for ever: they are left in peace for a day.

use std::collections::BTreeMap;
use std::time::Duration;

use hallpass_credential::later;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Endpoint;

/// The endpoints that refused, although the gateway lets us in.
///
/// A refusal costs a new session before it is believed, so an endpoint that has refused twice is
/// not asked again for a day, or until the firmware changes or somebody logs in anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parking(BTreeMap<Endpoint, Refusals>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Refusals {
    status: u16,
    count: u8,
    last: Timestamp,
}

impl Parking {
    /// The status with which a parked endpoint refused. A time ahead was written by a clock that
    /// has been set back since.
    pub(super) fn refusal(&self, endpoint: Endpoint, now: Timestamp) -> Option<u16> {
        let refusals = self.0.get(&endpoint)?;
        let is_parked = refusals.count >= BELIEVED_AFTER
            && refusals.last <= now
            && now < later(refusals.last, PARKED_FOR);
        is_parked.then_some(refusals.status)
    }

    /// All that are parked, with the status of their refusal.
    pub(super) fn parked(&self, now: Timestamp) -> impl Iterator<Item = (Endpoint, u16)> {
        let refusal = move |endpoint: &Endpoint| Some((*endpoint, self.refusal(*endpoint, now)?));
        self.0.keys().filter_map(refusal)
    }

    /// Takes in that an endpoint refused.
    pub(super) fn refused(&mut self, endpoint: Endpoint, status: u16, now: Timestamp) {
        let count = self.0.get(&endpoint).map_or(0, |refusals| refusals.count);
        let refusals = Refusals { status, count: count.saturating_add(1), last: now };
        self.0.insert(endpoint, refusals);
    }

    /// Takes in that an endpoint answered, whatever it did.
    pub(super) fn answered(&mut self, endpoint: Endpoint) {
        self.0.remove(&endpoint);
    }
}

const BELIEVED_AFTER: u8 = 2;
const PARKED_FOR: Duration = Duration::from_secs(24 * 3600);

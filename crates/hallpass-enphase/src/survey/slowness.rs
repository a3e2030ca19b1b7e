//! Endpoints that take so long that they hold up all others: they are asked seldom (G8).

use std::collections::BTreeMap;
use std::time::Duration;

use hallpass_credential::later;
use jiff::Timestamp;

use crate::Endpoint;

/// The endpoints that were slow when they were asked last.
///
/// Twice in a row is believed: once may be a gateway that begins to hang. From then on such an
/// endpoint is asked again after 5 minutes, and later and later while it stays slow; one quick
/// answer makes it like any other. All of it lives in the process: who asks once means now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slowness(BTreeMap<Endpoint, Delays>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Delays {
    count: u32,
    last: Timestamp,
}

impl Slowness {
    /// Takes in that the gateway took so long for an answer, or never answered in that time.
    pub(super) fn took(&mut self, endpoint: Endpoint, time: Duration, now: Timestamp) {
        if time < SLOW {
            self.0.remove(&endpoint);
            return;
        }
        let count = self.0.get(&endpoint).map_or(0, |delays| delays.count);
        self.0.insert(endpoint, Delays { count: count.saturating_add(1), last: now });
    }

    /// Whether an endpoint is left in peace for now. A time ahead was written by a clock that has
    /// been set back since.
    pub(super) fn spares(&self, endpoint: Endpoint, now: Timestamp) -> bool {
        self.0.get(&endpoint).is_some_and(|delays| {
            let rest = delays.rest();
            !rest.is_zero() && (delays.last..later(delays.last, rest)).contains(&now)
        })
    }
}

impl Delays {
    fn rest(self) -> Duration {
        match self.count.checked_sub(BELIEVED_AFTER) {
            Some(more) => LEAST_REST.saturating_mul(1 << more.min(8)).min(LONGEST_REST),
            None => Duration::ZERO,
        }
    }
}

/// Healthy gateways take up to 10 s for their slowest endpoint, some of firmware 8.3 up to 30 s
/// now and then.
const SLOW: Duration = Duration::from_secs(20);

const BELIEVED_AFTER: u32 = 2;
const LEAST_REST: Duration = Duration::from_secs(5 * 60);

/// Within the hour for which the last answer stands in.
const LONGEST_REST: Duration = Duration::from_secs(40 * 60);

#[cfg(test)]
mod tests;

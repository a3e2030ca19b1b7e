//! What clients could know of whether a gateway is there, and what they asked of it while it was not (B3).

use jiff::{SignedDuration, Timestamp};

use super::load::Rolling;
use crate::firmware::Numbers;

/// A gateway's outages as its clients meet them. What nobody met, nobody could know.
#[derive(Debug)]
pub(super) struct Presence {
    /// Requests that met an outage which those before them had shown a minute ago or longer.
    pub(super) asked: Rolling,
    /// Requests after an outage was shown that were about something else than who the gateway is.
    pub(super) strayed: usize,
    /// The outage that is not known to be over.
    lost: Option<Loss>,
    back: Option<Return>,
    firmware: Option<Numbers>,
}

/// The beginning of an outage as the clients know it.
#[derive(Debug, Clone, Copy)]
struct Loss {
    at: Timestamp,
    /// How many requests have met it.
    met: usize,
    /// When there were enough of them to show it.
    shown: Option<Timestamp>,
}

/// The end of an outage as the clients know it: the first request that was met well.
#[derive(Debug, Clone, Copy)]
struct Return {
    at: Timestamp,
    is_updated: bool,
}

/// One request may be lost by itself, as where a single endpoint is slow; after a second one a client asks who the
/// gateway is, and that shows an outage.
const SHOWN_BY: usize = 3;

/// A request a minute may be this early: what one waits for before it is sent differs. What is asked sooner after an
/// outage was shown, such as whether plain http is answered, belongs to finding out.
const NEARLY_A_MINUTE: SignedDuration = SignedDuration::from_secs(55);

/// So long a gateway that is back is not believed when it refuses a token (B5): five minutes, of which an answer and a
/// login may have spent some seconds on their way.
const SETTLING: SignedDuration = SignedDuration::from_secs(295);

/// The same where it is back with another firmware: two minutes.
const SETTLING_AFTER_UPDATE: SignedDuration = SignedDuration::from_secs(115);

/// A gateway that answered so lately was rightly taken to be there.
const VOUCHED_FOR: SignedDuration = SignedDuration::from_secs(60);

impl Default for Presence {
    fn default() -> Self {
        Self {
            asked: Rolling::over(NEARLY_A_MINUTE),
            strayed: 0,
            lost: None,
            back: None,
            firmware: None,
        }
    }
}

impl Presence {
    /// A request met a gateway that is there, with this firmware.
    pub(super) fn met(&mut self, firmware: Numbers, now: Timestamp) {
        let before = self.firmware.replace(firmware);
        if self.lost.take().is_some() {
            let is_updated = before.is_some_and(|before| before != firmware);
            self.back = Some(Return { at: now, is_updated });
        }
    }

    /// A request for `path` met an outage.
    pub(super) fn missed(&mut self, path: &str, now: Timestamp) {
        if let Some(shown) = self.lost.and_then(|lost| lost.shown) {
            self.strayed += usize::from(!IDENTITY.contains(&path));
            if now.duration_since(shown) >= NEARLY_A_MINUTE {
                self.asked.note(now);
            }
        }
        self.turned_away(now);
    }

    /// A connection was refused.
    pub(super) fn turned_away(&mut self, now: Timestamp) {
        let lost = self.lost.get_or_insert(Loss { at: now, met: 0, shown: None });
        lost.met += 1;
        if lost.met == SHOWN_BY {
            lost.shown = Some(now);
        }
    }

    /// Whether the clients know that it is away, and have known for longer than they may take it to be there.
    pub(super) fn is_away(&self, now: Timestamp) -> bool {
        self.lost.is_some_and(|lost| now.duration_since(lost.at) > VOUCHED_FOR)
    }

    /// Whether it is back so lately that a refusal of a token proves nothing.
    pub(super) fn is_settling(&self, now: Timestamp) -> bool {
        self.back.is_some_and(|back| {
            let span = if back.is_updated { SETTLING_AFTER_UPDATE } else { SETTLING };
            now.duration_since(back.at) < span
        })
    }
}

/// Where a gateway says who it is.
const IDENTITY: [&str; 2] = ["/info", "/info.xml"];

#[cfg(test)]
mod tests;

//! What a gateway said of the tokens that it was shown: the causes that a login can have (B5, B6).

use jiff::{SignedDuration, Timestamp};

use super::presence::Presence;

/// A gateway's word on tokens, since it took one.
#[derive(Debug, Default)]
pub(super) struct Trust {
    accepted: Option<Life>,
    /// The first and the last refusal since then.
    refused: Option<(Timestamp, Timestamp)>,
}

/// From when to when a token is good.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    pub(super) issued: Timestamp,
    pub(super) expires: Timestamp,
}

/// What a login was for. A later one outweighs those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// The token that was accepted last is good, and nothing else was said of it.
    Nothing,
    /// A token was refused once, or several times within a moment.
    OneRefusal,
    /// A token was refused by a gateway that had just come back.
    Settling,
    /// Whatever it was for, the gateway is away.
    Away,
    /// No token was ever accepted, it is in its last days, or it was definitely refused.
    Sound,
}

impl Trust {
    pub(super) fn accept(&mut self, life: Life) {
        *self = Self { accepted: Some(life), refused: None };
    }

    pub(super) fn refuse(&mut self, now: Timestamp) {
        let first = self.refused.map_or(now, |(first, _)| first);
        self.refused = Some((first, now));
    }

    /// What a login at `now` was for, as far as this gateway goes.
    pub(super) fn cause(&self, presence: &Presence, now: Timestamp) -> Cause {
        let Some(life) = self.accepted else { return Cause::Sound };
        let apart = self.refused.map(|(first, last)| last.duration_since(first));
        match apart {
            _ if presence.is_away(now) => Cause::Away,
            _ if life.is_ending(now) => Cause::Sound,
            None => Cause::Nothing,
            Some(apart) if apart < REFUSALS_APART => Cause::OneRefusal,
            Some(_) if presence.is_settling(now) => Cause::Settling,
            Some(_) => Cause::Sound,
        }
    }
}

impl Life {
    /// Whether less is left than 30 days or a third, by a clock that may be a day ahead.
    fn is_ending(self, now: Timestamp) -> bool {
        let window = (self.expires.duration_since(self.issued) / 3).min(LAST_DAYS);
        self.expires.duration_since(now) < window + CLOCK_DOUBT
    }
}

impl Cause {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Nothing => "the gateway takes the token that there is",
            Self::OneRefusal => "the gateway refused the token once only",
            Self::Settling => "the gateway that refused the token had just come back",
            Self::Away => "the gateway is away",
            Self::Sound => "a token was needed",
        }
    }
}

/// Two refusals a minute apart are definite; what they wait for on their way differs.
const REFUSALS_APART: SignedDuration = SignedDuration::from_secs(50);

const LAST_DAYS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A clock this far off is trusted still (B6).
const CLOCK_DOUBT: SignedDuration = SignedDuration::from_hours(24);

#[cfg(test)]
mod tests;

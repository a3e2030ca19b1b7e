//! What a device has shown of itself lately, and the one gate that decides by it whether a cloud may
//! be asked for another token (B5).
//!
//! A device that is starting refuses tokens that are good, and one whose clock is wrong refuses those
//! that were made a moment ago. Neither is a reason to log in. So every process adds to one record
//! what it meets, and before any cloud is asked, [`may_ask_cloud`] reads it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Error, ErrorKind, Reason, Result,
    clock::{Seen, Trust, later, shifted},
    store::{Record, Space},
};

/// What a device has shown of itself lately, to all processes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    refusals: Refusals,
    outage: Option<Outage>,
    firmware: Option<String>,
    setback: Option<Setback>,
    /// When the device was last asked to check a token.
    checked: Option<Timestamp>,
    /// When somebody added to it last.
    seen: Option<Seen>,
}

/// The last time that the device was away or not ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Outage {
    began: Timestamp,
    /// The first good answer after it; none while it lasts.
    ended: Option<Timestamp>,
    /// The firmware before it, and what the device first told after it.
    firmware: (Option<String>, Option<String>),
}

impl Outage {
    fn is_update(&self) -> bool {
        matches!(&self.firmware, (Some(before), Some(after)) if before != after)
    }
}

/// New tokens that the device refused, one after the other (A5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Setback {
    count: usize,
    last: Timestamp,
}

/// The device's definite refusals of one token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Refusals {
    generation: u64,
    first_and_last: Option<(Timestamp, Timestamp)>,
}

/// Whether a cloud may be asked for a token, for the reason `why`, of a device that has just been
/// reached and has proven who it is. Pure; what a login costs is asked after it (B1).
///
/// | why | it takes |
/// |---|---|
/// | a person wants one | nothing |
/// | there is none, or its end is near by a clock that is believed | no new token refused lately |
/// | the device refuses it | two refusals, a minute apart, after the last outage; and the time to settle since that |
///
/// # Errors
/// [`ErrorKind::NeedsLogin`] with the time from which it may.
pub fn may_ask_cloud(evidence: &Evidence, why: Reason, now: Timestamp) -> Result<()> {
    if why == Reason::Wanted {
        return Ok(());
    }
    let mut doubts = vec![evidence.new_one_refused(now)];
    if let Reason::Refused(generation) = why {
        doubts.push(evidence.refused_once(generation, now));
        doubts.push(evidence.unsettled(now));
    }
    match doubts.into_iter().flatten().max_by_key(|(until, _)| *until) {
        Some((until, context)) => Err(Error::new(ErrorKind::NeedsLogin, context).until(until)),
        None => Ok(()),
    }
}

/// From when on a doubt is none, and its words.
type Doubt = (Timestamp, &'static str);

impl Evidence {
    /// The device is away, or answers that it is not ready.
    pub fn lost(&mut self, now: Timestamp) {
        if self.outage.as_ref().is_none_or(|outage| outage.ended.is_some()) {
            let firmware = (self.firmware.clone(), None);
            self.outage = Some(Outage { began: now, ended: None, firmware });
        }
    }

    /// The device gives a good answer.
    pub fn answered(&mut self, now: Timestamp) {
        if let Some(outage @ Outage { ended: None, .. }) = &mut self.outage {
            outage.ended = Some(now);
            // What a device says that is going down or starting is no proof.
            self.refusals = Refusals::default();
        }
    }

    /// The device tells its firmware, in a good answer. One that has changed was away for it, seen or
    /// not.
    pub fn runs(&mut self, firmware: &str, now: Timestamp) {
        self.answered(now);
        let before = self.firmware.replace(firmware.to_owned());
        match &mut self.outage {
            Some(Outage { firmware: (_, after @ None), .. }) => *after = Some(firmware.to_owned()),
            _ if before.is_some() && before != self.firmware => {
                let firmware = (before, self.firmware.clone());
                self.outage = Some(Outage { began: now, ended: Some(now), firmware });
                self.refusals = Refusals::default();
            }
            _ => {}
        }
    }

    /// The device refuses token `generation`, by the request that is made to check it.
    pub fn refused(&mut self, generation: u64, now: Timestamp) {
        let first = match self.refusals.first_and_last {
            Some((first, _)) if self.refusals.generation == generation => first,
            _ => now,
        };
        self.refusals = Refusals { generation, first_and_last: Some((first, now)) };
    }

    /// The device takes its token: what it refused before was not for good.
    pub fn accepted(&mut self, now: Timestamp) {
        self.answered(now);
        self.refusals = Refusals::default();
    }

    /// The device refuses a token that has just been made for it.
    pub fn refused_new(&mut self, now: Timestamp) {
        let count = self.setback.map_or(0, |setback| setback.count).saturating_add(1);
        self.setback = Some(Setback { count, last: now });
    }

    /// The device takes a token that has just been made for it.
    pub fn accepted_new(&mut self) {
        self.setback = None;
    }

    /// Whether the device may be asked to check a token, which is the dearest question (B4). Written
    /// down, since who may does.
    pub fn may_check(&mut self, now: Timestamp) -> bool {
        let may = self.checked.is_none_or(|last| later(last, CHECK_SPACING) <= now);
        if may {
            self.checked = Some(now);
        }
        may
    }

    /// From when on the device may be asked to check a token again; none where it may be at once.
    pub fn next_check(&self, now: Timestamp) -> Option<Timestamp> {
        self.checked.map(|last| later(last, CHECK_SPACING)).filter(|next| now < *next)
    }

    /// Follows a clock that was set since the last time, so that all is as long ago as it was. To be
    /// called before anything is added or read; true where it must be stored.
    pub fn settle(&mut self, now: Timestamp, trust: Trust) -> bool {
        let next = Seen::at(now, trust);
        let by = self.seen.replace(next).map_or(SignedDuration::ZERO, |seen| seen.step(next));
        if by.is_zero() {
            return false;
        }
        let shift = |time: &mut Timestamp| *time = shifted(*time, by);
        if let Some((first, last)) = &mut self.refusals.first_and_last {
            shift(first);
            shift(last);
        }
        if let Some(outage) = &mut self.outage {
            shift(&mut outage.began);
            outage.ended.iter_mut().for_each(shift);
        }
        self.checked.iter_mut().for_each(shift);
        self.setback.iter_mut().for_each(|setback| shift(&mut setback.last));
        true
    }

    /// From when to when the device was away last, as far as anybody has seen; without an end it is
    /// away still.
    pub fn last_outage(&self) -> Option<(Timestamp, Option<Timestamp>)> {
        self.outage.as_ref().map(|outage| (outage.began, outage.ended))
    }

    fn refused_once(&self, generation: u64, now: Timestamp) -> Option<Doubt> {
        let context = "the device refused the token once; one refusal is not proof enough";
        let own = self.refusals.first_and_last.filter(|_| self.refusals.generation == generation);
        let (first, last) = own.unwrap_or((now, now));
        let definite_at = shifted(first, REFUSAL_SPACING);
        (last < definite_at).then_some((definite_at.max(now), context))
    }

    fn unsettled(&self, now: Timestamp) -> Option<Doubt> {
        let outage = self.outage.as_ref()?;
        let settling = if outage.is_update() { AFTER_UPDATE } else { AFTER_OUTAGE };
        let context = "the device was away a moment ago; what it refuses now is not proof enough";
        let settled_at = shifted(outage.ended.unwrap_or(now), settling);
        (now < settled_at).then_some((settled_at, context))
    }

    fn new_one_refused(&self, now: Timestamp) -> Option<Doubt> {
        let Setback { count, last } = self.setback?;
        let rested_at = shifted(last, SETBACK_RESTS[count.clamp(1, SETBACK_RESTS.len()) - 1]);
        let context = "the device refused a token that had just been made for it; compare its \
            clock and its serial number";
        (now < rested_at).then_some((rested_at, context))
    }
}

impl Record for Evidence {
    const SPACE: Space = Space::History;
    const SCHEMA: u32 = 1;
}

/// A device checks a token once a minute at most (B4).
pub const CHECK_SPACING: Duration = Duration::from_secs(60);

/// Two refusals of a token this far apart are definite (B5).
const REFUSAL_SPACING: SignedDuration = SignedDuration::from_secs(60);

/// What a device refuses sooner after an outage is not believed (B5).
const AFTER_OUTAGE: SignedDuration = SignedDuration::from_mins(5);

/// The same where its firmware has changed with it: then tokens do end.
const AFTER_UPDATE: SignedDuration = SignedDuration::from_mins(2);

/// After the first, second and every later new token that the device refused in a row (A5).
const SETBACK_RESTS: [SignedDuration; 3] =
    [SignedDuration::from_mins(15), SignedDuration::from_hours(1), SignedDuration::from_hours(6)];

#[cfg(test)]
mod tests;

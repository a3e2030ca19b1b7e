//! What a refused login is worth trying.

use hallpass_credential::{Error, ErrorKind};
use jiff::Timestamp;

use crate::{Drift, Refusal};

/// Whether the cloud may be asked to set a HEM's clock.
///
/// By the answer to a check-in the vendor can lock or wipe a device, so it can be declined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckIns {
    /// Where the clock is why a login fails.
    #[default]
    Automatic,
    /// Never.
    Declined,
}

/// One login's memory of what it has tried: at most one check-in, and one challenge more where one
/// came too late. So a wrong passphrase is shown once, to a device whose clock is right.
#[derive(Debug)]
pub struct Recovery {
    check_in: Once,
    challenge: Once,
}

impl Recovery {
    /// Of a login that begins.
    pub fn new(check_ins: CheckIns) -> Self {
        let check_in = match check_ins {
            CheckIns::Automatic => Once::Possible,
            CheckIns::Declined => Once::Declined,
        };
        Self { check_in, challenge: Once::Possible }
    }

    /// After a refusal by a device whose challenge showed `drift`.
    pub fn after(&mut self, refusal: Refusal, drift: Drift, now: Timestamp) -> Step {
        let is_clock = match refusal {
            Refusal::ClockUnset => true,
            Refusal::Proof => drift.explains_refusal(),
            _ => false,
        };
        if !is_clock {
            return Step::GiveUp(refusal.error(now));
        }
        match self.check_in {
            Once::Possible => {
                self.check_in = Once::Done;
                Step::CheckIn
            }
            Once::Declined => Step::GiveUp(clock("and check-ins are declined")),
            Once::Done => Step::GiveUp(clock("and a check-in has not helped")),
        }
    }

    /// After a challenge that could not be answered in time.
    pub fn after_late(&mut self, late: Error) -> Step {
        match self.challenge {
            Once::Possible => {
                self.challenge = Once::Done;
                Step::AskAgain
            }
            Once::Declined | Once::Done => Step::GiveUp(late),
        }
    }
}

/// What is next.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step {
    /// Ask for another challenge and answer that.
    AskAgain,
    /// Check in, then ask again.
    CheckIn,
    /// Nothing would help without a person.
    GiveUp(Error),
}

#[derive(Debug, Clone, Copy)]
enum Once {
    Declined,
    Done,
    Possible,
}

fn clock(why: &str) -> Error {
    let context = format!("the HEM's clock is wrong or not set, {why}");
    Error::new(ErrorKind::Unreachable, context)
}

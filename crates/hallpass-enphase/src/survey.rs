//! One read of a gateway, as questions and answers without any I/O.

mod answers;
mod inverters;
mod meters;
mod production;
mod walk;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::reading::{Complaint, Readings};
use crate::{Endpoint, Firmware, Info, Snapshot};
use answers::Answers;
use inverters::Inverters;
use meters::Meters;
use production::Production;
use walk::{Ask, Walk};

/// A walk over the endpoints of a gateway: ask [`next`](Self::next), hand the answer to
/// [`answer`](Self::answer), until there is nothing more to ask; then [`finish`](Self::finish).
///
/// The first survey finds out what the gateway has and reads it with the same answers; no endpoint
/// is asked twice. The [`Plan`] that it leaves behind makes later ones ask only for what is there.
///
/// ```
/// use hallpass_enphase::{Answer, Info, Survey};
/// # let body = b"<envoy_info><device><sn>122100001613</sn><software>D7.6.175</software></device></envoy_info>";
/// # let taken_at = jiff::Timestamp::UNIX_EPOCH;
/// let info = Info::parse(body)?;
/// let mut survey = Survey::new(&info, None);
/// while let Some(endpoint) = survey.next() {
///     // Here the gateway is asked for `endpoint.path()`.
///     survey.answer(endpoint, Answer::Body { status: 404, bytes: "".into() });
/// }
/// let (snapshot, plan) = survey.finish(taken_at);
/// assert!(snapshot.readings.is_empty());
/// # Ok::<(), hallpass_enphase::InfoError>(())
/// ```
#[derive(Debug)]
pub struct Survey {
    info: Info,
    plan: Plan,
    answers: Answers,
}

/// What came of asking an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is an answer or there is none")]
pub enum Answer {
    /// The gateway answered.
    Body {
        /// The HTTP status, any.
        status: u16,
        /// The whole body, whatever it is.
        bytes: Bytes,
    },
    /// There is no answer, or no whole one. The text is one lower-case clause that says why; it
    /// becomes part of the complaint.
    Failed(String),
}

/// What a gateway has, as far as a survey found out.
///
/// To be kept with the gateway and handed to the next survey. It holds for one firmware: another
/// one is surveyed anew. What could not be found out is left out, and found out next time.
/// To find out everything anew, for example after a login with another role, drop it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    firmware: Firmware,
    meters: Option<Meters>,
    production: Option<Production>,
    inverters: Option<Inverters>,
}

impl Plan {
    fn unknown(firmware: Firmware) -> Self {
        Self { firmware, meters: None, production: None, inverters: None }
    }
}

impl Survey {
    /// Begins a survey; a plan of another firmware counts as none.
    #[must_use]
    pub fn new(info: &Info, plan: Option<Plan>) -> Self {
        let plan = plan
            .filter(|plan| plan.firmware == info.firmware)
            .unwrap_or_else(|| Plan::unknown(info.firmware.clone()));
        Self { info: info.clone(), plan, answers: Answers::default() }
    }

    /// What to ask now; none when all is known. The same again until it is answered.
    #[must_use]
    pub fn next(&self) -> Option<Endpoint> {
        self.walk().err().map(|Ask(endpoint)| endpoint)
    }

    /// Takes an answer, in any order; of several for one endpoint the last counts.
    pub fn answer(&mut self, endpoint: Endpoint, answer: Answer) {
        self.answers.put(endpoint, answer);
    }

    /// The readings, and what to ask next time. What was not asked counts as unanswered.
    #[must_use]
    pub fn finish(mut self, taken_at: Timestamp) -> (Snapshot, Plan) {
        loop {
            match self.walk() {
                Ok(walked) => return walked.finish(&self.info, taken_at),
                Err(Ask(endpoint)) => {
                    self.answer(endpoint, Answer::Failed("was not asked".to_owned()))
                }
            }
        }
    }

    /// Goes through the families of readings, with the answers so far, up to the first that lacks.
    ///
    /// Going all the way again after each answer costs little: answers are parsed once.
    fn walk(&self) -> Result<Walked, Ask> {
        let mut walk = Walk::new(&self.info, &self.answers);
        let mut readings = Readings::default();
        let mut next = Plan::unknown(self.info.firmware.clone());

        let meters = walk.planned(&self.plan.meters, Meters::probe)?;
        meters.read(&mut walk, &mut readings)?;
        next.meters = walk.kept(&meters);

        let production =
            walk.planned(&self.plan.production, |walk| Production::probe(walk, &meters))?;
        production.read(&mut walk, &meters, &mut readings)?;
        // What production means depends on the CTs: found out together or not at all.
        next.production = walk.kept(&production).filter(|_| next.meters.is_some());

        let inverters = walk.planned(&self.plan.inverters, Inverters::probe)?;
        inverters.read(&mut walk, &mut readings)?;
        next.inverters = walk.kept(&inverters);

        Ok(Walked { meters, production, inverters, next, readings, complaints: walk.complaints() })
    }
}

/// A walk that came to its end.
struct Walked {
    meters: Meters,
    production: Production,
    inverters: Inverters,
    next: Plan,
    readings: Readings,
    complaints: Vec<Complaint>,
}

impl Walked {
    fn finish(self, info: &Info, taken_at: Timestamp) -> (Snapshot, Plan) {
        let features = self
            .meters
            .features()
            .chain(self.production.features())
            .chain(self.inverters.features());
        let snapshot = Snapshot {
            device: info.into(),
            taken_at,
            supported_features: features.collect(),
            phase_count: self.meters.phase_count(),
            phase_mode: self.meters.phase_mode(),
            ct_meter_list: self.meters.measurement_types(),
            readings: self.readings,
            complaints: self.complaints,
            stale: Vec::new(),
        };
        (snapshot, self.next)
    }
}

#[cfg(test)]
mod tests;

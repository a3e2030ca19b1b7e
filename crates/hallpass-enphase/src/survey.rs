//! One read of a gateway, as questions and answers without any I/O.

mod ac_batteries;
mod answers;
mod ensemble;
mod generator;
mod inverters;
mod meters;
mod parking;
mod production;
mod report;
mod slowness;
mod tariff;
mod walk;

use std::time::Duration;

use bytes::Bytes;
use hallpass_credential::later;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::equipment::{Build, Contents};
use crate::reading::{Family, Readings};
use crate::{Endpoint, Info, Snapshot};
use ac_batteries::AcBatteries;
use answers::Answers;
use ensemble::Ensemble;
use generator::Generator;
use inverters::Inverters;
use meters::Meters;
use parking::Parking;
use production::Production;
use slowness::Slowness;
use tariff::Tariff;
use walk::{Ask, Spared, Walk};

/// A walk over the endpoints of a gateway: ask [`next`](Self::next), hand the answer to
/// [`answer`](Self::answer), until there is nothing more to ask; then [`finish`](Self::finish).
///
/// The first survey finds out what the gateway has and reads it with the same answers; no endpoint
/// is asked twice. The [`Plan`] that it leaves behind makes later ones ask only for what is there,
/// and its [`Memory`] makes them ask for what changes slowly only now and then.
///
/// ```
/// use hallpass_enphase::{Answer, Info, Survey};
/// # let body = b"<envoy_info><device><sn>122100001613</sn><software>D7.6.175</software></device></envoy_info>";
/// # let now = jiff::Timestamp::UNIX_EPOCH;
/// let info = Info::parse(body)?;
/// let mut survey = Survey::new(&info, None, now);
/// while let Some(endpoint) = survey.next() {
///     // Here the gateway is asked for `endpoint.path()`.
///     survey.answer(endpoint, Answer::Body { status: 404, bytes: "".into() });
/// }
/// let surveyed = survey.finish(now);
/// assert!(surveyed.snapshot.readings.is_empty());
/// # Ok::<(), hallpass_enphase::InfoError>(())
/// ```
#[derive(Debug)]
pub struct Survey {
    info: Info,
    plan: Plan,
    answers: Answers,
    slowness: Slowness,
    only: Option<Family>,
    now: Timestamp,
}

/// What comes of a [`Survey`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Surveyed {
    /// The readings.
    pub snapshot: Snapshot,
    /// What the gateway has: for the next survey.
    pub plan: Plan,
    /// What the gateway said: for the next survey of the same process.
    pub memory: Memory,
    /// Whether the gateway told anything now, or was not asked. Else it is silent, and all readings
    /// are those of earlier surveys.
    pub is_news: bool,
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

impl Answer {
    /// Whether it tells nothing of what was asked for: there is none, or an error of the gateway's own.
    pub(crate) fn is_lost(&self) -> bool {
        match self {
            Self::Body { status, .. } => *status >= 500,
            Self::Failed(_) => true,
        }
    }
}

/// What a gateway has, as far as a survey found out.
///
/// To be kept with the gateway and handed to the next survey. It holds for a day, since somebody
/// may add a meter, and for one firmware and part number; then all is found out anew. What could not be found out
/// is left out, and found out next time. After a login with another role, drop it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    #[serde(flatten)]
    build: Build,
    #[serde(default)]
    found_at: Timestamp,
    meters: Option<Meters>,
    production: Option<Production>,
    inverters: Option<Inverters>,
    ensemble: Option<Ensemble>,
    ac_batteries: Option<AcBatteries>,
    tariff: Option<Tariff>,
    generator: Option<Generator>,
    #[serde(default)]
    parking: Parking,
}

impl Plan {
    fn unknown(build: Build, found_at: Timestamp) -> Self {
        Self {
            build,
            found_at,
            meters: None,
            production: None,
            inverters: None,
            ensemble: None,
            ac_batteries: None,
            tariff: None,
            generator: None,
            parking: Parking::default(),
        }
    }

    /// The same without the refusals since `earlier`, which may be about our way in.
    pub(crate) fn without_new_refusals(self, earlier: Option<&Self>) -> Self {
        let earlier = earlier.filter(|earlier| earlier.build == self.build);
        let parking = earlier.map(|earlier| earlier.parking.clone()).unwrap_or_default();
        Self { parking, ..self }
    }

    /// The features and endpoints of the families that are found out.
    pub(crate) fn contents(&self) -> Contents {
        let mut contents = Contents::default();
        if let Some(meters) = &self.meters {
            contents.add(Family::Meters, meters.features(), meters.endpoints());
        }
        if let Some(production) = &self.production {
            contents.add(Family::Production, production.features(), production.endpoints());
        }
        if let Some(inverters) = self.inverters {
            contents.add(Family::Inverters, inverters.features(), inverters.endpoints());
        }
        if let Some(ac_batteries) = self.ac_batteries {
            contents.add(Family::AcBatteries, ac_batteries.features(), ac_batteries.endpoints());
        }
        if let (Some(ensemble), Some(ac_batteries)) = (&self.ensemble, &self.ac_batteries) {
            contents.add(Family::Ensemble, ensemble.features(), ensemble.endpoints(ac_batteries));
        }
        if let Some(tariff) = self.tariff {
            contents.add(Family::Tariff, tariff.features(), tariff.endpoints());
        }
        if let Some(generator) = self.generator {
            contents.add(Family::Generator, generator.features(), generator.endpoints());
        }
        contents
    }

    /// A plan that was found ahead of `now` was found by a clock that has been set back since.
    fn holds(&self, now: Timestamp) -> bool {
        (self.found_at..later(self.found_at, PLAN_HOLDS_FOR)).contains(&now)
    }
}

const PLAN_HOLDS_FOR: Duration = Duration::from_secs(24 * 3600);

/// The last good answer of each endpoint, and which of them take too long.
///
/// It spares asking for what changes slowly, see [`Pace`](crate::Pace), and stands in for an hour
/// for an endpoint that fails; the readings are then [stale](Snapshot::stale).
#[derive(Debug, Default)]
pub struct Memory {
    build: Option<Build>,
    answers: Answers,
    slowness: Slowness,
}

impl Survey {
    /// Begins a survey; a plan of another firmware, or an old one, counts as none.
    #[must_use]
    pub fn new(info: &Info, plan: Option<Plan>, now: Timestamp) -> Self {
        let build = Build::from(info);
        let plan = plan.filter(|plan| plan.build == build);
        let unknown = || Plan::unknown(build, now);
        let plan = match plan {
            Some(plan) if plan.holds(now) => plan,
            Some(Plan { parking, .. }) => Plan { parking, ..unknown() },
            None => unknown(),
        };
        let (answers, slowness) = Default::default();
        Self { info: info.clone(), plan, answers, slowness, only: None, now }
    }

    /// The same with what is remembered; that of another firmware is forgotten.
    #[must_use]
    pub fn remembering(self, memory: Memory) -> Self {
        match memory.build.as_ref() == Some(&self.plan.build) {
            true => Self { answers: memory.answers, slowness: memory.slowness, ..self },
            false => self,
        }
    }

    /// The same for one family, if one is given: no more is asked than it needs. The snapshot knows
    /// nothing of the others, and the plan no more than before.
    #[must_use]
    pub fn only(self, family: Option<Family>) -> Self {
        Self { only: family, ..self }
    }

    /// What to ask now; none when all is known. The same again until it is answered.
    #[must_use]
    pub fn next(&self) -> Option<Endpoint> {
        self.explore().err().map(|Ask(endpoint)| endpoint)
    }

    /// Takes an answer, in any order; of several for one endpoint the last counts.
    pub fn answer(&mut self, endpoint: Endpoint, answer: Answer) {
        match answer {
            // A digest user may have another password tomorrow; a role is what it is.
            Answer::Body { status: status @ (401 | 403), .. }
                if self.info.firmware.takes_tokens() =>
            {
                self.plan.parking.refused(endpoint, status, self.now);
            }
            // It says nothing of who may ask.
            Answer::Body { status: 500.., .. } | Answer::Failed(_) => {}
            Answer::Body { .. } => self.plan.parking.answered(endpoint),
        }
        self.answers.put(endpoint, answer);
    }

    /// Takes in how long the gateway took for `endpoint`, or how long it was waited for in vain. One
    /// that takes so long that all others wait for it is asked seldom from then on, and what it
    /// said last stands in.
    pub fn took(&mut self, endpoint: Endpoint, time: Duration) {
        self.slowness.took(endpoint, time, self.now);
    }

    /// The readings, and what to ask next time. What was not asked counts as unanswered.
    #[must_use]
    pub fn finish(mut self, taken_at: Timestamp) -> Surveyed {
        loop {
            match self.explore() {
                Ok(explored) => {
                    let (snapshot, plan) = explored.read(taken_at);
                    let is_news = self.answers.hold_news();
                    let build = Some(self.plan.build);
                    let answers = self.answers.remembered(taken_at);
                    let memory = Memory { build, answers, slowness: self.slowness };
                    return Surveyed { snapshot, plan, memory, is_news };
                }
                Err(Ask(endpoint)) => {
                    self.answers.put(endpoint, Answer::Failed("was not asked".to_owned()));
                }
            }
        }
    }

    /// Goes through the families of readings, with the answers so far, up to the first that lacks.
    ///
    /// Going all the way again after each answer costs little: answers are parsed once, and read
    /// at the end.
    fn explore(&self) -> Result<Explored<'_>, Ask> {
        let Self { info, plan, answers, slowness, only, now } = self;
        let mut walk =
            Walk::new(info, answers, Spared { parking: &plan.parking, slowness }, *only, *now);
        let mut next = Plan::unknown(self.plan.build.clone(), self.plan.found_at);
        next.parking = self.plan.parking.clone();

        let meters = walk.planned(Family::Meters, &self.plan.meters, Meters::probe)?;
        walk.gather(Family::Meters, meters.endpoints())?;
        meters.doubt_if_changed(&mut walk);
        next.meters = walk.kept(&meters);

        let production = walk.planned(Family::Production, &self.plan.production, |walk| {
            Production::probe(walk, &meters)
        })?;
        walk.gather(Family::Production, production.endpoints())?;
        // What production means depends on the CTs: found out together or not at all.
        next.production = walk.kept(&production).filter(|_| next.meters.is_some());

        let inverters = walk.planned(Family::Inverters, &self.plan.inverters, Inverters::probe)?;
        walk.gather(Family::Inverters, inverters.endpoints())?;
        inverters.doubt_if_changed(&mut walk);
        next.inverters = walk.kept(&inverters);

        let ac_batteries =
            walk.planned(Family::AcBatteries, &self.plan.ac_batteries, AcBatteries::probe)?;
        walk.gather(Family::AcBatteries, ac_batteries.endpoints())?;
        next.ac_batteries = walk.kept(&ac_batteries);

        let ensemble = walk.planned(Family::Ensemble, &self.plan.ensemble, Ensemble::probe)?;
        walk.gather(Family::Ensemble, ensemble.endpoints(&ac_batteries))?;
        ensemble.doubt_if_changed(&mut walk);
        next.ensemble = walk.kept(&ensemble);

        let tariff = walk.planned(Family::Tariff, &self.plan.tariff, Tariff::probe)?;
        walk.gather(Family::Tariff, tariff.endpoints())?;
        next.tariff = walk.kept(&tariff);

        let generator = walk.planned(Family::Generator, &self.plan.generator, |walk| {
            Generator::probe(walk, &ensemble)
        })?;
        walk.gather(Family::Generator, generator.endpoints())?;
        // Whether a generator is looked for depends on the system controller.
        next.generator = walk.kept(&generator).filter(|_| next.ensemble.is_some());

        Ok(Explored {
            walk,
            meters,
            production,
            inverters,
            ac_batteries,
            ensemble,
            tariff,
            generator,
            next,
        })
    }
}

/// Whether serde alone can make something of the body of an endpoint: what parsing costs at least.
#[cfg(feature = "test-kit")]
pub fn deserializes(endpoint: Endpoint, body: &[u8]) -> bool {
    Answers::deserializes(endpoint, body)
}

/// A gateway of which all is known that can be.
#[derive(Debug)]
struct Explored<'a> {
    walk: Walk<'a>,
    meters: Meters,
    production: Production,
    inverters: Inverters,
    ac_batteries: AcBatteries,
    ensemble: Ensemble,
    tariff: Tariff,
    generator: Generator,
    next: Plan,
}

impl Explored<'_> {
    fn read(mut self, taken_at: Timestamp) -> (Snapshot, Plan) {
        let readings = self.readings();
        let features = self
            .meters
            .features()
            .chain(self.production.features())
            .chain(self.inverters.features())
            .chain(self.ac_batteries.features())
            .chain(self.ensemble.features())
            .chain(self.tariff.features())
            .chain(self.generator.features());
        let supported_features = features.collect();
        self.walk.complain_of_parked();
        let device = self.walk.info.into();
        let (complaints, stale) = self.walk.findings();
        let snapshot = Snapshot {
            device,
            taken_at,
            supported_features,
            phase_count: self.meters.phase_count(),
            phase_mode: self.meters.phase_mode(),
            ct_meter_list: self.meters.measurement_types(),
            readings,
            complaints,
            stale,
        };
        (snapshot, self.next)
    }

    fn readings(&mut self) -> Readings {
        let (walk, mut readings) = (&mut self.walk, Readings::default());
        if walk.reads(Family::Meters) {
            self.meters.read(walk, &mut readings);
        }
        if walk.reads(Family::Production) {
            self.production.read(walk, &self.meters, &mut readings);
        }
        if walk.reads(Family::Inverters) {
            self.inverters.read(walk, &mut readings);
        }
        if walk.reads(Family::AcBatteries) {
            self.ac_batteries.read(walk, &mut readings);
        }
        if walk.reads(Family::Ensemble) {
            self.ensemble.read(walk, &self.ac_batteries, &mut readings);
        }
        if walk.reads(Family::Tariff) {
            self.tariff.read(walk, &mut readings);
        }
        if walk.reads(Family::Generator) {
            self.generator.read(walk, &mut readings);
        }
        readings
    }
}

#[cfg(test)]
mod tests;

//! The way through one survey.

use std::fmt::Display;
use std::mem;

use jiff::Timestamp;

use super::answers::{Answers, Slot};
use super::parking::Parking;
use super::slowness::Slowness;
use crate::reading::{Complaint, Family, Missing, Problem, Stale};
use crate::wire::Document;
use crate::{Endpoint, Info};

/// An answer that is needed to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask(pub(super) Endpoint);

/// What came of looking whether a gateway has something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<T> {
    /// It has.
    Yes(T),
    /// It has not.
    No,
    /// It did not say.
    Unknown,
}

impl<T> Found<T> {
    pub(super) fn ok(self) -> Option<T> {
        match self {
            Self::Yes(found) => Some(found),
            Self::No | Self::Unknown => None,
        }
    }
}

/// The endpoints that are not asked for now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spared<'a> {
    pub(super) parking: &'a Parking,
    pub(super) slowness: &'a Slowness,
}

impl Spared<'_> {
    /// Why `endpoint` is not asked, where it is not.
    fn why(self, endpoint: Endpoint, now: Timestamp) -> Option<Problem> {
        let refused = self.parking.refusal(endpoint, now).map(Problem::Refused);
        let is_slow = self.slowness.spares(endpoint, now);
        refused.or_else(|| is_slow.then(|| Problem::Unanswered(TOO_SLOW.to_owned())))
    }
}

const TOO_SLOW: &str = "takes so long that it is asked only now and then";

/// One way through the families, with the answers there are.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) info: &'a Info,
    pub(super) answers: &'a Answers,
    spared: Spared<'a>,
    only: Option<Family>,
    now: Timestamp,
    complaints: Vec<Complaint>,
    stale: Vec<Stale>,
    /// Whether what is planned for the present family may be kept for the next survey.
    is_steady: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        info: &'a Info,
        answers: &'a Answers,
        spared: Spared<'a>,
        only: Option<Family>,
        now: Timestamp,
    ) -> Self {
        let (complaints, stale) = (Vec::new(), Vec::new());
        Self { info, answers, spared, only, now, complaints, stale, is_steady: true }
    }

    /// The plan of a family, found out now where there is none and it matters.
    pub(super) fn planned<P: Clone + Default>(
        &mut self,
        family: Family,
        plan: &Option<P>,
        probe: impl FnOnce(&mut Self) -> Result<P, Ask>,
    ) -> Result<P, Ask> {
        let leans_on_it = |only: Family| only.leans_on().contains(&family);
        match plan {
            Some(plan) => Ok(plan.clone()),
            None if self.reads(family) || self.only.is_some_and(leans_on_it) => probe(self),
            None => {
                self.doubt();
                Ok(P::default())
            }
        }
    }

    /// Whether a family is read in this survey.
    pub(super) fn reads(&self, family: Family) -> bool {
        self.only.is_none_or(|only| only == family)
    }

    /// Goes on only when there is something to say of each of a family's `endpoints`.
    pub(super) fn gather(
        &self,
        family: Family,
        endpoints: impl IntoIterator<Item = Endpoint>,
    ) -> Result<(), Ask> {
        if !self.reads(family) {
            return Ok(());
        }
        endpoints.into_iter().try_for_each(|endpoint| self.require(endpoint))
    }

    /// Goes on only when there is something to say of `endpoint`.
    fn require(&self, endpoint: Endpoint) -> Result<(), Ask> {
        let is_known = self.answers.is_known(endpoint, self.now)
            || self.spared.why(endpoint, self.now).is_some();
        if is_known { Ok(()) } else { Err(Ask(endpoint)) }
    }

    /// The plan of a family for the next survey, at the end of that family.
    pub(super) fn kept<P: Clone>(&mut self, plan: &P) -> Option<P> {
        mem::replace(&mut self.is_steady, true).then(|| plan.clone())
    }

    /// What an endpoint says that this gateway may or may not have. Older firmware than can have it
    /// is not asked. What goes wrong, other than that it has none, is found out again next time.
    pub(super) fn look<T: Document>(&mut self, slot: &'a Slot<T>) -> Result<Found<&'a T>, Ask> {
        if !self.info.firmware.is_at_least(slot.endpoint.facts().since) {
            return Ok(Found::No);
        }
        self.require(slot.endpoint)?;
        let (document, problem) = self.hear(slot);
        let problem = problem.filter(|problem| !problem.is_absence());
        let is_unknown = problem.is_some();
        if let Some(problem) = problem {
            self.complain(slot.endpoint, problem);
            // What is parked says the same tomorrow, and is told by who reads everything.
            let is_parked = self.spared.parking.refusal(slot.endpoint, self.now).is_some();
            if !is_parked || self.only.is_some() {
                self.doubt();
            }
        }
        Ok(match document {
            Some(document) => Found::Yes(document),
            None if is_unknown => Found::Unknown,
            None => Found::No,
        })
    }

    /// What an endpoint says that this gateway is known to have. It stays known, whatever it says
    /// today: after a start a gateway denies for a while what it has.
    pub(super) fn need<T: Document>(&mut self, slot: &'a Slot<T>) -> Option<&'a T> {
        let (document, problem) = self.hear(slot);
        if let Some(problem) = problem {
            self.complain(slot.endpoint, problem);
        }
        document
    }

    /// What an endpoint says; where it says nothing, that does no harm.
    pub(super) fn glance<T: Document>(&self, slot: &'a Slot<T>) -> Option<&'a T> {
        let kept = slot.stand_in(self.now).map(|kept| &kept.document);
        slot.answer.as_ref().and_then(|answer| answer.as_ref().ok()).or(kept)
    }

    /// The value, or a complaint that `what` lacks a part.
    pub(super) fn whole<T>(
        &mut self,
        endpoint: Endpoint,
        what: impl Display,
        value: Result<T, Missing>,
    ) -> Option<T> {
        value
            .map_err(|Missing(key)| {
                self.complain(endpoint, Problem::Missing { what: what.to_string(), key })
            })
            .ok()
    }

    pub(super) fn complain(&mut self, endpoint: Endpoint, problem: Problem) {
        let complaint = Complaint { endpoint, problem };
        if !self.complaints.contains(&complaint) {
            self.complaints.push(complaint);
        }
    }

    /// What is parked is not asked, and perhaps planned without: it is told all the same.
    pub(super) fn complain_of_parked(&mut self) {
        if self.only.is_none() {
            for (endpoint, status) in self.spared.parking.parked(self.now) {
                self.complain(endpoint, Problem::Refused(status));
            }
        }
    }

    /// Has the present family found out again next time.
    pub(super) fn doubt(&mut self) {
        self.is_steady = false;
    }

    pub(super) fn findings(self) -> (Vec<Complaint>, Vec<Stale>) {
        (self.complaints, self.stale)
    }

    /// What the gateway says, and what is wrong with it. Then what it said last stands in.
    fn hear<T: Document>(&mut self, slot: &'a Slot<T>) -> (Option<&'a T>, Option<Problem>) {
        match &slot.answer {
            Some(Ok(document)) => (Some(document), None),
            Some(Err(problem)) => (self.last(slot), Some(problem.clone())),
            None if slot.is_known(self.now) => {
                (slot.kept.as_ref().map(|kept| &kept.document), None)
            }
            None => {
                let (last, why) = (self.last(slot), self.spared.why(slot.endpoint, self.now));
                // That it is stale is told; that a slow one was not asked is no news then.
                let why = why.filter(|why| last.is_none() || matches!(why, Problem::Refused(_)));
                (last, why)
            }
        }
    }

    /// What the gateway said not long ago, which is stale.
    fn last<T: Document>(&mut self, slot: &'a Slot<T>) -> Option<&'a T> {
        let kept = slot.stand_in(self.now)?;
        let stale = Stale { endpoint: slot.endpoint, since: kept.since };
        if !self.stale.contains(&stale) {
            self.stale.push(stale);
        }
        Some(&kept.document)
    }
}

//! The way through one survey.

use std::fmt::Display;
use std::mem;

use super::answers::{Answers, Slot};
use crate::reading::{Complaint, Missing, Problem};
use crate::{Endpoint, Info};

/// An answer that is needed to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask(pub(super) Endpoint);

/// One way through the families, with the answers there are.
pub(super) struct Walk<'a> {
    pub(super) info: &'a Info,
    pub(super) answers: &'a Answers,
    complaints: Vec<Complaint>,
    /// Whether what is planned for the present family may be kept for the next survey.
    is_steady: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(info: &'a Info, answers: &'a Answers) -> Self {
        Self { info, answers, complaints: Vec::new(), is_steady: true }
    }

    /// The plan of a family, found out now where there is none.
    pub(super) fn planned<P: Clone>(
        &mut self,
        plan: &Option<P>,
        probe: impl FnOnce(&mut Self) -> Result<P, Ask>,
    ) -> Result<P, Ask> {
        match plan {
            Some(plan) => Ok(plan.clone()),
            None => probe(self),
        }
    }

    /// The plan of a family for the next survey, at the end of that family.
    pub(super) fn kept<P: Clone>(&mut self, plan: &P) -> Option<P> {
        mem::replace(&mut self.is_steady, true).then(|| plan.clone())
    }

    /// What an endpoint says that this gateway may or may not have. What goes wrong, other than
    /// that it has none, is found out again next time.
    pub(super) fn look<T>(&mut self, slot: &'a Slot<T>) -> Result<Option<&'a T>, Ask> {
        let answer = slot.answer.as_ref().ok_or(Ask(slot.endpoint))?;
        let is_expected = self.info.firmware.is_at_least(slot.endpoint.facts().since);
        if let Err(problem) = answer
            && is_expected
            && !problem.is_absence()
        {
            self.complain(slot.endpoint, problem.clone());
            self.doubt();
        }
        Ok(answer.as_ref().ok())
    }

    /// What an endpoint says that this gateway is known to have. It stays known, whatever it says
    /// today: after a start a gateway denies for a while what it has.
    pub(super) fn need<T>(&mut self, slot: &'a Slot<T>) -> Result<Option<&'a T>, Ask> {
        let answer = slot.answer.as_ref().ok_or(Ask(slot.endpoint))?;
        if let Err(problem) = answer {
            self.complain(slot.endpoint, problem.clone());
        }
        Ok(answer.as_ref().ok())
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

    /// Has the present family found out again next time.
    pub(super) fn doubt(&mut self) {
        self.is_steady = false;
    }

    pub(super) fn complaints(self) -> Vec<Complaint> {
        self.complaints
    }
}

//! The production report, which there is with phases and without.

use serde::{Deserialize, Serialize};

use super::answers::{Answers, Slot};
use super::walk::{Ask, Walk};
use crate::Endpoint;
use crate::wire::ProductionReport;

/// Which of the two production reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Report {
    Details,
    WithoutPhases,
}

impl Report {
    /// The report with phases, or else the one without. The second holds nothing that the first
    /// lacks and takes a gateway up to eleven seconds: it is asked for only where there is no first.
    pub(super) fn first<'a>(
        walk: &mut Walk<'a>,
    ) -> Result<Option<(Self, &'a ProductionReport)>, Ask> {
        for which in [Self::Details, Self::WithoutPhases] {
            if let Some(report) = walk.look(which.slot(walk.answers))?.ok() {
                return Ok(Some((which, report)));
            }
        }
        Ok(None)
    }

    pub(super) fn slot(self, answers: &Answers) -> &Slot<ProductionReport> {
        match self {
            Self::Details => &answers.production_details,
            Self::WithoutPhases => &answers.production,
        }
    }

    pub(super) fn endpoint(self) -> Endpoint {
        match self {
            Self::Details => Endpoint::ProductionDetails,
            Self::WithoutPhases => Endpoint::Production,
        }
    }
}

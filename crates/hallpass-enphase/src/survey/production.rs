//! Production and consumption: `/production.json?details=1`, `/production`, `/api/v1/production`.

use serde::{Deserialize, Serialize};

use super::answers::{Answers, Slot};
use super::meters::Meters;
use super::walk::{Ask, Walk};
use crate::Endpoint;
use crate::reading::{EnergyFlow, Feature, Flows, Problem, Readings};
use crate::wire::{Entry, ProductionReport};

/// Where production and consumption come from.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Production {
    source: Option<Source>,
    consumption: Option<Consumption>,
}

/// What tells the production.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Source {
    /// A CT meter in a report.
    Meter(Report),
    /// The inverters in a report.
    Inverters(Report),
    /// `/api/v1/production`.
    V1,
}

/// Which of the two production reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Report {
    Details,
    WithoutPhases,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Consumption {
    report: Report,
    total: bool,
    net: bool,
}

impl Production {
    pub(super) fn probe(walk: &mut Walk<'_>, meters: &Meters) -> Result<Self, Ask> {
        let report = first_report(walk)?;
        let source = match report {
            Some((which, report)) if is_metered(report, meters) => Some(Source::Meter(which)),
            // Without its own numbers an enabled CT is not replaced by others, see `Flows`.
            _ if meters.has("production") => None,
            _ => unmetered_source(walk, meters, report)?,
        };
        if source.is_none() {
            let asked_first =
                if meters.has_any() { Endpoint::ProductionDetails } else { Endpoint::ProductionV1 };
            walk.complain(asked_first, Problem::NoProduction);
            walk.doubt();
        }
        Ok(Self { source, consumption: report.and_then(Consumption::told_by) })
    }

    pub(super) fn read(
        &self,
        walk: &mut Walk<'_>,
        meters: &Meters,
        readings: &mut Readings,
    ) -> Result<(), Ask> {
        let production = self.production(walk, meters)?;
        let (total, net) = self.consumption(walk, meters, &production)?;
        readings.system_production = production.sum;
        readings.system_production_phases = production.phases;
        readings.system_consumption = total.sum;
        readings.system_consumption_phases = total.phases;
        readings.system_net_consumption = net.sum;
        readings.system_net_consumption_phases = net.phases;
        Ok(())
    }

    fn production(&self, walk: &mut Walk<'_>, meters: &Meters) -> Result<Flows, Ask> {
        let (endpoint, flows) = match self.source {
            None => return Ok(Flows::default()),
            Some(Source::V1) => {
                let answer = walk.need(&walk.answers.production_v1)?;
                let sum = answer.map(EnergyFlow::try_from);
                (
                    Endpoint::ProductionV1,
                    sum.map(|sum| sum.map(|sum| Flows { sum: Some(sum), phases: None })),
                )
            }
            Some(Source::Meter(which) | Source::Inverters(which)) => {
                let report = walk.need(which.slot(walk.answers))?;
                let has_ct = meters.has("production");
                (
                    which.endpoint(),
                    report.map(|report| Flows::production(report, has_ct, meters.phases())),
                )
            }
        };
        let flows =
            flows.and_then(|flows| walk.whole(endpoint, "production", flows)).unwrap_or_default();
        if walk.info.firmware.starts_with_zeros() && flows.sum.is_some_and(|sum| sum.is_all_zero())
        {
            walk.complain(endpoint, Problem::AllZero);
            return Ok(Flows::default());
        }
        Ok(flows)
    }

    /// Total and net consumption.
    fn consumption(
        &self,
        walk: &mut Walk<'_>,
        meters: &Meters,
        production: &Flows,
    ) -> Result<(Flows, Flows), Ask> {
        let Some(Consumption { report: which, .. }) = self.consumption else {
            return Ok(Default::default());
        };
        let Some(report) = walk.need(which.slot(walk.answers))? else {
            return Ok(Default::default());
        };
        let mut read = |what, entry| {
            let flows = Flows::consumption(entry, meters.phases());
            walk.whole(which.endpoint(), what, flows).unwrap_or_default()
        };
        let mut total = read("total consumption", report.total());
        let net = read("net consumption", report.net());
        if walk.info.firmware.copies_net_to_total() && self.source == Some(Source::Meter(which)) {
            total.repair_total(production, &net);
        }
        Ok((total, net))
    }

    pub(super) fn features(&self) -> impl Iterator<Item = Feature> {
        let told = |is_told: Option<bool>, feature| (is_told == Some(true)).then_some(feature);
        let is_metered = self.source.map(|source| matches!(source, Source::Meter(_)));
        [
            told(Some(self.source.is_some()), Feature::Production),
            told(is_metered, Feature::Metering),
            told(self.consumption.map(|consumption| consumption.total), Feature::TotalConsumption),
            told(self.consumption.map(|consumption| consumption.net), Feature::NetConsumption),
        ]
        .into_iter()
        .flatten()
    }
}

impl Consumption {
    /// What the active meters of a report tell. Where one of the two is installed, the gateway
    /// computes the other.
    fn told_by((which, report): (Report, &ProductionReport)) -> Option<Self> {
        let tells = |kind: &str| {
            report
                .consumption
                .objects()
                .any(|entry| entry.is_active() && entry.measurement_type.is(kind))
        };
        let found = Self {
            report: which,
            total: tells("total-consumption"),
            net: tells("net-consumption"),
        };
        (found.total || found.net).then_some(found)
    }
}

impl Report {
    fn slot(self, answers: &Answers) -> &Slot<ProductionReport> {
        match self {
            Self::Details => &answers.production_details,
            Self::WithoutPhases => &answers.production,
        }
    }

    fn endpoint(self) -> Endpoint {
        match self {
            Self::Details => Endpoint::ProductionDetails,
            Self::WithoutPhases => Endpoint::Production,
        }
    }
}

/// The report with phases, or else the one without. The second holds nothing that the first lacks
/// and takes a gateway up to eleven seconds: it is asked for only where there is no first.
fn first_report<'a>(walk: &mut Walk<'a>) -> Result<Option<(Report, &'a ProductionReport)>, Ask> {
    for which in [Report::Details, Report::WithoutPhases] {
        if let Some(report) = walk.look(which.slot(walk.answers))? {
            return Ok(Some((which, report)));
        }
    }
    Ok(None)
}

fn is_metered(report: &ProductionReport, meters: &Meters) -> bool {
    report.eim().is_some_and(|eim| eim.is_active() || meters.has("production"))
}

/// `/api/v1/production` where it counts, else the inverters of a report.
fn unmetered_source(
    walk: &mut Walk<'_>,
    meters: &Meters,
    report: Option<(Report, &ProductionReport)>,
) -> Result<Option<Source>, Ask> {
    let is_frozen =
        walk.info.is_metered && walk.info.firmware.freezes_production() && !meters.has_any();
    if !is_frozen && let Some(production) = walk.look(&walk.answers.production_v1)? {
        if production.has_counted() {
            return Ok(Some(Source::V1));
        }
        if walk.info.firmware.starts_with_zeros() {
            walk.complain(Endpoint::ProductionV1, Problem::AllZero);
        }
    }
    let counts = |report: &ProductionReport| report.inverters().is_some_and(Entry::is_active);
    Ok(report.filter(|(_, report)| counts(report)).map(|(which, _)| Source::Inverters(which)))
}

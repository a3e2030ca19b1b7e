//! Production and consumption: `/production.json?details=1`, `/production`, `/api/v1/production`.

use serde::{Deserialize, Serialize};

use super::meters::Meters;
use super::report::Report;
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
    /// `/production` as a page for people.
    Page,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Consumption {
    report: Report,
    total: bool,
    net: bool,
}

impl Production {
    pub(super) fn probe(walk: &mut Walk<'_>, meters: &Meters) -> Result<Self, Ask> {
        let report = Report::first(walk)?;
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
        if let Some((which, report)) = report
            && report.consumption.objects().any(|entry| entry.active_count.value().is_none())
        {
            let what = "consumption".to_owned();
            walk.complain(which.endpoint(), Problem::Missing { what, key: "activeCount" });
            walk.doubt();
        }
        Ok(Self { source, consumption: report.and_then(Consumption::told_by) })
    }

    pub(super) fn endpoints(&self) -> impl Iterator<Item = Endpoint> {
        let consumption = self.consumption.map(|consumption| consumption.report.endpoint());
        self.source.map(Source::endpoint).into_iter().chain(consumption)
    }

    pub(super) fn read(&self, walk: &mut Walk<'_>, meters: &Meters, readings: &mut Readings) {
        let production = self.production(walk, meters);
        let (total, net) = self.consumption(walk, meters, &production);
        readings.system_production = production.sum;
        readings.system_production_phases = production.phases;
        readings.system_consumption = total.sum;
        readings.system_consumption_phases = total.phases;
        readings.system_net_consumption = net.sum;
        readings.system_net_consumption_phases = net.phases;
    }

    fn production(&self, walk: &mut Walk<'_>, meters: &Meters) -> Flows {
        let Some(source) = self.source else { return Flows::default() };
        let flows = source.flows(walk, meters);
        let is_all_zero = flows.sum.is_some_and(|sum| sum.is_all_zero());
        if is_all_zero && walk.info.firmware.starts_with_zeros() {
            walk.complain(source.endpoint(), Problem::AllZero);
            return Flows::default();
        }
        flows
    }

    /// Total and net consumption.
    fn consumption(
        &self,
        walk: &mut Walk<'_>,
        meters: &Meters,
        production: &Flows,
    ) -> (Flows, Flows) {
        let Some(Consumption { report: which, .. }) = self.consumption else {
            return Default::default();
        };
        let Some(report) = walk.need(which.slot(walk.answers)) else {
            return Default::default();
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
        (total, net)
    }

    pub(super) fn features(&self) -> impl Iterator<Item = Feature> {
        let is_metered = matches!(self.source, Some(Source::Meter(_)));
        let tells_total = self.consumption.is_some_and(|consumption| consumption.total);
        let tells_net = self.consumption.is_some_and(|consumption| consumption.net);
        [
            self.source.map(|_| Feature::Production),
            is_metered.then_some(Feature::Metering),
            tells_total.then_some(Feature::TotalConsumption),
            tells_net.then_some(Feature::NetConsumption),
        ]
        .into_iter()
        .flatten()
    }
}

impl Source {
    fn flows(self, walk: &mut Walk<'_>, meters: &Meters) -> Flows {
        let flows = match self {
            Self::V1 => walk
                .need(&walk.answers.production_v1)
                .map(|production| EnergyFlow::try_from(production).map(Flows::from)),
            Self::Page => walk
                .need(&walk.answers.production)
                .and_then(|report| report.page.as_ref())
                .map(|page| EnergyFlow::try_from(page).map(Flows::from)),
            Self::Meter(which) | Self::Inverters(which) => walk
                .need(which.slot(walk.answers))
                .map(|report| Flows::production(report, meters.has("production"), meters.phases())),
        };
        let whole = flows.and_then(|flows| walk.whole(self.endpoint(), "production", flows));
        whole.unwrap_or_default()
    }

    fn endpoint(self) -> Endpoint {
        match self {
            Self::V1 => Endpoint::ProductionV1,
            Self::Page => Endpoint::Production,
            Self::Meter(which) | Self::Inverters(which) => which.endpoint(),
        }
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
    if !is_frozen && let Some(production) = walk.look(&walk.answers.production_v1)?.ok() {
        if production.has_counted() {
            return Ok(Some(Source::V1));
        }
        if walk.info.firmware.starts_with_zeros() {
            walk.complain(Endpoint::ProductionV1, Problem::AllZero);
        }
    }
    Ok(report.and_then(|(which, report)| {
        let counts = report.inverters().is_some_and(Entry::is_active);
        let inverters = counts.then_some(Source::Inverters(which));
        inverters.or_else(|| report.page.is_some().then_some(Source::Page))
    }))
}

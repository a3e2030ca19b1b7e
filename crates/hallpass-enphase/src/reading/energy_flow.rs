//! Production and consumption.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Missing, Phase, WattHours, Watts, needed, rounded};
use crate::wire::{Entry, Number, ProductionPage, ProductionReport, ProductionV1};

/// Power now, and energy so far. Before firmware 3.9 only a page for people tells it
/// (`/production`), with three digits: the lifetime then moves in steps of up to a megawatt hour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EnergyFlow {
    /// Source: `wNow`; `/api/v1/production`: `wattsNow`.
    pub watts_now: Watts,
    /// Since midnight, or some time near it. Source: `whToday`; `wattHoursToday`.
    pub watt_hours_today: WattHours,
    /// In the seven days before today. Source: `whLastSevenDays`; `wattHoursSevenDays`.
    pub watt_hours_last_7_days: WattHours,
    /// Since installation. Source: `whLifetime`; `wattHoursLifetime`.
    pub watt_hours_lifetime: WattHours,
}

impl EnergyFlow {
    pub(crate) fn is_all_zero(&self) -> bool {
        self.watts_now.0 == 0
            && [self.watt_hours_today, self.watt_hours_last_7_days, self.watt_hours_lifetime]
                .iter()
                .all(|energy| energy.0 == 0)
    }

    /// The production of `source`, one of the two. The CT meter knows today and seven days even
    /// where the inverters are the source; what neither knows is 0.
    fn production(
        source: &Entry,
        eim: Option<&Entry>,
        inverters: Option<&Entry>,
    ) -> Result<Self, Missing> {
        let either = |value: fn(&Entry) -> Number| {
            let known = [eim, inverters]
                .into_iter()
                .flatten()
                .map(value)
                .find(|energy| energy.is_something());
            WattHours(known.and_then(Number::rounded).unwrap_or_default())
        };
        Ok(Self {
            watts_now: rounded("wNow", source.w_now)?,
            watt_hours_today: either(|entry| entry.wh_today),
            watt_hours_last_7_days: either(|entry| entry.wh_last_seven_days),
            watt_hours_lifetime: rounded("whLifetime", source.wh_lifetime)?,
        })
    }

    fn production_phase(line: &Entry) -> Self {
        let or_zero = |value: Number| value.rounded().unwrap_or_default();
        Self {
            watts_now: or_zero(line.w_now).into(),
            watt_hours_today: or_zero(line.wh_today).into(),
            watt_hours_last_7_days: or_zero(line.wh_last_seven_days).into(),
            watt_hours_lifetime: or_zero(line.wh_lifetime).into(),
        }
    }

    fn consumption(entry: &Entry) -> Result<Self, Missing> {
        Ok(Self {
            watts_now: rounded("wNow", entry.w_now)?,
            watt_hours_today: rounded("whToday", entry.wh_today)?,
            watt_hours_last_7_days: rounded("whLastSevenDays", entry.wh_last_seven_days)?,
            watt_hours_lifetime: rounded("whLifetime", entry.wh_lifetime)?,
        })
    }

    fn agrees_with(&self, other: &Self) -> bool {
        self.watt_hours_lifetime == other.watt_hours_lifetime && self.watts_now == other.watts_now
    }

    fn add(&mut self, production: &Self) {
        self.watts_now = self.watts_now + production.watts_now;
        self.watt_hours_lifetime = self.watt_hours_lifetime + production.watt_hours_lifetime;
    }
}

impl TryFrom<&ProductionV1> for EnergyFlow {
    type Error = Missing;

    fn try_from(wire: &ProductionV1) -> Result<Self, Missing> {
        Ok(Self {
            watts_now: rounded("wattsNow", wire.watts_now)?,
            watt_hours_today: rounded("wattHoursToday", wire.watt_hours_today)?,
            watt_hours_last_7_days: rounded("wattHoursSevenDays", wire.watt_hours_seven_days)?,
            watt_hours_lifetime: rounded("wattHoursLifetime", wire.watt_hours_lifetime)?,
        })
    }
}

impl TryFrom<&ProductionPage> for EnergyFlow {
    type Error = Missing;

    fn try_from(page: &ProductionPage) -> Result<Self, Missing> {
        Ok(Self {
            watts_now: rounded("Currently", page.currently)?,
            watt_hours_today: rounded("Today", page.today)?,
            watt_hours_last_7_days: rounded("Past Week", page.past_week)?,
            watt_hours_lifetime: rounded("Since Installation", page.since_installation)?,
        })
    }
}

/// A flow and its phases. A phase that lacks a value is left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Flows {
    pub(crate) sum: Option<EnergyFlow>,
    pub(crate) phases: Option<BTreeMap<Phase, EnergyFlow>>,
}

impl From<EnergyFlow> for Flows {
    fn from(sum: EnergyFlow) -> Self {
        Self { sum: Some(sum), phases: None }
    }
}

impl Flows {
    /// The production of a report: from its CT meter, or from the inverters where none counts.
    ///
    /// With `has_ct`, an enabled CT meter that counts nothing means that nobody knows: the
    /// inverters have counters of their own, which would make the sums jump.
    pub(crate) fn production(
        report: &ProductionReport,
        has_ct: bool,
        phases: &[Phase],
    ) -> Result<Self, Missing> {
        let (eim, inverters) = (report.eim(), report.inverters());
        if eim.or(inverters).is_some_and(|entry| entry.active_count.value().is_none()) {
            return Err(Missing("activeCount"));
        }
        match eim {
            Some(meter) if meter.is_active() => Ok(Self {
                sum: Some(EnergyFlow::production(meter, eim, inverters)?),
                phases: of_lines(meter, phases, |line| Some(EnergyFlow::production_phase(line))),
            }),
            Some(_) if has_ct => Ok(Self::default()),
            None if has_ct => Err(Missing("eim")),
            _ => {
                let source = needed("inverters", inverters)?;
                EnergyFlow::production(source, eim, inverters).map(Self::from)
            }
        }
    }

    /// The consumption of one entry; nothing without it.
    pub(crate) fn consumption(entry: Option<&Entry>, phases: &[Phase]) -> Result<Self, Missing> {
        let Some(entry) = entry else { return Ok(Self::default()) };
        Ok(Self {
            sum: Some(EnergyFlow::consumption(entry)?),
            phases: of_lines(entry, phases, |line| EnergyFlow::consumption(line).ok()),
        })
    }

    /// Makes a total consumption whole that is only a copy of the net consumption, by adding the
    /// production (seen on 8.3.5433). Without a production nobody knows the total.
    ///
    /// Today and seven days stay as they are: the firmware gives other numbers there anyway.
    pub(crate) fn repair_total(&mut self, production: &Self, net: &Self) {
        let (Some(total), Some(net_sum)) = (&mut self.sum, &net.sum) else { return };
        if !total.agrees_with(net_sum) {
            return;
        }
        let Some(produced) = &production.sum else {
            *self = Self::default();
            return;
        };
        total.add(produced);
        for (phase, total) in self.phases.iter_mut().flatten() {
            let of_phase = |flows: &Self| flows.phases.as_ref()?.get(phase).copied();
            if let (Some(produced), Some(net)) = (of_phase(production), of_phase(net))
                && total.agrees_with(&net)
            {
                total.add(&produced);
            }
        }
    }
}

/// The phases of an entry, where the gateway measures more than one and lists them.
fn of_lines(
    entry: &Entry,
    phases: &[Phase],
    flow: impl Fn(&Entry) -> Option<EnergyFlow>,
) -> Option<BTreeMap<Phase, EnergyFlow>> {
    let listed = phases.iter().zip(&entry.lines.0);
    let flows: BTreeMap<_, _> =
        listed.filter_map(|(&phase, line)| Some((phase, flow(line.0.as_ref()?)?))).collect();
    (!flows.is_empty()).then_some(flows)
}

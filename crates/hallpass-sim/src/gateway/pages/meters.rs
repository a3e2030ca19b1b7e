//! The current transformers: how they are set up, and what they read.

use serde_json::{Value, json};

use super::{View, thousandths};
use crate::{
    profile::Wiring,
    world::{Moment, energy::sum},
};

const PRODUCTION: i64 = 704_643_328;
const NET_CONSUMPTION: i64 = 704_643_584;
const STORAGE: i64 = 704_643_840;
/// Not installed, not set up, but in the readings of 8.3.
const GRID: i64 = 1_023_410_688;
/// The first channel of the first meter; the next meter's are 256 later.
const CHANNEL: i64 = 1_778_385_169;

/// Which way power goes through a meter: W, and Wh delivered to the switchboard and received from it.
pub(super) struct Flow {
    pub(super) watts: [f64; 3],
    delivered: [f64; 3],
    received: [f64; 3],
}

impl Flow {
    fn production(moment: &Moment) -> Self {
        Self { watts: moment.powers.solar, delivered: moment.energies.solar, received: [0.0; 3] }
    }

    pub(super) fn net(moment: &Moment) -> Self {
        let watts = std::array::from_fn(|phase| moment.powers.net(phase));
        Self { watts, delivered: moment.energies.imported, received: moment.energies.exported }
    }

    fn storage(moment: &Moment) -> Self {
        Self {
            watts: moment.powers.battery,
            delivered: moment.energies.discharged,
            received: moment.energies.charged,
        }
    }
}

/// `/ivp/meters`.
pub(super) fn setup(view: &View<'_>) -> Value {
    let wiring = view.profile.wiring;
    let meter = |eid: i64, measures: &str| {
        json!({
            "eid": eid, "state": "enabled", "measurementType": measures, "phaseMode": wiring.mode(),
            "phaseCount": wiring.phases(), "meteringStatus": "normal", "statusFlags": [],
        })
    };
    let mut meters =
        vec![meter(PRODUCTION, "production"), meter(NET_CONSUMPTION, "net-consumption")];
    if view.profile.has_batteries() {
        meters.push(meter(STORAGE, "storage"));
    }
    meters.into()
}

/// `/ivp/meters/readings`.
pub(super) fn readings(view: &View<'_>) -> Value {
    let moment = view.moment;
    let mut readings = vec![
        reading(view, PRODUCTION, &Flow::production(moment)),
        reading(view, NET_CONSUMPTION, &Flow::net(moment)),
    ];
    if view.profile.has_batteries() {
        readings.push(reading(view, STORAGE, &Flow::storage(moment)));
    }
    if view.profile.quirks.plain_info {
        readings.push(reading(
            view,
            GRID,
            &Flow { watts: [0.0; 3], delivered: [0.0; 3], received: [0.0; 3] },
        ));
    }
    readings.into()
}

/// One meter with its three channels, whether they are in use or not.
fn reading(view: &View<'_>, eid: i64, flow: &Flow) -> Value {
    let phases = view.profile.wiring.phases();
    let volts = Electrics::nominal_volts(view.profile.wiring);
    let second = view.moment.at.as_second();
    let total_volts = volts * phases as f64;
    let mut body =
        channel(eid, second, sum(flow.watts), sum(flow.delivered), sum(flow.received), total_volts);
    let first = CHANNEL + (eid - PRODUCTION);
    let each = |phase: usize| {
        let volts = if phase < phases { volts } else { 0.0 };
        channel(
            first + phase as i64,
            second,
            flow.watts[phase],
            flow.delivered[phase],
            flow.received[phase],
            volts,
        )
    };
    body["channels"] = (0..3).map(each).collect();
    body
}

fn channel(eid: i64, second: i64, watts: f64, delivered: f64, received: f64, volts: f64) -> Value {
    let electrics = Electrics::of(watts, volts);
    json!({
        "eid": eid,
        "timestamp": second,
        "actEnergyDlvd": thousandths(delivered),
        "actEnergyRcvd": thousandths(received),
        "apparentEnergy": thousandths((delivered + received) * 1.05),
        "reactEnergyLagg": thousandths((delivered + received) * 0.1),
        "reactEnergyLead": 0.0,
        "instantaneousDemand": thousandths(watts),
        "activePower": thousandths(watts),
        "apparentPower": thousandths(electrics.apparent),
        "reactivePower": thousandths(electrics.reactive),
        "pwrFactor": thousandths(electrics.power_factor),
        "voltage": thousandths(volts),
        "current": thousandths(electrics.amperes),
        "freq": 50.0,
    })
}

/// What goes along with a power at a voltage.
pub(super) struct Electrics {
    /// VA.
    pub(super) apparent: f64,
    /// var.
    pub(super) reactive: f64,
    pub(super) power_factor: f64,
    pub(super) amperes: f64,
}

impl Electrics {
    /// V of one phase against neutral.
    pub(super) fn nominal_volts(wiring: Wiring) -> f64 {
        if wiring == Wiring::Split { 121.0 } else { 231.0 }
    }

    pub(super) fn of(watts: f64, volts: f64) -> Self {
        if volts == 0.0 {
            return Self { apparent: 0.0, reactive: 0.0, power_factor: 0.0, amperes: 0.0 };
        }
        let reactive = 20.0 + watts.abs() * 0.08;
        let apparent = watts.hypot(reactive);
        Self { apparent, reactive, power_factor: watts / apparent, amperes: apparent / volts }
    }
}

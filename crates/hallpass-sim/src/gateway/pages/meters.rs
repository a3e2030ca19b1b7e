//! The current transformers: how they are set up, and what they read.

use super::{View, thousandths};
use crate::{
    json::{Json, json},
    profile::{Circuit, Transformer, Wiring},
    world::{
        Moment,
        energy::{Energies, Powers, sum},
    },
};

/// The eid of the first input; the next ones are this far apart each.
const FIRST: i64 = 704_643_328;
const STEP: i64 = 256;
/// The first channel of the first input, the others of it follow.
const CHANNEL: i64 = 1_778_385_169;
/// Not installed, not set up, but in the readings of 8.3.
const GRID: i64 = 1_023_410_688;
const GRID_CHANNEL: i64 = 2_097_152_513;

pub(super) fn eid(circuit: Circuit) -> i64 {
    FIRST + STEP * circuit.place()
}

pub(super) fn channel_eid(circuit: Circuit) -> i64 {
    CHANNEL + STEP * circuit.place()
}

/// Which way power goes through a transformer: W, and Wh delivered to the switchboard and received from it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flow {
    pub(super) watts: [f64; 3],
    pub(super) delivered: [f64; 3],
    pub(super) received: [f64; 3],
}

impl Flow {
    /// What a transformer would see in this moment. No recording tells about a load or a car in use: they count what is
    /// drawn as delivered, as total consumption does. What was recorded of backfeed looks like storage.
    fn of(circuit: Circuit, moment: &Moment) -> Self {
        let (powers, energies) = (&moment.powers, &moment.energies);
        let one_way = |watts, delivered| Self { watts, delivered, received: [0.0; 3] };
        match circuit {
            Circuit::Production => one_way(powers.solar, energies.solar),
            Circuit::NetConsumption => {
                let watts = std::array::from_fn(|phase| powers.net(phase));
                Self { watts, delivered: energies.imported, received: energies.exported }
            }
            Circuit::Storage | Circuit::Backfeed => Self {
                watts: powers.battery,
                delivered: energies.discharged,
                received: energies.charged,
            },
            Circuit::Load => one_way(house_watts(powers), house_energy(energies)),
            Circuit::Evse => one_way(powers.car, energies.car),
            Circuit::Pv3p => Self::default(),
        }
    }

    /// What the transformer reads: nothing where it is not set up.
    pub(super) fn read(view: &View<'_>, circuit: Circuit) -> Self {
        if view.profile.measures(circuit) {
            Self::of(circuit, view.moment)
        } else {
            Self::default()
        }
    }
}

fn house_watts(powers: &Powers) -> [f64; 3] {
    std::array::from_fn(|phase| powers.load[phase] - powers.car[phase])
}

fn house_energy(energies: &Energies) -> [f64; 3] {
    std::array::from_fn(|phase| energies.load[phase] - energies.car[phase])
}

/// `/ivp/meters`.
pub(super) fn setup(view: &View<'_>) -> Json {
    let wiring = view.profile.wiring;
    let meter = |transformer: &Transformer| {
        json!({
            "eid": eid(transformer.circuit),
            "state": if transformer.enabled { "enabled" } else { "disabled" },
            "measurementType": transformer.circuit.name(),
            "phaseMode": wiring.mode(),
            "phaseCount": wiring.phases(),
            "meteringStatus": "normal",
            "statusFlags": Json::EMPTY_LIST,
        })
    };
    view.profile.transformers.iter().map(meter).collect()
}

/// `/ivp/meters/readings`: all inputs, used or not.
pub(super) fn readings(view: &View<'_>) -> Json {
    let second = view.moment.at.as_second();
    let reading = |transformer: &Transformer| {
        let circuit = transformer.circuit;
        let (eid, channel) = (eid(circuit), channel_eid(circuit));
        // A measurement that is worked out from others has no time where it is not used.
        let second = if circuit == Circuit::Pv3p { 0 } else { second };
        reading(view, eid, channel, second, &Flow::read(view, circuit))
    };
    let mut readings: Vec<Json> = view.profile.transformers.iter().map(reading).collect();
    if view.profile.quirks.plain_info {
        readings.push(self::reading(view, GRID, GRID_CHANNEL, second - 6, &Flow::default()));
    }
    readings.into()
}

/// One meter with its three channels, whether they are in use or not.
fn reading(view: &View<'_>, eid: i64, channel: i64, second: i64, flow: &Flow) -> Json {
    let wiring = view.profile.wiring;
    let volts = Electrics::nominal_volts(wiring);
    let total = [sum(flow.watts), sum(flow.delivered), sum(flow.received)];
    let all = numbers(eid, second, total, volts * wiring.phases() as f64, wiring);
    let each = |phase: usize| {
        let values = [flow.watts[phase], flow.delivered[phase], flow.received[phase]];
        let volts = if phase < wiring.phases() { volts } else { 0.0 };
        numbers(channel + phase as i64, second, values, volts, wiring)
    };
    all.with("channels", (0..3).map(each).collect::<Json>())
}

/// W, Wh delivered, Wh received, and what goes along with them.
fn numbers(eid: i64, second: i64, values: [f64; 3], volts: f64, wiring: Wiring) -> Json {
    let [watts, delivered, received] = values;
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
        "freq": Electrics::nominal_hertz(wiring),
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

    pub(super) fn nominal_hertz(wiring: Wiring) -> f64 {
        if wiring == Wiring::Split { 60.0 } else { 50.0 }
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

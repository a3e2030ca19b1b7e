//! A gateway before it has met the others: what it plays, and what it calls itself.

use std::sync::Mutex;

use super::{Show, metering::Metering};
use crate::{
    SimError,
    firmware::Firmware,
    options::{GatewayOptions, Options, Plays},
    profile::{Circuit, Profile},
    recording::Recording,
    stage::Stage,
    world::{Bank, Plant, World},
};

/// Of a car, where there is a transformer to measure it.
const CHARGER_WATTS: f64 = 7_360.0;

pub(crate) struct Cast {
    pub(crate) serial_number: String,
    pub(super) firmware: Firmware,
    pub(super) show: Show,
}

impl Cast {
    pub(crate) fn new(stage: &Stage, index: usize, options: &Options) -> Result<Self, SimError> {
        let wanted = &options.gateways[index];
        let made_up = format!("12{}", stage.digits(10));
        Ok(match &wanted.plays {
            Plays::Recording(directory) => {
                let recording = Recording::open(directory)?;
                Self {
                    serial_number: wanted
                        .serial_number
                        .clone()
                        .unwrap_or_else(|| recording.serial_number()),
                    firmware: recording.firmware(),
                    show: Show::Recording(recording),
                }
            }
            Plays::Firmware(version) => {
                let firmware = Firmware::new(version);
                let plant = plant(&Profile::of(&firmware), wanted, options, index);
                let world = World::new(plant, options.start);
                Self {
                    serial_number: wanted.serial_number.clone().unwrap_or(made_up),
                    firmware,
                    show: Show::Live(Box::new(Mutex::new(Metering::new(world)))),
                }
            }
        })
    }
}

fn plant(profile: &Profile, wanted: &GatewayOptions, options: &Options, index: usize) -> Plant {
    Plant {
        seed: options.seed.wrapping_add(index as u64),
        place: options.place,
        phases: profile.wiring.phases(),
        inverters: wanted.inverters.unwrap_or(profile.inverters).max(1),
        batteries: Bank::iq(profile.equipment.batteries),
        ac_batteries: Bank::ac(profile.equipment.ac_batteries),
        charger: if profile.measures(Circuit::Evse) { CHARGER_WATTS } else { 0.0 },
    }
}

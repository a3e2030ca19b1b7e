//! AC batteries: in the production report, in `/inventory.json?deleted=1` and among the inverters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::walk::{Ask, Walk};
use crate::Endpoint;
use crate::reading::{AcBattery, Feature, Readings};
use crate::wire::{List, Maybe, Object};

/// Where AC batteries are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum AcBatteries {
    /// Nowhere: there are none.
    Absent,
    /// In the production report.
    Reported,
    /// There, and each of them in the inventory.
    Listed,
}

impl AcBatteries {
    pub(super) fn probe(walk: &mut Walk<'_>) -> Result<Self, Ask> {
        let report = walk.look(&walk.answers.production_details)?;
        if report.is_none_or(|report| report.ac_batteries().is_none()) {
            return Ok(Self::Absent);
        }
        let inventory = walk.look(&walk.answers.inventory)?;
        let is_listed = inventory.is_some_and(|inventory| !in_use(inventory).is_empty());
        Ok(if is_listed { Self::Listed } else { Self::Reported })
    }

    pub(super) fn are_there(self) -> bool {
        self != Self::Absent
    }

    pub(super) fn endpoints(self) -> impl Iterator<Item = Endpoint> {
        let endpoints: &[Endpoint] = match self {
            Self::Absent => &[],
            Self::Reported => &[Endpoint::ProductionDetails],
            Self::Listed => {
                &[Endpoint::ProductionDetails, Endpoint::Inventory, Endpoint::Inverters]
            }
        };
        endpoints.iter().copied()
    }

    pub(super) fn read(self, walk: &mut Walk<'_>, readings: &mut Readings) {
        if self == Self::Absent {
            return;
        }
        if let Some(report) = walk.need(&walk.answers.production_details) {
            let power = report.ac_batteries().map(TryInto::try_into);
            readings.acb_power = power
                .and_then(|power| walk.whole(Endpoint::ProductionDetails, "AC batteries", power));
        }
        if self == Self::Listed
            && let Some(inventory) = walk.need(&walk.answers.inventory)
        {
            readings.acb_inventory = Some(read_inventory(walk, inventory));
        }
    }

    pub(super) fn features(self) -> Option<Feature> {
        self.are_there().then_some(Feature::Acb)
    }
}

fn read_inventory(
    walk: &mut Walk<'_>,
    inventory: &List<Maybe<Object>>,
) -> BTreeMap<String, AcBattery> {
    let inverters = walk.glance(&walk.answers.inverters);
    let report_of = |serial_number: &str| {
        let mut reports = inverters.into_iter().flat_map(List::objects);
        reports.find(|report| report.is_ac_battery() && report.serial_number.is(serial_number))
    };
    let mut read = BTreeMap::new();
    for device in in_use(inventory) {
        let serial_number = device.text("serial_num").unwrap_or_default();
        let battery = AcBattery::new(&device, report_of(&serial_number));
        let what = format_args!("AC battery {serial_number}");
        let battery = walk.whole(Endpoint::Inventory, what, battery);
        read.extend(battery.map(|battery| (serial_number, battery)));
    }
    read
}

/// The AC batteries that were not taken out of use, which is an `admin_state` of 0.
fn in_use(inventory: &List<Maybe<Object>>) -> Vec<Object> {
    let groups = inventory.objects().filter(|group| group.says("type", "ACB"));
    let devices = groups.flat_map(|group| group.objects("devices").unwrap_or_default());
    devices.filter(|device| device.integer("admin_state") != Ok(0_i64)).collect()
}

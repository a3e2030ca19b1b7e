//! AC batteries: in the production report, in `/inventory.json?deleted=1` and among the inverters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::report::Report;
use super::walk::{Ask, Walk};
use crate::Endpoint;
use crate::reading::{AcBattery, Feature, Readings};
use crate::wire::{List, Maybe, Object, ObjectBuf};

/// Where AC batteries are told of; nowhere where there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct AcBatteries {
    report: Option<Report>,
    are_listed: bool,
}

impl AcBatteries {
    pub(super) fn probe(walk: &mut Walk<'_>) -> Result<Self, Ask> {
        let report = Report::first(walk)?.filter(|(_, report)| report.ac_batteries().is_some());
        let Some((report, _)) = report else { return Ok(Self::default()) };
        let inventory = walk.look(&walk.answers.inventory)?.ok();
        let are_listed = inventory.is_some_and(|inventory| !in_use(inventory).is_empty());
        Ok(Self { report: Some(report), are_listed })
    }

    pub(super) fn are_there(self) -> bool {
        self.report.is_some()
    }

    pub(super) fn endpoints(self) -> impl Iterator<Item = Endpoint> {
        let listing = [Endpoint::Inventory, Endpoint::Inverters];
        let listing = listing.into_iter().filter(move |_| self.are_listed);
        self.report.map(Report::endpoint).into_iter().chain(listing)
    }

    pub(super) fn read(self, walk: &mut Walk<'_>, readings: &mut Readings) {
        let Some(which) = self.report else { return };
        let report = walk.need(which.slot(walk.answers));
        let power = report.and_then(|report| report.ac_batteries()).map(TryInto::try_into);
        readings.acb_power =
            power.and_then(|power| walk.whole(which.endpoint(), "AC batteries", power));
        if self.are_listed
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
    inventory: &List<Maybe<ObjectBuf>>,
) -> BTreeMap<String, AcBattery> {
    let inverters = walk.glance(&walk.answers.inverters);
    let report_of = |serial_number: &str| {
        let mut reports = inverters.into_iter().flat_map(List::objects);
        reports.find(|report| report.is_ac_battery() && report.serial_number.is(serial_number))
    };
    let mut read = BTreeMap::new();
    for device in in_use(inventory) {
        let serial_number = device.text("serial_num").unwrap_or_default();
        let battery = AcBattery::new(device, report_of(&serial_number));
        let what = format_args!("AC battery {serial_number}");
        let battery = walk.whole(Endpoint::Inventory, what, battery);
        read.extend(battery.map(|battery| (serial_number, battery)));
    }
    read
}

/// The AC batteries that were not taken out of use, which is an `admin_state` of 0.
fn in_use(inventory: &List<Maybe<ObjectBuf>>) -> Vec<Object<'_>> {
    let groups = inventory.objects().map(ObjectBuf::as_object);
    let groups = groups.filter(|group| group.says("type", "ACB"));
    let devices = groups.flat_map(|group| group.objects("devices").unwrap_or_default());
    devices.filter(|device| device.integer("admin_state") != Ok(0_i64)).collect()
}

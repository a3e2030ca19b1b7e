//! `/api/v1/production/inverters`: what each inverter reported last, and each AC battery.

use super::{View, whole};
use crate::{
    json::{Json, json},
    profile::Generation,
    world::{Plant, energy::sum},
};

/// The first inverter's channel, the next ones' are 256 apart.
const CHANNEL: i64 = 1_627_390_225;
/// Likewise of the AC batteries; no recording has one.
const AC_CHANNEL: i64 = 1_644_167_441;
/// The most that an AC battery is said to give, W.
const AC_MOST: i64 = 149;

pub(super) fn serial_number(view: &View<'_>, index: usize) -> String {
    super::serial_number(view, "4822", index)
}

pub(super) fn ac_serial_number(view: &View<'_>, index: usize) -> String {
    super::serial_number(view, "1221", index)
}

pub(super) fn channel(index: usize) -> i64 {
    CHANNEL + 256 * index as i64
}

pub(super) fn ac_channel(index: usize) -> i64 {
    AC_CHANNEL + 256 * index as i64
}

/// The most that an inverter is said to have given, W.
pub(super) fn most(index: usize) -> i64 {
    whole(Plant::INVERTER_WATTS + (index % 5) as f64)
}

/// What an AC battery gives, W; what it takes is not told here.
pub(super) fn ac_watts(view: &View<'_>) -> i64 {
    let bank = &view.moment.plant.ac_batteries;
    whole((sum(view.moment.powers.ac_battery) / bank.count.max(1) as f64).max(0.0))
}

/// When an AC battery reported last: each quarter of an hour, one after the other.
fn ac_reported(view: &View<'_>, index: usize) -> i64 {
    view.moment.at.as_second().div_euclid(900) * 900 - 30 * index as i64
}

pub(super) fn reports(view: &View<'_>) -> Json {
    let inverter = |index: usize| {
        let report = view.moment.report(index);
        let identity = (serial_number(view, index), report.at.as_second());
        entry(view, identity, 1, [whole(report.watts), most(index)])
    };
    let battery = |index: usize| {
        let identity = (ac_serial_number(view, index), ac_reported(view, index));
        entry(view, identity, 11, [ac_watts(view), AC_MOST])
    };
    let plant = &view.moment.plant;
    let inverters = (0..plant.inverters).map(inverter);
    inverters.chain((0..plant.ac_batteries.count).map(battery)).collect()
}

/// A serial number with the time of its report; W now and at most. Firmware 3 does not say what kind of device it is.
fn entry(view: &View<'_>, (serial, at): (String, i64), kind: i64, [last, most]: [i64; 2]) -> Json {
    Json::merged([
        json!({"serialNumber": serial, "lastReportDate": at}),
        json!({"devType": kind}).when(!view.profile.before(Generation::Four)),
        json!({"lastReportWatts": last, "maxReportWatts": most}),
    ])
}

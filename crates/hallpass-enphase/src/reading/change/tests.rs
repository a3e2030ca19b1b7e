use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;
use crate::{
    Firmware,
    reading::{
        Amperes, CtMeter, Hertz, Identity, Inverter, Phase, UnixTime, Volts, WattHours, Watts,
    },
};

/// A gateway with a meter of one phase, an inverter, a complaint and a stale endpoint.
fn snapshot() -> Snapshot {
    Snapshot {
        device: Identity {
            serial_number: "122100001613".to_owned(),
            part_number: None,
            firmware: Firmware::parse("D7.6.175").unwrap(),
            is_metered: true,
        },
        taken_at: Timestamp::UNIX_EPOCH,
        supported_features: BTreeSet::new(),
        phase_count: 1,
        phase_mode: None,
        ct_meter_list: Vec::new(),
        readings: Readings {
            ctmeters_phases: [phase("production"), phase("storage")].into(),
            inverters: [("1219".to_owned(), inverter())].into(),
            ..Readings::default()
        },
        complaints: vec![
            complaint(Endpoint::Meters, Problem::Malformed("at line 1 column 7".to_owned())),
            complaint(Endpoint::Inverters, Problem::Status(503)),
        ],
        stale: vec![Stale { endpoint: Endpoint::DeviceData, since: Timestamp::UNIX_EPOCH }],
    }
}

fn phase(kind: &str) -> (String, BTreeMap<Phase, Option<CtMeter>>) {
    (kind.to_owned(), [(Phase::L1, Some(meter()))].into())
}

fn meter() -> CtMeter {
    CtMeter {
        eid: 1,
        timestamp: UnixTime(1_700_000_000),
        energy_delivered: WattHours(1),
        energy_received: WattHours(2),
        active_power: Watts(3),
        power_factor: 0.5,
        voltage: Volts(230.0),
        current: Amperes(1.5),
        frequency: Hertz(50.0),
        state: None,
        measurement_type: None,
        metering_status: None,
        status_flags: None,
    }
}

fn inverter() -> Inverter {
    Inverter {
        serial_number: "1219".to_owned(),
        last_report_date: UnixTime(1_700_000_000),
        last_report_watts: Watts(200),
        max_report_watts: Watts(290),
        dc_voltage: None,
        dc_current: None,
        ac_voltage: None,
        ac_current: None,
        ac_frequency: None,
        temperature: None,
        lifetime_energy: None,
        energy_produced: None,
        energy_today: None,
        last_report_duration: None,
    }
}

fn complaint(endpoint: Endpoint, problem: Problem) -> Complaint {
    Complaint { endpoint, problem }
}

fn storage(snapshot: &mut Snapshot) -> &mut CtMeter {
    let phases = snapshot.readings.ctmeters_phases.get_mut("storage").unwrap();
    phases.get_mut(&Phase::L1).unwrap().as_mut().unwrap()
}

fn first_inverter(snapshot: &mut Snapshot) -> &mut Inverter {
    snapshot.readings.inverters.get_mut("1219").unwrap()
}

/// Whether what `happens` between two polls is a change; seen from either of them.
#[track_caller]
fn check(happens: impl FnOnce(&mut Snapshot), expect: bool) {
    let (before, mut after) = (snapshot(), snapshot());
    happens(&mut after);
    assert_ne!(before, after, "nothing happened");
    assert_eq!(after.differs_from(&before), expect);
    assert_eq!(before.differs_from(&after), expect);
}

#[test]
fn a_poll_does_not_differ_from_itself() {
    assert!(!snapshot().differs_from(&snapshot()));
}

#[test]
fn what_was_measured_is_a_change() {
    check(|now| first_inverter(now).last_report_watts = Watts(201), true);
    check(|now| first_inverter(now).temperature = Some(crate::reading::Celsius(20.0)), true);
    check(|now| storage(now).voltage = Volts(230.1), true);
    check(|now| storage(now).status_flags = Some(Vec::new()), true);
    check(|now| now.readings.inverters.clear(), true);
    check(|now| now.readings.ctmeter_storage = Some(meter()), true);
}

#[test]
fn times_are_none() {
    check(|now| now.taken_at = Timestamp::MAX, false);
    check(|now| first_inverter(now).last_report_date = UnixTime(1_700_000_300), false);
    check(|now| storage(now).timestamp = UnixTime(1_700_000_300), false);
    check(|now| now.stale[0].since = Timestamp::MAX, false);
}

#[test]
fn who_was_read_is_none() {
    check(|now| now.device.firmware = Firmware::parse("D8.2.4382").unwrap(), false);
    check(|now| now.phase_count = 3, false);
}

#[test]
fn complaints_are_a_change_by_endpoint_and_problem() {
    check(|now| now.complaints.clear(), true);
    check(|now| now.complaints[1].endpoint = Endpoint::MeterReadings, true);
    check(|now| now.complaints[1].problem = Problem::Status(504), true);
    check(|now| now.complaints[1].problem = Problem::Absent, true);
    check(|now| now.complaints.reverse(), false);
}

#[test]
fn free_words_of_a_complaint_are_none() {
    let malformed = |why: &str| Problem::Malformed(why.to_owned());
    let unanswered = |why: &str| Problem::Unanswered(why.to_owned());
    check(|now| now.complaints[0].problem = malformed("at line 1 column 8"), false);
    check(|now| now.complaints[0].problem = unanswered("timed out"), true);
}

#[test]
fn stale_endpoints_are_a_change() {
    check(|now| now.stale.clear(), true);
    check(|now| now.stale[0].endpoint = Endpoint::Meters, true);
}

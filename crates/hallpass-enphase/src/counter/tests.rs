use std::collections::BTreeSet;

use super::*;
use crate::reading::{
    Amperes, CtMeter, EnergyFlow, Hertz, Inverter, Phase, Volts, WattHours, Watts,
};
use crate::{Info, Survey};

/// A gateway without any reading, at a second.
fn snapshot(second: i64) -> Snapshot {
    let info =
        b"<envoy_info><device><sn>1</sn><software>D8.2.4345</software></device></envoy_info>";
    let info = Info::parse(info).expect("a gateway");
    Survey::new(&info, None, at(second)).finish(at(second)).snapshot
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

fn flow(today: i64, lifetime: i64) -> EnergyFlow {
    EnergyFlow {
        watts_now: Watts(1),
        watt_hours_today: WattHours(today),
        watt_hours_last_7_days: WattHours(7),
        watt_hours_lifetime: WattHours(lifetime),
    }
}

fn meter(stamp: i64, delivered: i64, received: i64) -> CtMeter {
    CtMeter {
        eid: 1,
        timestamp: UnixTime(stamp),
        energy_delivered: WattHours(delivered),
        energy_received: WattHours(received),
        active_power: Watts(1),
        power_factor: 1.0,
        voltage: Volts(230.0),
        current: Amperes(1.0),
        frequency: Hertz(50.0),
        state: None,
        measurement_type: None,
        metering_status: None,
        status_flags: None,
    }
}

fn inverter(serial: &str, stamp: i64, lifetime: Option<i64>) -> Inverter {
    Inverter {
        serial_number: serial.to_owned(),
        last_report_date: UnixTime(stamp),
        last_report_watts: Watts(1),
        max_report_watts: Watts(300),
        dc_voltage: None,
        dc_current: None,
        ac_voltage: None,
        ac_current: None,
        ac_frequency: None,
        temperature: None,
        lifetime_energy: lifetime.map(WattHours),
        energy_produced: None,
        energy_today: None,
        last_report_duration: None,
    }
}

/// A snapshot of `count` inverters with names from `first` on.
fn many_inverters(second: i64, first: usize, count: usize) -> Snapshot {
    let mut snapshot = snapshot(second);
    let names = (first..first + count).map(|number| format!("{number:06}"));
    snapshot.readings.inverters =
        names.map(|name| (name.clone(), inverter(&name, second, Some(5)))).collect();
    snapshot
}

#[test]
fn counters_are_named_by_the_path_of_their_reading() {
    let mut snapshot = snapshot(0);
    let readings = &mut snapshot.readings;
    readings.system_production = Some(flow(1, 2));
    readings.system_production_phases = Some(BTreeMap::from([(Phase::L2, flow(3, 4))]));
    readings.system_consumption = Some(flow(5, 6));
    readings.system_net_consumption = Some(flow(0, -5));
    let kind = "net-consumption".to_owned();
    readings.ctmeters =
        BTreeMap::from([(kind.clone(), Some(meter(9, 7, 8))), ("storage".to_owned(), None)]);
    readings.ctmeters_phases =
        BTreeMap::from([(kind, BTreeMap::from([(Phase::L1, Some(meter(9, 9, 10)))]))]);
    readings.inverters = BTreeMap::from([
        ("12".to_owned(), inverter("12", 9, Some(11))),
        ("13".to_owned(), inverter("13", 9, None)),
    ]);

    let published = Counters::default().observe(&snapshot);
    let seen: Vec<_> =
        published.iter().map(|(path, counted)| (path.as_str(), counted.raw.0)).collect();
    assert_eq!(
        seen,
        [
            ("ctmeters.net-consumption.energy_delivered", 7),
            ("ctmeters.net-consumption.energy_received", 8),
            ("ctmeters_phases.net-consumption.L1.energy_delivered", 9),
            ("ctmeters_phases.net-consumption.L1.energy_received", 10),
            ("inverters.12.lifetime_energy", 11),
            ("system_consumption.watt_hours_lifetime", 6),
            ("system_consumption.watt_hours_today", 5),
            ("system_production.watt_hours_lifetime", 2),
            ("system_production.watt_hours_today", 1),
            ("system_production_phases.L2.watt_hours_lifetime", 4),
            ("system_production_phases.L2.watt_hours_today", 3),
        ]
    );

    let json = serde_json::to_value(&snapshot.readings).expect("JSON");
    for (path, raw) in seen {
        let pointer = format!("/{}", path.replace('.', "/"));
        assert_eq!(json.pointer(&pointer), Some(&raw.into()), "{path} is no reading");
    }
}

#[test]
fn a_reading_that_is_missing_leaves_its_counter_as_it_is() {
    let mut counters = Counters::default();
    let produced = |second, lifetime: Option<i64>| {
        let mut snapshot = snapshot(second);
        snapshot.readings.system_production = lifetime.map(|lifetime| flow(0, lifetime));
        snapshot
    };
    counters.observe(&produced(0, Some(1_000)));
    let before = counters.clone();
    assert_eq!(counters.observe(&produced(60, None)), BTreeMap::new());
    assert_eq!(counters, before);
    let published = counters.observe(&produced(3_600, Some(6_000)));
    let lifetime = published["system_production.watt_hours_lifetime"];
    assert_eq!((lifetime.published, lifetime.quality), (WattHours(6_000), Quality::Good));
}

#[test]
fn a_meter_that_is_frozen_is_stale_and_loses_nothing() {
    let mut counters = Counters::default();
    let mut check = |second: i64, stamp: i64, delivered: i64, published: i64, quality: Quality| {
        let mut snapshot = snapshot(second);
        let meter = meter(stamp, delivered, 0);
        snapshot.readings.ctmeters = BTreeMap::from([("production".to_owned(), Some(meter))]);
        let counted = counters.observe(&snapshot)["ctmeters.production.energy_delivered"];
        assert_eq!(
            (counted.raw, counted.published.0, counted.quality),
            (WattHours(delivered), published, quality),
            "at {second}"
        );
    };
    // Its clock is wrong, and goes back once: only that it moves counts.
    check(10_000, 500, 100, 100, Quality::Good);
    check(10_060, 560, 150, 150, Quality::Good);
    check(10_120, 560, 150, 150, Quality::Repeated);
    check(10_180, 560, 999, 150, Quality::Repeated);
    check(10_060 + 900, 560, 150, 150, Quality::Stale);
    check(20_000, 430, 20_150, 20_150, Quality::Good);
    // A meter without a clock is taken at the reader's.
    check(20_060, 0, 20_160, 20_160, Quality::Good);
    check(20_120, 0, 20_170, 20_170, Quality::Good);
}

#[test]
fn a_site_may_make_what_its_mains_or_its_inverters_can() {
    let check = |phases: u8, inverters: usize, watts: i64| {
        let mut snapshot = many_inverters(0, 0, inverters);
        snapshot.phase_count = phases;
        assert_eq!(PlantLimit::of_site(&snapshot), PlantLimit::new(Watts(watts)));
    };
    check(1, 0, 48_000);
    check(1, 2, 48_000);
    check(3, 60, 144_000);
    check(1, 300, 300_000);
}

#[test]
fn counters_stay_few_whatever_a_gateway_says() {
    let mut counters = Counters::default();
    assert_eq!(counters.observe(&many_inverters(0, 0, MOST + 10)).len(), MOST);
    for round in 1..5_i64 {
        let second = round * 300;
        let first = usize::try_from(round).expect("a number") * 1_500;
        counters.observe(&many_inverters(second, first, 1_500));
        assert!(counters.0.len() <= MOST, "{}", counters.0.len());
    }
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let mut counters = Counters::default();
    counters.observe(&many_inverters(300, 0, 3));
    let stored = serde_json::to_string(&counters).expect("JSON");
    let restarted: Counters = serde_json::from_str(&stored).expect("what was stored");
    assert_eq!(restarted, counters);
}

#[test]
fn qualities_are_told_apart() {
    use Quality::*;
    let all = [Good, Held, Wrapped, Reset, Repeated, Stale, Late];
    let texts: BTreeSet<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), all.len());
}

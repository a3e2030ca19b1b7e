//! The rules that no recording of a gateway shows.

mod spared;

use serde_json::{Value, json};

use super::*;
use crate::reading::{Complaint, Phase, Problem, WattHours, Watts};

/// A gateway that answers 404 to all but these.
struct Gateway {
    info: Info,
    answers: Vec<(Endpoint, Value)>,
}

struct Read {
    snapshot: Snapshot,
    plan: Plan,
    asked: Vec<Endpoint>,
}

impl Gateway {
    fn new(firmware: &str, answers: &[(Endpoint, Value)]) -> Self {
        let info = format!(
            "<envoy_info><device><sn>1</sn><software>D{firmware}</software><imeter>true</imeter></device></envoy_info>"
        );
        let info = Info::parse(info.as_bytes()).expect("a gateway");
        Self { info, answers: answers.to_vec() }
    }

    fn read(&self, plan: Option<Plan>) -> Read {
        let mut survey = Survey::new(&self.info, plan, Timestamp::UNIX_EPOCH);
        let mut asked = Vec::new();
        while let Some(endpoint) = survey.next() {
            asked.push(endpoint);
            survey.answer(endpoint, self.answer(endpoint));
        }
        let Surveyed { snapshot, plan, .. } = survey.finish(Timestamp::UNIX_EPOCH);
        Read { snapshot, plan, asked }
    }

    fn answer(&self, endpoint: Endpoint) -> Answer {
        match self.answers.iter().find(|(known, _)| *known == endpoint) {
            Some((_, body)) => Answer::Body { status: 200, bytes: body.to_string().into() },
            None => Answer::Body { status: 404, bytes: Bytes::new() },
        }
    }
}

impl Read {
    fn problems(&self) -> Vec<Problem> {
        self.snapshot.complaints.iter().map(|complaint| complaint.problem.clone()).collect()
    }
}

fn meter(eid: i64, kind: &str, phases: u8) -> Value {
    let mode = ["single", "single", "split", "three"][usize::from(phases)];
    json!({"eid": eid, "state": "enabled", "measurementType": kind, "phaseMode": mode, "phaseCount": phases,
        "meteringStatus": "normal", "statusFlags": []})
}

fn reading(eid: i64, delivered: f64, received: f64, channels: &[Value]) -> Value {
    json!({"eid": eid, "timestamp": 1_700_000_000, "actEnergyDlvd": delivered, "actEnergyRcvd": received,
        "activePower": -0.0, "pwrFactor": 0.5, "voltage": 230.1, "current": 1.5, "freq": 50.0, "channels": channels})
}

fn entry(kind: &str, active: u8, lifetime: f64, now: f64) -> Value {
    json!({"type": kind, "activeCount": active, "whLifetime": lifetime, "wNow": now, "whToday": 5.0, "whLastSevenDays": 6.0})
}

fn consumption(kind: &str, lifetime: f64, now: f64) -> Value {
    let mut value = entry("eim", 1, lifetime, now);
    value["measurementType"] = kind.into();
    value
}

fn v1(lifetime: i64) -> Value {
    json!({"wattsNow": 0, "wattHoursToday": 0, "wattHoursSevenDays": 0, "wattHoursLifetime": lifetime})
}

#[test]
fn a_storage_meter_that_repeats_one_phase_is_not_believed() {
    let check = |firmware: &str, channels: [(f64, f64); 2], lost: Option<Phase>| {
        let [first, second] =
            channels.map(|(delivered, received)| reading(9, delivered, received, &[]));
        let gateway = Gateway::new(
            firmware,
            &[
                (Endpoint::Meters, json!([meter(7, "storage", 2)])),
                (Endpoint::MeterReadings, json!([reading(7, 800.0, 900.0, &[first, second])])),
                (Endpoint::ProductionV1, v1(1)),
            ],
        );
        let read = gateway.read(None);
        let readings = &read.snapshot.readings;
        assert_eq!(
            readings.ctmeters["storage"].is_none(),
            lost.is_some(),
            "{firmware} {channels:?}"
        );
        assert_eq!(readings.ctmeter_storage, readings.ctmeters["storage"]);
        for phase in [Phase::L1, Phase::L2] {
            let meter = &readings.ctmeters_phases["storage"][&phase];
            assert_eq!(meter.is_none(), lost == Some(phase), "{firmware} {channels:?} {phase:?}");
        }
        assert_eq!(read.problems().contains(&Problem::StorageRepeatsPhase), lost.is_some());
    };
    check("8.3.6000", [(0.0, 0.0), (800.0, 900.0)], Some(Phase::L1));
    check("8.3.6000", [(800.4, 899.6), (0.2, -0.3)], Some(Phase::L2));
    check("8.3.6000", [(300.0, 400.0), (500.0, 500.0)], None);
    check("8.3.6000", [(0.0, 400.0), (800.0, 500.0)], None);
    check("8.3.5999", [(0.0, 0.0), (800.0, 900.0)], None);
}

#[test]
fn of_two_meters_of_one_type_the_later_reading_wins() {
    let gateway = Gateway::new(
        "7.6.175",
        &[
            (Endpoint::Meters, json!([meter(7, "production", 1), meter(8, "production", 1)])),
            (
                Endpoint::MeterReadings,
                json!([reading(8, 1.0, 0.0, &[]), reading(7, 2.0, 0.0, &[])]),
            ),
        ],
    );
    let snapshot = gateway.read(None).snapshot;
    assert_eq!(snapshot.readings.ctmeter_production.map(|meter| meter.eid), Some(7));
    assert_eq!(snapshot.ct_meter_list, ["production", "production"]);
}

#[test]
fn a_reading_without_a_meter_and_a_meter_that_is_off_do_not_count() {
    let mut off = meter(8, "storage", 1);
    off["state"] = "disabled".into();
    let gateway = Gateway::new(
        "8.3.5025",
        &[
            (Endpoint::Meters, json!([meter(7, "production", 1), off])),
            (
                Endpoint::MeterReadings,
                json!([
                    reading(7, 1.0, 0.0, &[]),
                    reading(8, 1.0, 0.0, &[]),
                    reading(1_023_410_688, 0.0, 0.0, &[])
                ]),
            ),
        ],
    );
    let readings = gateway.read(None).snapshot.readings;
    assert_eq!(readings.ctmeters.keys().collect::<Vec<_>>(), ["production"]);
    assert!(readings.ctmeters_phases.is_empty());
}

#[test]
fn a_broken_reading_costs_one_meter_and_is_complained_about() {
    let mut broken = reading(7, 1.0, 0.0, &[]);
    broken["freq"] = "fifty".into();
    let gateway = Gateway::new(
        "8.2.127",
        &[
            (Endpoint::Meters, json!([meter(7, "production", 1), meter(8, "net-consumption", 1)])),
            (Endpoint::MeterReadings, json!([broken, reading(8, 1.0, 0.0, &[])])),
            (Endpoint::ProductionDetails, json!({"production": [entry("eim", 1, 10.0, 1.0)]})),
        ],
    );
    let read = gateway.read(None);
    assert_eq!(read.snapshot.readings.ctmeters.keys().collect::<Vec<_>>(), ["net-consumption"]);
    assert_eq!(read.problems(), [Problem::Missing { what: "production".to_owned(), key: "freq" }]);
}

#[test]
fn a_broken_channel_costs_one_phase_and_is_complained_about() {
    let mut broken = reading(2, 0.5, 0.0, &[]);
    broken["voltage"] = Value::Null;
    let channels = [reading(1, 0.5, 0.0, &[]), broken];
    let gateway = Gateway::new(
        "8.2.127",
        &[
            (Endpoint::Meters, json!([meter(7, "net-consumption", 2)])),
            (Endpoint::MeterReadings, json!([reading(7, 1.0, 0.0, &channels)])),
            (Endpoint::ProductionV1, v1(1)),
        ],
    );
    let read = gateway.read(None);
    let readings = &read.snapshot.readings;
    assert!(readings.ctmeters["net-consumption"].is_some());
    let phases: Vec<_> = readings.ctmeters_phases["net-consumption"].keys().collect();
    assert_eq!(phases, [&Phase::L1]);
    let what = "net-consumption L2".to_owned();
    assert_eq!(read.problems(), [Problem::Missing { what, key: "voltage" }]);
}

#[test]
fn firmware_3_all_zero_is_a_complaint_and_no_reading() {
    let starting = Gateway::new("3.17.3", &[(Endpoint::ProductionV1, v1(0))]);
    let running = Gateway::new("3.17.3", &[(Endpoint::ProductionV1, v1(500))]);

    let first = starting.read(None);
    assert_eq!(first.snapshot.readings.system_production, None);
    assert!(first.problems().contains(&Problem::AllZero));

    let second = running.read(Some(first.plan));
    assert_eq!(
        second.snapshot.readings.system_production.map(|flow| flow.watt_hours_lifetime),
        Some(WattHours(500))
    );
    assert_eq!(second.problems(), []);

    let restarted = starting.read(Some(second.plan));
    assert_eq!(restarted.snapshot.readings.system_production, None);
    assert_eq!(restarted.problems(), [Problem::AllZero]);
}

#[test]
fn a_production_meter_that_counts_nothing_is_not_replaced_by_the_inverters() {
    let gateway = Gateway::new(
        "8.2.127",
        &[
            (Endpoint::Meters, json!([meter(7, "production", 3)])),
            (
                Endpoint::ProductionDetails,
                json!({"production": [entry("inverters", 9, 1e6, 300.0), entry("eim", 0, 0.0, 0.0)]}),
            ),
            (Endpoint::ProductionV1, v1(1_000_000)),
        ],
    );
    let read = gateway.read(None);
    assert_eq!(read.snapshot.readings.system_production, None);
    assert_eq!(read.snapshot.readings.system_production_phases, None);
    assert!(!read.asked.contains(&Endpoint::ProductionV1));
}

#[test]
fn a_total_that_copies_the_net_is_repaired_or_left_out() {
    let check = |firmware: &str, eim: Value, expected: Option<(i64, i64)>| {
        let gateway = Gateway::new(
            firmware,
            &[
                (
                    Endpoint::Meters,
                    json!([meter(7, "production", 1), meter(8, "net-consumption", 1)]),
                ),
                (
                    Endpoint::ProductionDetails,
                    json!({"production": [entry("inverters", 9, 1e6, 300.0), eim],
                        "consumption": [consumption("total-consumption", 100.4, 20.0),
                            consumption("net-consumption", 99.6, 20.4)]}),
                ),
            ],
        );
        let readings = gateway.read(None).snapshot.readings;
        let total =
            readings.system_consumption.map(|flow| (flow.watt_hours_lifetime.0, flow.watts_now.0));
        assert_eq!(total, expected, "{firmware}");
        let net = readings.system_net_consumption.expect("the net stays");
        assert_eq!((net.watt_hours_lifetime, net.watts_now), (WattHours(100), Watts(20)));
    };
    check("8.3.5433", entry("eim", 1, 1000.0, 500.0), Some((1100, 520)));
    check("8.3.5433", entry("eim", 0, 0.0, 0.0), None);
    check("8.3.5432", entry("eim", 1, 1000.0, 500.0), Some((100, 20)));
}

#[test]
fn the_report_without_phases_is_asked_for_only_where_there_is_no_other() {
    let report =
        json!({"production": [entry("inverters", 9, 1e6, 300.0), entry("eim", 1, 10.0, 1.0)]});
    let with = Gateway::new(
        "7.6.175",
        &[(Endpoint::ProductionDetails, report.clone()), (Endpoint::Production, report.clone())],
    );
    assert!(!with.read(None).asked.contains(&Endpoint::Production));

    let without = Gateway::new("7.6.175", &[(Endpoint::Production, report)]);
    let read = without.read(None);
    assert_eq!(read.snapshot.readings.system_production.map(|flow| flow.watts_now), Some(Watts(1)));
    assert!(without.read(Some(read.plan)).asked.contains(&Endpoint::Production));
}

#[test]
fn frozen_counters_are_not_even_asked_for() {
    let answers = [
        (Endpoint::ProductionDetails, json!({"production": [entry("inverters", 9, 1e6, 300.0)]})),
        (Endpoint::ProductionV1, v1(4)),
    ];
    let lifetime = |firmware: &str| {
        let read = Gateway::new(firmware, &answers).read(None);
        read.snapshot.readings.system_production.map(|flow| flow.watt_hours_lifetime.0)
    };
    assert_eq!(lifetime("8.2.4264"), Some(1_000_000));
    assert_eq!(lifetime("8.2.4263"), Some(4));
}

#[test]
fn a_plan_holds_for_one_firmware_only() {
    let answers = [(Endpoint::ProductionV1, v1(500))];
    let plan = Gateway::new("7.6.175", &answers).read(None).plan;
    let same = Gateway::new("7.6.175", &answers).read(Some(plan.clone())).asked;
    assert_eq!(same, [Endpoint::ProductionV1]);
    let updated = Gateway::new("8.1.41", &answers).read(Some(plan)).asked;
    assert!(updated.contains(&Endpoint::Meters));
}

#[test]
fn meters_that_were_set_up_anew_are_found_out_at_the_poll_after() {
    let readings =
        (Endpoint::MeterReadings, json!([reading(7, 1.0, 0.0, &[]), reading(8, 2.0, 0.0, &[])]));
    let one = Gateway::new(
        "8.2.127",
        &[(Endpoint::Meters, json!([meter(7, "production", 1)])), readings.clone()],
    );
    let two = Gateway::new(
        "8.2.127",
        &[(Endpoint::Meters, json!([meter(7, "production", 1), meter(8, "storage", 1)])), readings],
    );
    let first = one.read(None);
    let second = two.read(Some(first.plan));
    assert_eq!(second.snapshot.readings.ctmeter_storage, None);
    let third = two.read(Some(second.plan));
    assert!(third.snapshot.readings.ctmeter_storage.is_some());
}

#[test]
fn a_list_of_inverters_that_has_grown_to_its_limit_is_left_for_the_other() {
    let device = json!({"devName": "pcu", "sn": "12", "active": true, "channels": [{
        "watts": {"now": 3, "max": 300}, "lastReading": {"endDate": 1, "duration": 0, "joulesProduced": 5}}]});
    let data = |count: u8| json!({"deviceCount": count, "deviceDataLimit": 50, "553648384": device, "1": 5});
    let plain = (
        Endpoint::Inverters,
        json!([{"serialNumber": "12", "lastReportDate": 1, "lastReportWatts": 3, "maxReportWatts": 300}]),
    );
    let below = Gateway::new("8.2.4345", &[(Endpoint::DeviceData, data(49)), plain.clone()]);
    let at = Gateway::new("8.2.4345", &[(Endpoint::DeviceData, data(50)), plain]);

    let first = below.read(None);
    assert!(!first.asked.contains(&Endpoint::Inverters));
    assert_eq!(
        first.snapshot.readings.inverters["12"].energy_produced, None,
        "a duration of 0 divides nothing"
    );
    let second = at.read(Some(first.plan));
    assert!(second.problems().contains(&Problem::CutOff));
    let third = at.read(Some(second.plan));
    assert!(!third.problems().contains(&Problem::CutOff));
    assert_eq!(third.snapshot.readings.inverters.len(), 1);
}

#[test]
fn what_was_never_asked_counts_as_unanswered() {
    let gateway = Gateway::new("8.2.127", &[]);
    let survey = Survey::new(&gateway.info, None, Timestamp::UNIX_EPOCH);
    let Surveyed { snapshot, plan, .. } = survey.finish(Timestamp::UNIX_EPOCH);
    assert!(snapshot.readings.is_empty());
    assert!(!snapshot.complaints.is_empty());
    assert_eq!(plan, Plan::unknown(Build::from(&gateway.info), Timestamp::UNIX_EPOCH));
}

#[test]
fn one_family_is_read_with_what_it_needs_and_no_more() {
    let report =
        json!({"production": [entry("inverters", 8, 900.0, 8.0), entry("eim", 1, 1000.0, 10.0)]});
    let gateway = Gateway::new(
        "7.6.175",
        &[
            (Endpoint::Meters, json!([meter(7, "production", 1)])),
            (Endpoint::MeterReadings, json!([reading(7, 1.0, 2.0, &[])])),
            (Endpoint::ProductionDetails, report),
            (
                Endpoint::Inverters,
                json!([{"serialNumber": "1", "lastReportDate": 1, "lastReportWatts": 2, "maxReportWatts": 3}]),
            ),
        ],
    );
    let check = |family, plan: Option<Plan>, expected: &[Endpoint]| {
        let mut survey = Survey::new(&gateway.info, plan, Timestamp::UNIX_EPOCH).only(Some(family));
        let mut asked = Vec::new();
        while let Some(endpoint) = survey.next() {
            asked.push(endpoint);
            survey.answer(endpoint, gateway.answer(endpoint));
        }
        assert_eq!(asked, expected, "{family:?}");
        survey.finish(Timestamp::UNIX_EPOCH)
    };
    let plan = gateway.read(None).plan;
    check(Family::Production, None, &[Endpoint::Meters, Endpoint::ProductionDetails]);
    let production = check(Family::Production, Some(plan.clone()), &[Endpoint::ProductionDetails]);
    assert!(production.snapshot.readings.system_production.is_some());
    assert!(production.snapshot.readings.inverters.is_empty());
    assert_eq!(production.plan, plan, "what is known of the others stays known");
    check(Family::Meters, Some(plan.clone()), &[Endpoint::Meters, Endpoint::MeterReadings]);
    check(Family::Inverters, Some(plan.clone()), &[Endpoint::Inverters]);
    check(Family::Tariff, Some(plan), &[]);
}

#[test]
fn a_clock_that_was_set_back_makes_no_old_answer_stand_in() {
    let gateway = Gateway::new("7.6.175", &[(Endpoint::ProductionV1, v1(500))]);
    let broken = Gateway::new("7.6.175", &[]);
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let read = |gateway: &Gateway, now: &str, before: Option<Surveyed>| {
        let (plan, memory) =
            before.map_or_else(Default::default, |read| (Some(read.plan), read.memory));
        let mut survey = Survey::new(&gateway.info, plan, at(now)).remembering(memory);
        while let Some(endpoint) = survey.next() {
            survey.answer(endpoint, gateway.answer(endpoint));
        }
        survey.finish(at(now))
    };
    let stands_in = |now: &str| {
        let healthy = read(&gateway, "2026-06-02T12:00Z", None);
        let read = read(&broken, now, Some(healthy));
        read.snapshot.readings.system_production.is_some()
    };
    assert!(stands_in("2026-06-02T12:59Z"));
    assert!(!stands_in("2026-06-02T13:00Z"));
    assert!(!stands_in("2026-06-02T11:59Z"), "nobody knows how old it is");
}

#[test]
fn what_does_not_say_whether_it_counts_is_complained_about() {
    let mut eim = entry("eim", 1, 1000.0, 10.0);
    eim["activeCount"] = Value::Null;
    let mut total = consumption("total-consumption", 1.0, 2.0);
    total["activeCount"] = Value::Null;
    let gateway = Gateway::new(
        "7.6.175",
        &[
            (Endpoint::Meters, json!([meter(7, "production", 1), {"eid": 8}])),
            (Endpoint::MeterReadings, json!([reading(7, 1.0, 2.0, &[])])),
            (Endpoint::ProductionDetails, json!({"production": [eim], "consumption": [total]})),
        ],
    );
    let read = gateway.read(None);
    let told =
        |what: &str, key| read.problems().contains(&Problem::Missing { what: what.into(), key });
    assert!(told("meter 8", "state"), "{:?}", read.problems());
    assert!(told("production", "activeCount"), "{:?}", read.problems());
    assert!(told("consumption", "activeCount"), "{:?}", read.problems());
}

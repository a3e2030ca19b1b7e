use hallpass_enphase::{Answer, Endpoint, Info, Role, Snapshot, Survey};
use hallpass_store::{Device, Kind, Pin};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{Report, bare, line, summary, table};

const INFO: &str = "<envoy_info><device><sn>122100001613</sn><pn>800-00555-r03</pn>\
    <software>D7.6.175</software><imeter>true</imeter></device></envoy_info>";

/// A reading of a two-phase gateway whose inverters do not answer, or do.
fn snapshot(inverters: &Value) -> Snapshot {
    let info = Info::parse(INFO.as_bytes()).unwrap();
    let mut survey = Survey::new(&info, None, Timestamp::UNIX_EPOCH);
    while let Some(endpoint) = survey.next() {
        let (status, body) = match endpoint {
            Endpoint::Meters => (200, meters()),
            Endpoint::MeterReadings => (200, meter_readings()),
            Endpoint::ProductionDetails => (200, production()),
            Endpoint::Inverters if inverters.is_null() => (503, Value::Null),
            Endpoint::Inverters => (200, inverters.clone()),
            _ => (404, Value::Null),
        };
        survey.answer(endpoint, Answer::Body { status, bytes: body.to_string().into() });
    }
    survey.finish(Timestamp::constant(1_782_034_200, 0)).snapshot
}

fn meters() -> Value {
    let meter = |eid: u32, kind: &str| {
        json!({"eid": eid, "state": "enabled", "measurementType": kind, "phaseMode": "split",
            "phaseCount": 2, "meteringStatus": "normal", "statusFlags": []})
    };
    json!([meter(1, "production"), meter(2, "net-consumption")])
}

fn meter_readings() -> Value {
    let values = |eid: u32, watts: f64| {
        json!({"eid": eid, "timestamp": 1_782_034_190, "actEnergyDlvd": 12_345_678.0,
            "actEnergyRcvd": 345.0, "activePower": watts, "pwrFactor": 0.98, "voltage": 240.125,
            "current": 9.75, "freq": 60.0})
    };
    let meter = |eid: u32, watts: f64| {
        let mut meter = values(eid, watts);
        meter["channels"] =
            json!([values(eid * 10, watts / 2.0), values(eid * 10 + 1, watts / 2.0)]);
        meter
    };
    json!([meter(1, 12_340.0), meter(2, -9_000.0)])
}

fn production() -> Value {
    let flow = |kind: &str, watts: f64| {
        let values = json!({"wNow": watts, "whToday": 12_345.0, "whLastSevenDays": 80_000.0,
            "whLifetime": 12_345_678.0});
        let mut flow = values.clone();
        flow["type"] = json!("eim");
        flow["activeCount"] = json!(1);
        flow["measurementType"] = json!(kind);
        flow["lines"] = json!([values, values]);
        flow
    };
    json!({
        "production": [{"type": "inverters", "activeCount": 2, "wNow": 1, "whLifetime": 2},
            flow("production", 12_340.0)],
        "consumption": [flow("total-consumption", 3_340.0), flow("net-consumption", -9_000.0)],
    })
}

fn inverters() -> Value {
    let inverter = |serial: &str, report: i64, watts: i64| {
        json!({"serialNumber": serial, "lastReportDate": report, "lastReportWatts": watts,
            "maxReportWatts": 290})
    };
    json!([
        inverter("121900000002", 1_781_900_000, 0),
        inverter("121900000001", 1_782_034_000, 245)
    ])
}

fn check<T>(inverters: &Value, show: impl FnOnce(&Report<'_>) -> T) -> T {
    let name = "roof".parse().unwrap();
    let at = Timestamp::UNIX_EPOCH;
    let device =
        Device::new(name, Kind::Enphase, "122100001613", "10.0.0.9", Pin::SerialNumber, at);
    show(&Report::new(&device, Some(&Role::Owner), &snapshot(inverters)))
}

/// The text without colours.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn people_see_groups_with_units_and_phases_side_by_side() {
    insta::assert_snapshot!(plain(&check(&inverters(), |report| table(report, &TimeZone::UTC))));
}

#[test]
fn what_could_not_be_read_is_said_last() {
    insta::assert_snapshot!(plain(&check(&Value::Null, |report| table(report, &TimeZone::UTC))));
}

#[test]
fn a_summary_fits_a_screen() {
    insta::assert_snapshot!(plain(&check(&inverters(), |report| summary(report, &TimeZone::UTC))));
}

#[test]
fn a_line_says_time_and_powers() {
    let line = check(&inverters(), |report| line(report, &TimeZone::UTC));
    assert_eq!(line, "09:30:00  production 12.34 kW  consumption 3340 W  grid -9000 W");
}

#[test]
fn the_document_has_the_promised_names() {
    let document = check(&inverters(), |report| serde_json::to_value(report).unwrap());
    let names: Vec<_> = document.as_object().unwrap().keys().cloned().collect();
    let promised = [
        "complaints",
        "ct_meter_list",
        "device",
        "phase_count",
        "phase_mode",
        "readings",
        "role",
        "stale",
        "supported_features",
        "taken_at",
    ];
    assert_eq!(names, promised);
    let identity = json!({"name": "roof", "kind": "enphase", "serial_number": "122100001613",
        "part_number": "800-00555-r03", "firmware": "7.6.175", "is_metered": true});
    assert_eq!(document["device"], identity);
    assert_eq!(document["role"], "owner");
    assert_eq!(document["taken_at"], "2026-06-21T09:30:00Z");
}

#[test]
fn a_field_is_found_by_its_dotted_path() {
    let check = |path: &str, expect: Option<&str>| {
        let found = check(&inverters(), |report| report.field(path).map(|value| bare(&value)));
        assert_eq!(found.as_deref(), expect, "{path}");
    };
    check("system_production.watts_now", Some("12340"));
    check("system_production_phases.L2.watt_hours_today", Some("12345"));
    check("inverters.121900000001.last_report_watts", Some("245"));
    check("ctmeters.net-consumption.voltage", Some("240.125"));
    check("device.firmware", Some("7.6.175"));
    check("ct_meter_list.1", Some("net-consumption"));
    check("role", Some("owner"));
    check("readings.system_production.watts_now", Some("12340"));
    check("system_production.wats_now", None);
    check("tariff", None);
    check("", None);
    check("system_production.watts_now.more", None);
}

#[test]
fn the_nearest_field_is_suggested() {
    let nearest = check(&inverters(), |report| report.nearest_field("system_production.wats_now"));
    assert_eq!(nearest.as_deref(), Some("system_production.watts_now"));
}

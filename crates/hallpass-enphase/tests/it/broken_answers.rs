//! One endpoint after the other broken in every way: it costs its own readings and nothing else.

use hallpass_enphase::{Answer, Endpoint, Info, Plan, Snapshot, Survey, Surveyed};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// What an endpoint of the gateway below answers, and the readings that come from it.
struct Source {
    endpoint: Endpoint,
    body: fn() -> Value,
    readings: &'static [&'static str],
}

const METER_READINGS: &[&str] = &[
    "ctmeters",
    "ctmeters_phases",
    "ctmeter_production",
    "ctmeter_production_phases",
    "ctmeter_consumption",
    "ctmeter_consumption_phases",
];

const SOURCES: [Source; 4] = [
    Source { endpoint: Endpoint::Meters, body: meters, readings: METER_READINGS },
    Source { endpoint: Endpoint::MeterReadings, body: meter_readings, readings: METER_READINGS },
    Source {
        endpoint: Endpoint::ProductionDetails,
        body: production_report,
        readings: &[
            "system_production",
            "system_production_phases",
            "system_consumption",
            "system_consumption_phases",
            "system_net_consumption",
            "system_net_consumption_phases",
        ],
    },
    Source { endpoint: Endpoint::Inverters, body: inverters, readings: &["inverters"] },
];

fn meters() -> Value {
    let meter = |eid: u32, kind: &str| {
        json!({"eid": eid, "state": "enabled", "measurementType": kind, "phaseMode": "three", "phaseCount": 3,
            "meteringStatus": "normal", "statusFlags": []})
    };
    json!([meter(704_643_328, "production"), meter(704_643_584, "net-consumption")])
}

fn meter_readings() -> Value {
    let measured = |eid: u32| {
        json!({"eid": eid, "timestamp": 1_700_000_000, "actEnergyDlvd": 1000.5, "actEnergyRcvd": 3.0,
            "activePower": 250.25, "pwrFactor": 0.9, "voltage": 231.0, "current": 1.2, "freq": 50.0})
    };
    let with_channels = |eid: u32| {
        let mut meter = measured(eid);
        meter["channels"] = json!([measured(1), measured(2), measured(3)]);
        meter
    };
    json!([with_channels(704_643_328), with_channels(704_643_584)])
}

fn production_report() -> Value {
    let flow = json!({"wNow": 812.4, "whToday": 5000.5, "whLastSevenDays": 31000.0, "whLifetime": 912_000.25});
    let entry = |kind: &str, measured: &str| {
        let mut entry = flow.clone();
        entry["type"] = kind.into();
        entry["activeCount"] = 1.into();
        entry["measurementType"] = measured.into();
        entry["lines"] = json!([flow, flow, flow]);
        entry
    };
    json!({
        "production": [{"type": "inverters", "activeCount": 8, "wNow": 800, "whLifetime": 900_000}, entry("eim", "production")],
        "consumption": [entry("eim", "total-consumption"), entry("eim", "net-consumption")],
    })
}

fn inverters() -> Value {
    json!([{"serialNumber": "122100001613", "lastReportDate": 1_700_000_000, "devType": 1, "lastReportWatts": 90,
        "maxReportWatts": 290}])
}

fn info() -> Info {
    let text = "<envoy_info><device><sn>122100001613</sn><software>D8.2.127</software><imeter>true</imeter></device></envoy_info>";
    Info::parse(text.as_bytes()).expect("the document of a gateway")
}

fn body(status: u16, text: impl Into<String>) -> Answer {
    Answer::Body { status, bytes: text.into().into() }
}

fn healthy(endpoint: Endpoint) -> Answer {
    match SOURCES.iter().find(|source| source.endpoint == endpoint) {
        Some(source) => body(200, (source.body)().to_string()),
        None => body(404, r#"{ "error" : "404 - Not Found" }"#),
    }
}

/// Every way in which an answer can be broken.
fn breakages(whole: &str) -> Vec<(&'static str, Answer)> {
    let nest = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    vec![
        ("unanswered", Answer::Failed("no answer within 45 s".to_owned())),
        ("status 500", body(500, "")),
        ("status 503", body(503, whole)),
        ("status 401", body(401, "<html><body><h2>401 Unauthorized</h2></body></html>")),
        ("status 403", body(403, "{}")),
        ("redirect", body(301, "")),
        ("HTML", body(200, "\n<!DOCTYPE html><html><body>Page Not Found</body></html>")),
        ("empty", body(200, "")),
        ("truncated", body(200, &whole[..whole.len() / 2])),
        ("NaN", body(200, whole.replacen("\":", "\":NaN,\"x\":", 1))),
        ("other type", body(200, "\"production\"")),
        ("number", body(200, "17")),
        ("missing keys", body(200, r#"[{"new":1}]"#)),
        ("nested arrays", body(200, nest("[", "]"))),
        (
            "nested objects",
            body(200, format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000))),
        ),
        (
            "no UTF-8",
            Answer::Body { status: 200, bytes: vec![b'{', b'"', 0xff, b'"', b'}'].into() },
        ),
    ]
}

fn survey(plan: Option<Plan>, mut answer: impl FnMut(Endpoint) -> Answer) -> (Snapshot, Plan) {
    let mut survey = Survey::new(&info(), plan, Timestamp::UNIX_EPOCH);
    while let Some(endpoint) = survey.next() {
        survey.answer(endpoint, answer(endpoint));
    }
    let Surveyed { snapshot, plan, .. } = survey.finish(Timestamp::UNIX_EPOCH);
    (snapshot, plan)
}

fn with_broken(source: &Source, broken: &Answer, plan: Option<Plan>) -> (Snapshot, Plan) {
    survey(
        plan,
        |endpoint| if endpoint == source.endpoint { broken.clone() } else { healthy(endpoint) },
    )
}

fn readings(snapshot: &Snapshot) -> Map<String, Value> {
    match serde_json::to_value(&snapshot.readings) {
        Ok(Value::Object(readings)) => readings,
        other => panic!("readings are an object, not {other:?}"),
    }
}

#[test]
fn a_broken_endpoint_costs_its_own_readings_and_is_complained_about() {
    let (whole, plan) = survey(None, healthy);
    assert_eq!(whole.complaints, []);
    for source in &SOURCES {
        let mut expected = readings(&whole);
        for name in source.readings {
            let nothing = if expected[*name].get("L1").is_none() && is_by_key(name) {
                json!({})
            } else {
                Value::Null
            };
            expected[*name] = nothing;
        }
        for (how, broken) in breakages(&(source.body)().to_string()) {
            let (partial, next) = with_broken(source, &broken, Some(plan.clone()));
            assert_eq!(readings(&partial), expected, "{}: {how}", source.endpoint);
            let endpoints: Vec<Endpoint> =
                partial.complaints.iter().map(|one| one.endpoint).collect();
            assert_eq!(endpoints, [source.endpoint], "{how}");
            assert_eq!(
                families(&next),
                families(&plan),
                "{}: {how}: what the gateway has is still known",
                source.endpoint
            );
        }
    }
}

/// What a plan knows of the gateway, without who refused.
fn families(plan: &Plan) -> Value {
    let mut families = serde_json::to_value(plan).expect("a plan is JSON");
    families.as_object_mut().expect("an object").remove("parking");
    families
}

/// Readings by type or serial number: they are an empty object without any.
fn is_by_key(name: &str) -> bool {
    ["ctmeters", "ctmeters_phases", "inverters"].contains(&name)
}

#[test]
fn what_breaks_at_the_first_read_is_found_out_at_the_next() {
    let (whole, _) = survey(None, healthy);
    for source in &SOURCES {
        for (how, broken) in breakages(&(source.body)().to_string()) {
            let (partial, plan) = with_broken(source, &broken, None);
            assert!(
                partial.complaints.iter().any(|one| one.endpoint == source.endpoint),
                "{}: {how}: {:?}",
                source.endpoint,
                partial.complaints
            );
            let (healed, _) = survey(Some(plan), healthy);
            assert_eq!(healed, whole, "{}: {how}", source.endpoint);
        }
    }
}

#[test]
fn a_complaint_is_a_path_and_one_clause() {
    let broken = body(503, "");
    let (snapshot, _) = with_broken(&SOURCES[3], &broken, None);
    let complaints = serde_json::to_value(&snapshot.complaints).expect("complaints are JSON");
    assert_eq!(
        complaints,
        json!([{"endpoint": "/api/v1/production/inverters", "problem": "answered with status 503"}])
    );
}

/// Any JSON, made of the keys and texts that count.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "eid",
        "state",
        "enabled",
        "measurementType",
        "production",
        "net-consumption",
        "total-consumption",
        "storage",
        "phaseMode",
        "split",
        "phaseCount",
        "channels",
        "lines",
        "consumption",
        "type",
        "eim",
        "inverters",
        "activeCount",
        "wNow",
        "whToday",
        "whLifetime",
        "whLastSevenDays",
        "wattHoursToday",
        "wattHoursLifetime",
        "wattsNow",
        "wattHoursSevenDays",
        "serialNumber",
        "lastReportDate",
        "lastReportWatts",
        "maxReportWatts",
        "deviceCount",
        "deviceDataLimit",
        "devName",
        "pcu",
        "sn",
        "active",
        "lastReading",
        "watts",
        "now",
        "max",
        "endDate",
        "error",
        "statusFlags",
        "actEnergyDlvd",
        "timestamp",
        "lifetime",
        "joulesProduced",
        "duration",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0i64..5).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(word.clone(), inner, 0..8).prop_map(|map| map
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_answers_make_a_survey_panic(bodies in prop::collection::vec(any_json(), 7)) {
        let mut bodies = bodies.into_iter();
        let (snapshot, plan) = survey(None, |_| body(200, bodies.next().unwrap_or_default().to_string()));
        prop_assert!(serde_json::to_string(&snapshot).is_ok());
        let (later, _) = survey(Some(plan), healthy);
        prop_assert!(serde_json::to_string(&later).is_ok());
    }
}

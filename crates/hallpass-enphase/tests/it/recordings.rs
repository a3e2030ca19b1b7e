//! The recordings of real gateways, played in memory by the rules of their README.
//!
//! They lie outside of this repository, in `../shared/gateways`; where that is absent these tests
//! pass and say so.

use std::fs;
use std::path::{Path, PathBuf};

use hallpass_enphase::{Answer, Endpoint, Info, Plan, Snapshot, Survey, Surveyed};
use hallpass_sim::Recording;
use jiff::Timestamp;
use serde_json::{Value, json};

#[test]
fn every_recording_reads_as_expected() {
    for recording in recordings() {
        let expected = recording.expected();
        let Some(info) = info(&recording) else {
            assert_eq!(expected["error"]["stage"], "setup", "{}", recording.name());
            continue;
        };
        let first = survey(&recording, &info, None);
        let later = survey(&recording, &info, Some(first.plan.clone()));
        for poll in [&first, &later] {
            let got = serde_json::to_value(&poll.snapshot).expect("a snapshot is JSON");
            let mut differences = Vec::new();
            compare_identity(&expected, &got, &mut differences);
            if expected["error"].is_null() {
                compare_readings(&expected, &got, &mut differences);
                compare_facts(&expected, &poll.snapshot, &mut differences);
            }
            assert!(differences.is_empty(), "{}:\n{}", recording.name(), differences.join("\n"));
        }
    }
}

#[test]
fn no_endpoint_is_asked_twice_and_later_polls_ask_no_more_than_they_must() {
    for recording in recordings() {
        let expected = recording.expected();
        let Some(info) = info(&recording) else { continue };
        let first = survey(&recording, &info, None);
        let mut once = first.asked.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), first.asked.len(), "{}: {:?}", recording.name(), first.asked);

        let Some(allowed) = expected["requests"]["update"].as_array() else { continue };
        let kept = serde_json::to_string(&first.plan).expect("a plan is JSON");
        let plan = serde_json::from_str(&kept).expect("a plan survives being kept");
        for endpoint in survey(&recording, &info, Some(plan)).asked {
            let request = format!("GET {endpoint} 200");
            assert!(allowed.contains(&Value::from(request)), "{}: {endpoint}", recording.name());
        }
    }
}

#[test]
fn what_a_gateway_merely_lacks_is_no_complaint() {
    for recording in recordings() {
        let Some(info) = info(&recording) else { continue };
        let complaints = survey(&recording, &info, None).snapshot.complaints;
        let texts: Vec<String> =
            complaints.iter().map(|one| format!("{} {}", one.endpoint, one.problem)).collect();
        assert_eq!(texts, Vec::<String>::new(), "{}", recording.name());
    }
}

fn compare_identity(expected: &Value, got: &Value, differences: &mut Vec<String>) {
    differences.extend(hallpass_sim::differences(
        "identity",
        &expected["identity"],
        &got["device"],
    ));
}

fn compare_readings(expected: &Value, got: &Value, differences: &mut Vec<String>) {
    differences.extend(hallpass_sim::differences("data", &expected["data"], &got["readings"]));
    for fact in ["phase_count", "phase_mode", "ct_meter_list", "supported_features"] {
        differences.extend(hallpass_sim::differences(fact, &expected[fact], &got[fact]));
    }
}

fn compare_facts(expected: &Value, got: &Snapshot, differences: &mut Vec<String>) {
    let facts = json!({
        "ct_meter_count": got.ct_meter_list.len(),
        "consumption_meter_type": got.consumption_meter_type(),
        "production_meter_type": got.production_meter_type(),
        "storage_meter_type": got.storage_meter_type(),
        "acb_count": got.readings.acb_power.as_ref().map_or(0, |power| power.batteries),
        "envoy_model": got.model(),
    });
    for (fact, got) in facts.as_object().expect("an object") {
        differences.extend(hallpass_sim::differences(fact, &expected[fact], got));
    }
}

/// One poll of a recording.
pub(crate) struct Poll {
    snapshot: Snapshot,
    plan: Plan,
    pub(crate) asked: Vec<Endpoint>,
}

#[expect(clippy::print_stdout, reason = "who runs the tests shall know that these did nothing")]
pub(crate) fn directories() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/gateways");
    let Ok(entries) = fs::read_dir(&root) else {
        println!("skipped: {} is absent", root.display());
        return Vec::new();
    };
    let mut directories: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    directories.sort();
    directories
}

fn recordings() -> Vec<Recording> {
    directories().iter().map(|path| Recording::open(path).expect("a recording")).collect()
}

pub(crate) fn info(recording: &Recording) -> Option<Info> {
    let answer = recording.get("/info");
    (answer.status() == 200).then(|| Info::parse(answer.body()).expect("the gateway's document"))
}

pub(crate) fn survey(recording: &Recording, info: &Info, plan: Option<Plan>) -> Poll {
    let mut survey = Survey::new(info, plan, Timestamp::UNIX_EPOCH);
    let mut asked = Vec::new();
    while let Some(endpoint) = survey.next() {
        asked.push(endpoint);
        let answer = recording.get(endpoint.path());
        let (status, bytes) = (answer.status().as_u16(), answer.into_body());
        survey.answer(endpoint, Answer::Body { status, bytes });
    }
    let Surveyed { snapshot, plan, .. } = survey.finish(Timestamp::UNIX_EPOCH);
    Poll { snapshot, plan, asked }
}

#[test]
fn where_the_reference_gave_up_the_files_say_what_is_right() {
    for recording in recordings().iter().filter(|recording| recording.name() == "3.7.0") {
        let info = info(recording).expect("it says who it is");
        let readings = survey(recording, &info, None).snapshot.readings;
        let got = serde_json::to_value(readings.system_production).expect("readings are JSON");
        let page = json!({"watts_now": 6630, "watt_hours_today": 53_600,
            "watt_hours_last_7_days": 405_000, "watt_hours_lifetime": 133_000_000});
        assert_eq!(got, page);
    }
}

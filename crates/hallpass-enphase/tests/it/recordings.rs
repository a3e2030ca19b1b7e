//! The recordings of real gateways, played in memory by the rules of their README.
//!
//! They lie outside of this repository, in `../shared/gateways`; where that is absent these tests
//! pass and say so.

use std::fs;
use std::path::{Path, PathBuf};

use hallpass_enphase::{Answer, Endpoint, Info, Plan, Snapshot, Survey, Surveyed};
use jiff::Timestamp;
use serde_json::{Value, json};

#[test]
fn every_recording_reads_as_expected() {
    for recording in recordings() {
        let expected = recording.expected();
        let Some(info) = recording.info() else {
            assert_eq!(expected["error"]["stage"], "setup", "{}", recording.name);
            continue;
        };
        let first = recording.survey(&info, None);
        let later = recording.survey(&info, Some(first.plan.clone()));
        for poll in [&first, &later] {
            let got = serde_json::to_value(&poll.snapshot).expect("a snapshot is JSON");
            let mut differences = Vec::new();
            compare_identity(&expected, &got, &mut differences);
            if expected["error"].is_null() {
                compare_readings(&expected, &got, &mut differences);
                compare_facts(&expected, &poll.snapshot, &mut differences);
            }
            assert!(differences.is_empty(), "{}:\n{}", recording.name, differences.join("\n"));
        }
    }
}

#[test]
fn no_endpoint_is_asked_twice_and_later_polls_ask_no_more_than_they_must() {
    for recording in recordings() {
        let expected = recording.expected();
        let Some(info) = recording.info() else { continue };
        let first = recording.survey(&info, None);
        let mut once = first.asked.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), first.asked.len(), "{}: {:?}", recording.name, first.asked);

        let Some(allowed) = expected["requests"]["update"].as_array() else { continue };
        let kept = serde_json::to_string(&first.plan).expect("a plan is JSON");
        let plan = serde_json::from_str(&kept).expect("a plan survives being kept");
        for endpoint in recording.survey(&info, Some(plan)).asked {
            let request = format!("GET {endpoint} 200");
            assert!(allowed.contains(&Value::from(request)), "{}: {endpoint}", recording.name);
        }
    }
}

#[test]
fn what_a_gateway_merely_lacks_is_no_complaint() {
    for recording in recordings() {
        let Some(info) = recording.info() else { continue };
        let complaints = recording.survey(&info, None).snapshot.complaints;
        let texts: Vec<String> =
            complaints.iter().map(|one| format!("{} {}", one.endpoint, one.problem)).collect();
        let expected: &[&str] = match recording.name.as_str() {
            "3.7.0" => &["/api/v1/production no endpoint tells the production"],
            _ => &[],
        };
        assert_eq!(texts, expected, "{}", recording.name);
    }
}

fn compare_identity(expected: &Value, got: &Value, differences: &mut Vec<String>) {
    compare("identity", &expected["identity"], &got["device"], differences);
}

fn compare_readings(expected: &Value, got: &Value, differences: &mut Vec<String>) {
    compare("data", &expected["data"], &got["readings"], differences);
    for fact in ["phase_count", "phase_mode", "ct_meter_list", "supported_features"] {
        compare(fact, &expected[fact], &got[fact], differences);
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
        compare(fact, &expected[fact], got, differences);
    }
}

/// Compares as JSON, numbers by their value.
fn compare(path: &str, expected: &Value, got: &Value, differences: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(left), Value::Object(right)) => {
            let mut keys: Vec<&String> = left.keys().chain(right.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                compare(&format!("{path}.{key}"), &expected[key], &got[key], differences);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                compare(&format!("{path}[{index}]"), left, right, differences);
            }
        }
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => {}
        _ if expected == got => {}
        _ => differences.push(format!("{path}: expected {expected}, got {got}")),
    }
}

struct Recording {
    name: String,
    directory: PathBuf,
}

/// One poll of a recording.
struct Poll {
    snapshot: Snapshot,
    plan: Plan,
    asked: Vec<Endpoint>,
}

#[expect(clippy::print_stdout, reason = "who runs the tests shall know that these did nothing")]
fn recordings() -> Vec<Recording> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/gateways");
    let Ok(entries) = fs::read_dir(&root) else {
        println!("skipped: {} is absent", root.display());
        return Vec::new();
    };
    let mut recordings: Vec<Recording> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            entry.path().is_dir().then(|| Recording { name, directory: entry.path() })
        })
        .collect();
    recordings.sort_by(|one, other| one.name.cmp(&other.name));
    recordings
}

impl Recording {
    fn expected(&self) -> Value {
        let text = fs::read(self.directory.join("expected.json")).expect("every recording has one");
        serde_json::from_slice(&text).expect("it is JSON")
    }

    fn info(&self) -> Option<Info> {
        let (status, body) = self.get("/info");
        (status == 200).then(|| Info::parse(&body).expect("the gateway's document"))
    }

    fn survey(&self, info: &Info, plan: Option<Plan>) -> Poll {
        let mut survey = Survey::new(info, plan, Timestamp::UNIX_EPOCH);
        let mut asked = Vec::new();
        while let Some(endpoint) = survey.next() {
            asked.push(endpoint);
            let (status, body) = self.get(endpoint.path());
            survey.answer(endpoint, Answer::Body { status, bytes: body.into() });
        }
        let Surveyed { snapshot, plan, .. } = survey.finish(Timestamp::UNIX_EPOCH);
        Poll { snapshot, plan, asked }
    }

    /// What the recorded gateway answers.
    fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let (without_query, _) = path.split_once('?').unwrap_or((path, ""));
        for name in [path, without_query].map(file_name) {
            if let Ok(body) = fs::read(self.directory.join(&name)) {
                return (self.status(&name, &body), body);
            }
        }
        (404, b"{ \"error\" : \"404 - Not Found\" }".to_vec())
    }

    fn status(&self, name: &str, body: &[u8]) -> u16 {
        let log = fs::read(self.directory.join(format!("{name}_log.json")));
        let json = |text: &[u8]| serde_json::from_slice::<Value>(text).unwrap_or_default();
        match log.ok().and_then(|log| json(&log)["code"].as_u64()) {
            Some(code) => u16::try_from(code).expect("a status"),
            None if json(body)["status"] == 401 => 401,
            None => 200,
        }
    }
}

fn file_name(path: &str) -> String {
    path.trim_start_matches('/').replace(['/', '?', '=', '&', ' '], "_")
}

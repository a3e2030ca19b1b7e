//! `read` of every recorded gateway, compared with what is right for it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hallpass_sim::{GatewayOptions, Options};
use serde_json::Value;

use crate::world::World;

/// The readings that this version covers.
const READINGS: &[&str] = &[
    "system_production",
    "system_production_phases",
    "system_consumption",
    "system_consumption_phases",
    "system_net_consumption",
    "system_net_consumption_phases",
    "inverters",
    "ctmeters",
    "ctmeters_phases",
    "ctmeter_production",
    "ctmeter_production_phases",
    "ctmeter_consumption",
    "ctmeter_consumption_phases",
    "ctmeter_storage",
    "ctmeter_storage_phases",
];

/// The recordings beside the repository; none, said aloud, where they are not there.
pub(crate) fn directories() -> Vec<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/gateways");
    let Ok(entries) = fs::read_dir(&shared) else {
        println!("skipped: no recordings at ../shared/gateways");
        return Vec::new();
    };
    let mut directories: Vec<_> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    directories.sort();
    directories
}

#[test]
fn every_recording_reads_as_expected() {
    for directory in directories() {
        check(&directory);
    }
}

fn check(directory: &Path) {
    let name = directory.file_name().unwrap().to_string_lossy().into_owned();
    let expected = fs::read(directory.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let gateways = vec![GatewayOptions::recording(directory)];
    let world = World::with(Options { gateways, ..Options::default() });
    let outcome = read(&world);
    if expected["error"].is_null() {
        let document = outcome.code(0).json();
        let mut wrong = differences(&name, &expected, &document);
        wrong.truncate(20);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    } else {
        check_failed(&name, &expected, outcome.code, &outcome.stdout);
        outcome.code(if name.contains("info_503") { 4 } else { outcome_code(&name) });
    }
}

fn outcome_code(name: &str) -> i32 {
    if name.contains("token_rejected") { 3 } else { 1 }
}

/// Where the peer gave up there is no right reading to compare with; so there must be none at all.
fn check_failed(name: &str, expected: &Value, code: Option<i32>, stdout: &str) {
    assert_ne!(code, Some(0), "{name}: {expected}");
    assert_eq!(stdout, "", "{name}: nothing is invented");
}

fn read(world: &World) -> crate::world::Outcome {
    let url = &world.gateway(0).url;
    let mut arguments = vec!["read", world.host(), "--trust-new", "--json"];
    let username = world.description.account.username.clone();
    let password = world.password_file();
    if url.starts_with("https") {
        arguments.extend(["--username", &username, "--password-file", &password]);
    } else {
        arguments.extend(["--username", "envoy"]);
    }
    world.run(&arguments)
}

fn differences(name: &str, expected: &Value, document: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for field in ["serial_number", "firmware", "part_number", "is_metered"] {
        compare(
            &format!("{name} device.{field}"),
            &expected["identity"][field],
            &document["device"][field],
            &mut wrong,
        );
    }
    for field in ["phase_count", "phase_mode", "ct_meter_list"] {
        compare(&format!("{name} {field}"), &expected[field], &document[field], &mut wrong);
    }
    for field in READINGS {
        let path = format!("{name} readings.{field}");
        compare(&path, &expected["data"][field], &document["readings"][field], &mut wrong);
    }
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let path = format!("{name} keys of readings");
    compare(
        &path,
        &keys(&expected["data"]).into(),
        &keys(&document["readings"]).into(),
        &mut wrong,
    );
    wrong
}

/// Numbers are compared as numbers: `30` is `30.0`.
fn compare(path: &str, expected: &Value, got: &Value, wrong: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(left), Value::Object(right)) => {
            for key in left.keys().chain(right.keys().filter(|key| !left.contains_key(*key))) {
                compare(&format!("{path}.{key}"), &expected[key], &got[key], wrong);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                compare(&format!("{path}[{index}]"), left, right, wrong);
            }
        }
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => {}
        _ if expected == got => {}
        _ => wrong.push(format!("{path}: expected {expected}, got {got}")),
    }
}

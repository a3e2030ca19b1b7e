//! `read` of every recorded gateway, compared with what is right for it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hallpass_sim::{GatewayOptions, Options, Recording, differences};
use serde_json::{Value, json};

use crate::world::{Outcome, World};

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
        let mut wrong = wrong(&name, &expected, &document);
        wrong.truncate(20);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    } else {
        check_given_up(&name, outcome);
    }
}

/// Where the peer gave up the files say what is right.
fn check_given_up(name: &str, outcome: Outcome) {
    match name {
        // The page of firmware 3, which is for people.
        "3.7.0" => {
            let readings = &outcome.code(0).json()["readings"];
            assert_eq!(readings["system_production"]["watts_now"], 6630);
            assert_eq!(readings["system_production"]["watt_hours_lifetime"], 133_000_000);
        }
        "derived_7.6.175_info_503" => assert_eq!(outcome.code(4).stdout, ""),
        "derived_7.6.175_token_rejected" => assert_eq!(outcome.code(3).stdout, ""),
        _ => panic!("nothing is known about {name}: {outcome}"),
    }
}

fn read(world: &World) -> Outcome {
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

fn wrong(name: &str, expected: &Value, document: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compare = |path: &str, expected: &Value, got: &Value| {
        wrong.extend(differences(&format!("{name} {path}"), expected, got));
    };
    for field in ["serial_number", "firmware", "part_number", "is_metered"] {
        compare(field, &expected["identity"][field], &document["device"][field]);
    }
    for field in ["phase_count", "phase_mode", "ct_meter_list", "supported_features"] {
        compare(field, &expected[field], &document[field]);
    }
    compare("data", &expected["data"], &document["readings"]);
    wrong
}

/// What breaks an answer: status and body.
fn breakages(whole: &str) -> [(u16, String); 11] {
    let deep = format!("{}{}", "{\"a\":[".repeat(10_000), "]}".repeat(10_000));
    let page = "<!DOCTYPE html><html><body>Page Not Found</body></html>";
    [
        (500, String::new()),
        (503, whole.to_owned()),
        (401, "<html><body><h2>401 Unauthorized</h2></body></html>".to_owned()),
        (301, String::new()),
        (204, String::new()),
        (200, page.to_owned()),
        (200, String::new()),
        (200, whole[..whole.len() / 2].to_owned()),
        (200, whole.replacen(':', ":NaN,\"odd\":", 1)),
        (200, "\"text\"".to_owned()),
        (200, deep),
    ]
}

/// In the library the same is done with every recording and with answers that never come.
#[test]
fn one_broken_endpoint_is_complained_about_and_the_rest_is_read() {
    let Some(directory) = directories()
        .into_iter()
        .find(|directory| directory.ends_with("8.2.127_with_generator_running"))
    else {
        return;
    };
    let recording = Recording::open(&directory).unwrap();
    let gateways = vec![GatewayOptions::recording(&directory)];
    let world = World::with(Options { gateways, ..Options::default() });
    world.set("HALLPASS_GATEWAY__REQUESTS_PER_MINUTE", "100000");
    world.set("HALLPASS_GATEWAY__BURST", "100000");
    let whole = read(&world).code(0).json();
    for (path, own) in BROKEN {
        let body = recording.get(path).into_body();
        for (status, body) in breakages(str::from_utf8(&body).unwrap()) {
            let canned = json!({"path": path, "status": status, "body": body});
            world.sim.control().set_fault("canned", &canned).unwrap();
            let broken = read(&world).code(0).json();
            let what = format!("{path} with {status} {body:.30}");
            let complaints = broken["complaints"].as_array().unwrap();
            let endpoints: Vec<_> = complaints.iter().map(|one| &one["endpoint"]).collect();
            assert!(endpoints.iter().all(|one| one.as_str().unwrap().starts_with(path)), "{what}");
            assert_eq!(endpoints.len(), 1, "{what}");
            let lost = differences("", &whole["readings"], &broken["readings"]);
            assert!(!lost.is_empty(), "{what}");
            let is_its_own = |lost: &String| own.iter().any(|own| lost[1..].starts_with(own));
            assert!(lost.iter().all(is_its_own), "{what}: {lost:?}");
        }
    }
}

/// One of each kind, and what comes from it: what carries power, what a family hangs on, what
/// changes slowly.
const BROKEN: [(&str, &[&str]); 4] = [
    ("/production.json", &["system_"]),
    ("/ivp/meters/readings", &["ctmeter"]),
    ("/ivp/ensemble/inventory", &["encharge_inventory", "enpower"]),
    ("/admin/lib/tariff", &["tariff"]),
];

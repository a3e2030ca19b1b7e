//! `record`: what it writes is played by the simulator, reads as the gateway itself does, and tells
//! nobody whose gateway it was.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use hallpass_sim::{GatewayOptions, Options, differences};
use serde_json::{Value, json};

use crate::{
    canaries::assert_absent,
    recordings::directories,
    world::{World, files},
};

#[test]
fn a_recording_reads_as_the_gateway_itself() {
    for firmware in ["8.3.5289", "7.6.175", "5.0.62", "4.10.35", "3.9.36"] {
        // The sun stands still, so that the gateway and its recording measure the same.
        let gateways = vec![GatewayOptions::firmware(firmware)];
        let world = World::with(Options { gateways, speed: 1e-9, ..Options::default() });
        let directory = check(&world, firmware);
        let again = world.directory.path().join("again");
        record(&world, &again);
        assert_eq!(untimed(&directory), untimed(&again), "{firmware}: twice the same");
    }
}

#[test]
fn a_recording_of_a_recording_reads_as_the_first() {
    for directory in directories() {
        let name = directory.file_name().unwrap().to_string_lossy().into_owned();
        let world = World::with(playing(&directory));
        // Not ready, or not to be logged in to: nothing is recorded of it.
        if !name.contains("info_503") && !name.contains("token_rejected") {
            check(&world, &name);
        }
    }
}

/// Records the gateway of `world`, plays the recording, and compares.
fn check(world: &World, name: &str) -> PathBuf {
    log_in(world);
    let directory = world.directory.path().join("recording");
    let report = record(world, &directory);
    let original = world.run(&["read", "roof", "--json"]);
    let replay = World::with(playing(&directory));
    log_in(&replay);
    let played = replay.run(&["read", "roof", "--json"]);
    assert_eq!(original.code, played.code, "{name}\n{original}\n{played}");
    if original.code == Some(0) {
        let (original, played) = (original.json(), played.json());
        let wrong = differences(name, &without_names(&original), &without_names(&played));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_absent_from(&directory, &serial_numbers(&original), name);
    }
    assert_absent_from(&directory, &addresses(world), name);
    check_report(&report, &directory);
    let secrets = ["sessionId".to_owned(), world.description.account.password.clone()];
    assert_absent_from(&directory, &BTreeSet::from(secrets), name);
    if world.gateway(0).url.starts_with("https") {
        let token = world.run(&["token", "roof"]).stdout;
        assert_absent_from(&directory, &BTreeSet::from([token.trim().to_owned()]), name);
    }
    directory
}

fn playing(directory: &Path) -> Options {
    Options { gateways: vec![GatewayOptions::recording(directory)], ..Options::default() }
}

/// Logs in as `roof`, by the gateway's generation, and lifts the rate: it is not what this is about.
fn log_in(world: &World) {
    world.set("HALLPASS_GATEWAY__REQUESTS_PER_MINUTE", "100000");
    if world.gateway(0).url.starts_with("https") {
        return world.log_in();
    }
    let login = ["login", world.host(), "--name", "roof", "--username", "envoy", "--trust-new"];
    world.run(&login).code(0);
}

fn record(world: &World, directory: &Path) -> Value {
    let directory = directory.to_str().unwrap();
    world.run(&["record", "roof", directory, "--json"]).code(0).json()
}

fn check_report(report: &Value, directory: &Path) {
    assert_eq!(report["directory"], directory.to_str().unwrap());
    assert_eq!(report["files"], fs::read_dir(directory).unwrap().count());
    assert_eq!(report["endpoints"][0], json!({"path": "/info", "status": 200}));
    assert!(report["replaced"]["serial_number"].as_u64().unwrap() > 0, "{report}");
    for endpoint in report["endpoints"].as_array().unwrap() {
        let path = endpoint["path"].as_str().unwrap().trim_start_matches('/');
        let log = format!("{}_log.json", path.replace(['/', '?', '='], "_"));
        let log: Value = serde_json::from_slice(&fs::read(directory.join(log)).unwrap()).unwrap();
        assert_eq!(log["code"], endpoint["status"], "{path}");
    }
}

/// All bodies: logs have times in them.
fn untimed(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let name = |path: &str| PathBuf::from(path).file_name().unwrap().to_string_lossy().into_owned();
    let files = files(directory).into_iter().map(|(path, bytes)| (name(&path), bytes));
    let mut files: Vec<_> = files.filter(|(name, _)| !name.ends_with("_log.json")).collect();
    files.sort();
    files
}

fn assert_absent_from(directory: &Path, texts: &BTreeSet<String>, name: &str) {
    let places = files(directory);
    assert!(!places.is_empty(), "{name}");
    texts.iter().for_each(|text| assert_absent(text, &places));
}

/// Every number of at least twelve digits that is a text of its own: what devices are called.
fn serial_numbers(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut note = |text: &str| {
        if text.len() >= 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            found.insert(text.to_owned());
        }
    };
    walk(document, &mut note);
    found
}

/// What the gateway's own page says of its network.
fn addresses(world: &World) -> BTreeSet<String> {
    let page = world.run(&["get", "roof", "/home"]).stdout;
    let page: Value = serde_json::from_str(&page).unwrap_or_default();
    let interfaces = page["network"]["interfaces"].as_array().cloned().unwrap_or_default();
    let addresses = interfaces.iter().flat_map(|interface| [&interface["mac"], &interface["ip"]]);
    addresses.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

fn walk(value: &Value, note: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => note(text),
        Value::Array(values) => values.iter().for_each(|value| walk(value, note)),
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            note(key);
            walk(value, note);
        }),
        _ => {}
    }
}

/// The document with serial numbers made alike. Devices by serial number become a sorted list.
fn without_names(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(without_names).collect(),
        Value::Object(members) if members.keys().any(|key| is_name(key)) => {
            let mut devices: Vec<_> =
                members.values().map(|value| without_names(value).to_string()).collect();
            devices.sort();
            devices.into()
        }
        Value::Object(members) => {
            let kept = members.iter().filter(|(key, _)| !CHANGING.contains(&key.as_str()));
            kept.map(|(key, value)| (key.clone(), shape_of(key, value))).collect()
        }
        Value::String(text) if is_name(text) => "a serial number".into(),
        other => other.clone(),
    }
}

/// What a person may have typed keeps its shape only.
fn shape_of(key: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if PERSONAL.contains(&key) => text
            .chars()
            .map(|c| if c.is_alphanumeric() { 'x' } else { c })
            .collect::<String>()
            .into(),
        value => without_names(value),
    }
}

fn is_name(text: &str) -> bool {
    text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

const PERSONAL: &[&str] = &["id", "load_name", "serial_number"];
const CHANGING: &[&str] = &["taken_at"];

#[test]
fn an_answer_that_is_lost_costs_only_itself() {
    let world = World::new(&["7.6.175"]);
    log_in(&world);
    world.fault("half_chunk", json!({"path": "/ivp/meters"}));
    world.fault("one_endpoint_401", json!({"path": "/ivp/pdm/energy"}));
    let directory = world.directory.path().join("recording");
    let path = directory.to_str().unwrap();
    let report = world.run(&["record", "roof", path, "--json"]).code(0).says("/ivp/meters");
    let report = report.json();
    let endpoints = report["endpoints"].as_array().unwrap();
    let of = |path: &str| endpoints.iter().find(|endpoint| endpoint["path"] == path).unwrap();
    assert!(of("/ivp/meters")["status"].is_null() && of("/ivp/meters")["problem"].is_string());
    assert_eq!(of("/ivp/pdm/energy")["status"], 401);
    assert!(
        !directory.join("ivp_meters").exists() && !directory.join("ivp_meters_log.json").exists()
    );
    assert!(directory.join("ivp_meters_readings").exists());
    let readme = fs::read_to_string(directory.join("_readme")).unwrap();
    assert!(
        readme.contains("7.6.175") && readme.contains("Not recorded: /ivp/meters:"),
        "{readme}"
    );

    let people = world.directory.path().join("people");
    let told = world.run(&["record", "roof", people.to_str().unwrap()]).code(0);
    assert!(told.stdout.contains("serial numbers"), "{told}");
}

#[test]
fn nothing_is_left_where_nothing_could_be_recorded() {
    let world = World::new(&["7.6.175"]);
    let directory = world.directory.path().join("recording");
    let path = directory.to_str().unwrap();
    world.run(&["record", world.host(), path, "--trust-new"]).code(3);
    log_in(&world);
    world.fault("gateway_504", json!({}));
    world.run(&["record", "roof", path]).code(4).says("504");
    world.event("cut-connections");
    world.fault("refused", json!({}));
    world.run(&["record", "roof", path]).code(4);
    assert!(!directory.exists());
}

#[test]
fn a_directory_with_something_in_it_is_left_alone() {
    let world = World::new(&["7.6.175"]);
    log_in(&world);
    let before = world.counters().connections;
    let directory = world.directory.path().join("mine");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("info"), "mine").unwrap();
    world.run(&["record", "roof", directory.to_str().unwrap()]).code(2).says("not empty");
    assert_eq!(world.counters().connections, before, "and nothing is asked");
    assert_eq!(fs::read(directory.join("info")).unwrap(), b"mine");
}

#[test]
fn a_login_that_is_not_kept_is_not_in_the_recording() {
    let world = World::new(&["8.2.4345"]);
    world.set("HALLPASS_GATEWAY__REQUESTS_PER_MINUTE", "100000");
    let directory = world.directory.path().join("recording");
    let (username, password) = (world.description.account.username.clone(), world.password_file());
    let record = ["record", world.host(), directory.to_str().unwrap(), "--trust-new"];
    let login = ["--username", &username, "--password-file", &password];
    world.run(&[&record[..], &login].concat()).code(0);
    let secrets = [username, world.description.account.password.clone()];
    assert_absent_from(&directory, &BTreeSet::from(secrets), "8.2.4345");
}

#[test]
fn a_gateway_is_asked_one_question_after_the_other() {
    let world = World::new(&["7.6.175"]);
    log_in(&world);
    world.set("HALLPASS_GATEWAY__REQUESTS_PER_MINUTE", "1200");
    let directory = world.directory.path().join("recording");
    world.run(&["record", "roof", directory.to_str().unwrap()]).code(0).says("0.05 s");
    let maxima = world.sim.control().verdict().maxima;
    assert!(maxima.in_flight <= 1 && maxima.connections <= 2, "{maxima:?}");
}

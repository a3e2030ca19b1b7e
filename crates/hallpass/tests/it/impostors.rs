//! Somebody else answers at a gateway's address: what the program sends there, which is nothing.

use std::{fs, path::Path};

use serde_json::json;

use crate::world::{Outcome, World};

/// How a gateway is not itself any more, and how the program may end then.
const WAYS: [(&str, &[i32]); 5] = [
    ("impostor", &[7]),
    ("midstream_swap", &[7]),
    ("https_gone", &[7]),
    ("cert_rotated", &[7]),
    // Not followed: the answer of an endpoint that has moved, or of no gateway.
    ("redirects", &[0, 1]),
];

/// All that sends a credential, twenty for each way.
fn commands(world: &World, goes_on: &str) -> Vec<Vec<String>> {
    let password = world.password_file();
    let username = &world.description.account.username;
    let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let once = [
        text(&["read", "roof"]),
        text(&["read", "roof", "--json"]),
        text(&["read", "roof", "system_production.watts_now"]),
        text(&["get", "roof", "/production.json"]),
        text(&["get", "roof", "/ivp/meters", "-i"]),
        text(&["get", "roof", "/ivp/peb/devstatus", "-X", "PUT", "-d", "{}", "--yes"]),
        text(&["trust", "show", "roof"]),
        text(&[goes_on, "roof"]),
        text(&["status", "roof"]),
        text(&["login", "roof", "--username", username, "--password-file", &password]),
    ];
    once.iter().chain(&once).cloned().collect()
}

/// Runs each command on a copy of a state that is logged in, where nobody is suspended yet.
fn check(fault: &str, codes: &[i32]) -> usize {
    let world = World::new(&["7.6.175"]);
    world.lift_rate();
    world.log_in();
    world.run(&["read", "roof"]).code(0);
    let kept = world.directory.path().join("kept");
    copy(&world.state(), &kept);
    world.fault(fault, if fault == "redirects" { json!({"path": "*"}) } else { json!({}) });
    let before = world.counters();
    // What is moved may come back, and `watch` would wait for it.
    let commands = commands(&world, if fault == "redirects" { "doctor" } else { "watch" });
    for command in &commands {
        fs::remove_dir_all(world.state()).unwrap();
        copy(&kept, &world.state());
        let words: Vec<_> = command.iter().map(String::as_str).collect();
        let outcome = world.run(&words);
        let code = outcome.code.unwrap();
        let is_told = codes.contains(&code) || fault == "redirects";
        assert!(is_told, "{fault}: {outcome}");
    }
    let after = world.counters();
    assert!(after.leaks.is_empty(), "{fault}: {:?}", after.leaks);
    assert_eq!(after.cloud_logins, before.cloud_logins, "{fault}");
    assert!(after.connections > before.connections, "{fault}: it was met");
    commands.len()
}

fn copy(from: &Path, to: &Path) {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_hundred_runs_give_nothing_to_who_is_not_the_gateway() {
    let runs: usize = WAYS.iter().map(|(fault, codes)| check(fault, codes)).sum();
    assert_eq!(runs, 100);
}

fn logged_in() -> World {
    let world = World::new(&["7.6.175"]);
    world.lift_rate();
    world.log_in();
    world
}

/// Runs a command that must end within the minute of N1 and N2.
fn within_a_minute(world: &World, arguments: &[&str]) -> Outcome {
    let begun = world.sim.control().now();
    let outcome = world.run(arguments);
    let took = begun.duration_until(world.sim.control().now());
    assert!(took.as_secs() < 60, "{outcome}");
    outcome
}

#[test]
fn a_gateway_that_is_itself_again_is_read_once_a_person_agrees() {
    let world = logged_in();
    world.fault("impostor", json!({}));
    within_a_minute(&world, &["read", "roof"]).code(7).says("hallpass trust accept roof");
    world.sim.control().clear_fault("impostor").unwrap();
    world.run(&["read", "roof"]).code(7).says("suspended");
    // It shows the key that is known: nothing is to be agreed to but that.
    world.run(&["trust", "accept", "roof"]).code(0);
    within_a_minute(&world, &["read", "roof"]).code(0);
    assert_eq!(world.counters().cloud_logins, 1);
}

#[test]
fn a_new_key_is_trusted_by_a_person_and_then_read_at_once() {
    let world = logged_in();
    world.event("rotate-certificate");
    world.run(&["read", "roof"]).code(7);
    world.run(&["trust", "show", "roof"]).code(7);
    world.run(&["trust", "accept", "roof"]).code(7).says("--pin sha256:");
    world.event("trust-certificate");
    world.run(&["trust", "accept", "roof", "--yes"]).code(0);
    within_a_minute(&world, &["read", "roof"]).code(0);
    world.run(&["trust", "show", "roof"]).code(0);
    assert_eq!(world.counters().cloud_logins, 1);
}

//! `doctor`: what it finds, and what it repairs.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::{Value, json};

use crate::world::{Outcome, World};

fn logged_in() -> World {
    let world = World::new(&["7.6.175"]);
    world.log_in();
    world
}

/// What it says of `subject` at `level`, all of it; empty where it says nothing.
fn said(outcome: &Outcome, subject: &str, level: &str) -> String {
    let document = outcome.json();
    let findings = document["findings"].as_array().unwrap().iter();
    let of_it = findings.filter(|it| it["subject"] == subject && it["level"] == level);
    let said = of_it.inspect(|it| assert_eq!(it["advice"] == Value::Null, level == "ok", "{it}"));
    said.map(|it| it["says"].as_str().unwrap()).collect::<Vec<_>>().join("; ")
}

/// Examines with `options`: the exit code, and what is said of a subject at a level.
fn check(world: &World, options: &[&str], code: i32, subject: &str, level: &str, says: &str) {
    let outcome = world.run(&[&["doctor", "--json"], options].concat()).code(code);
    let said = said(&outcome, subject, level);
    assert!(!said.is_empty() && said.contains(says), "{level} of {subject}: {outcome}");
}

fn spoil(world: &World) -> Vec<u8> {
    let rubbish = b"this is no database, and it is long enough to be read as one".repeat(100);
    fs::write(world.state().join("hallpass.db"), &rubbish).unwrap();
    rubbish
}

#[test]
fn all_is_well_and_nobody_is_asked() {
    let world = World::new(&["7.6.175"]);
    check(&world, &[], 0, "state directory", "ok", "not there yet");
    assert!(!world.state().exists(), "it is only looked for");
    world.log_in();
    let before = world.counters();
    let found = world.run(&["doctor"]).code(0).stdout;
    for subject in ["configuration", "state directory", "key", "database", "clouds", "device roof"]
    {
        assert!(found.contains(&format!("ok       {subject}: ")), "{subject}: {found}");
    }
    assert!(!found.contains("what to do"), "{found}");
    assert_eq!(world.counters().connections, before.connections);
    check(&world, &["roof"], 0, "device roof", "ok", "answers at");
    check(&world, &["roof"], 0, "device roof", "ok", "clock");
    let after = world.counters();
    assert_eq!((after.cloud_logins, after.check_jwt), (before.cloud_logins, before.check_jwt));
    check(&world, &["barn"], 1, "device barn", "problem", "no device");
}

#[test]
fn where_the_key_is_from_is_said() {
    let world = World::new(&["7.6.175"]);
    let key = world.secret_file("sealing-key", &"5a".repeat(32));
    world.set("HALLPASS_KEY_FILE", &key);
    world.log_in();
    check(&world, &[], 0, "key", "ok", "HALLPASS_KEY_FILE");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    check(&world, &[], 0, "key", "warning", "other users can read");
}

#[test]
fn what_others_can_read_is_a_warning() {
    let world = logged_in();
    fs::set_permissions(world.state(), fs::Permissions::from_mode(0o755)).unwrap();
    check(&world, &[], 0, "state directory", "warning", "0755");
    let outcome = world.run(&["doctor", "--json"]).code(0);
    assert_eq!(said(&outcome, "state directory", "warning"), "", "it is closed: {outcome}");
}

#[test]
fn a_wrong_configuration_does_not_hide_the_rest() {
    let world = logged_in();
    let config = world.directory.path().join("config.toml");
    fs::write(&config, "[cloud]\nenlighten_ulr = \"https://x.example\"\n").unwrap();
    let options = ["--config", &config.display().to_string()];
    check(&world, &options, 1, "configuration", "problem", "enlighten_ulr");
    check(&world, &options, 1, "database", "ok", "");
}

#[test]
fn a_key_that_is_lost_is_told_and_nothing_is_repaired() {
    let world = logged_in();
    fs::remove_file(world.state().join("key")).unwrap();
    let before = fs::read(world.state().join("hallpass.db")).unwrap();
    check(&world, &[], 1, "key", "problem", "missing");
    world.run(&["doctor", "--repair", "--yes"]).code(1).says("nothing that --repair");
    assert_eq!(fs::read(world.state().join("hallpass.db")).unwrap(), before);
}

#[test]
fn a_damaged_database_is_moved_aside_for_who_says_so() {
    let world = logged_in();
    let rubbish = spoil(&world);
    check(&world, &[], 1, "database", "problem", "damaged");
    world.run(&["doctor", "--repair"]).code(2).says("--yes");
    assert_eq!(fs::read(world.state().join("hallpass.db")).unwrap(), rubbish);
    check(&world, &["--repair", "--yes"], 0, "database", "warning", "hallpass.db.damaged-");
    let is_aside = |name: &str| name.contains("hallpass.db.damaged-");
    let files = crate::world::files(&world.state());
    assert!(files.iter().any(|(name, bytes)| is_aside(name) && *bytes == rubbish));

    check(&world, &["--repair", "--yes"], 0, "devices", "ok", "none");
    let before = world.counters().cloud_logins;
    world.log_in();
    world.run(&["read", "roof"]).code(0);
    assert_eq!(world.counters().cloud_logins, before + 1, "one login");
}

#[test]
fn a_foreign_or_newer_database_is_never_moved() {
    let world = logged_in();
    let database = world.state().join("hallpass.db");
    for pragma in ["PRAGMA application_id = 7", "PRAGMA user_version = 99"] {
        rusqlite::Connection::open(&database).unwrap().execute_batch(pragma).unwrap();
        let before = fs::read(&database).unwrap();
        check(&world, &[], 1, "database", "problem", "");
        world.run(&["doctor", "--repair", "--yes"]).code(1);
        assert_eq!(fs::read(&database).unwrap(), before, "{pragma}");
    }
}

#[test]
fn devices_that_need_a_person_are_problems() {
    let world = logged_in();
    world.run(&["logout", "roof"]).code(0);
    check(&world, &[], 0, "device roof", "warning", "logged out");
    world.log_in();
    world.event("rotate-certificate");
    check(&world, &["roof"], 1, "device roof", "problem", "another key");
    check(&world, &[], 1, "device roof", "problem", "suspended");
}

#[test]
fn a_gateway_that_is_away_or_lives_in_another_time_is_told() {
    let world = logged_in();
    world.fault("clock_skew", json!({"behind": "2d"}));
    check(&world, &["roof"], 0, "device roof", "warning", "behind that of this machine");
    world.fault("reboot_503", json!({}));
    check(&world, &["roof"], 1, "device roof", "problem", "unreachable");
}

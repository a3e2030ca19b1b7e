//! `state rekey`: another key for everything, and where it is.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::{Value, json};

use crate::world::{Outcome, World};

fn world() -> World {
    let world = World::new(&["7.6.175"]);
    world.log_in();
    world
}

/// What `doctor` says of the key.
fn key(world: &World) -> String {
    let findings = world.run(&["doctor", "--json"]).code(0).json();
    let is_key = |finding: &&Value| finding["subject"] == "key" && finding["level"] == "ok";
    let found = findings["findings"].as_array().unwrap().iter().find(is_key);
    found.unwrap_or_else(|| panic!("{findings}"))["says"].as_str().unwrap().to_owned()
}

fn reads(world: &World) -> Outcome {
    world.run(&["get", "roof", "/info"])
}

#[test]
fn a_new_key_is_made_where_the_old_one_was() {
    let world = world();
    let file = world.state().join("key");
    let old = world.secret(&fs::read_to_string(&file).unwrap());
    let told = world.run(&["state", "rekey", "--json"]).code(0).json();
    assert_eq!(told, json!({"key": "generated"}));
    let new = world.secret(&fs::read_to_string(&file).unwrap());
    assert_ne!(old, new);
    reads(&world).code(0);
    assert!(key(&world).starts_with("generated: "));
    fs::write(&file, old).unwrap();
    reads(&world).code(1).says("sealed with another key").says("HALLPASS_KEY_FILE");
    fs::write(&file, new).unwrap();
    assert_eq!(world.counters().cloud_logins, 1);
}

#[test]
fn a_key_moves_out_of_the_state_directory_and_back() {
    let world = world();
    let file = world.directory.path().join("elsewhere").display().to_string();
    world.run(&["state", "rekey", "--to", &file]).code(0).says("HALLPASS_KEY_FILE");
    world.secret(&fs::read_to_string(&file).unwrap());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!world.state().join("key").exists());
    reads(&world).code(1).says("is missing").says("HALLPASS_KEY_FILE");

    world.set("HALLPASS_KEY_FILE", &file);
    reads(&world).code(0);
    assert!(key(&world).starts_with("HALLPASS_KEY_FILE: "));
    world.run(&["state", "rekey"]).code(2).says("--to");
    world.run(&["state", "rekey", "--to", &file]).code(2).says("already");
    world.run(&["state", "rekey", "--to", "generated"]).code(0).says("opens nothing any more");
    reads(&world).code(1).says("another key").says("unset");
    world.set("HALLPASS_KEY_FILE", "");
    reads(&world).code(0);
}

#[test]
fn a_credential_of_systemd_is_a_place_for_the_key() {
    let world = world();
    let credentials = world.directory.path().join("credentials");
    fs::create_dir(&credentials).unwrap();
    let file = credentials.join("hallpass-key").display().to_string();
    world.run(&["state", "rekey", "--to", &file]).code(0).says("LoadCredential");
    world.set("CREDENTIALS_DIRECTORY", &credentials.display().to_string());
    reads(&world).code(0);
    assert!(key(&world).starts_with("a credential of systemd: "));
}

#[test]
fn a_key_beside_its_database_or_one_that_is_none_is_refused() {
    let world = world();
    let beside = world.state().join("my-key").display().to_string();
    world.run(&["state", "rekey", "--to", &beside]).code(2).says("beside the database");
    let no_key = world.secret_file("no-key", "not a key at all");
    world.run(&["state", "rekey", "--to", &no_key]).code(1).says("does not hold");
    let nowhere = world.directory.path().join("no/where").display().to_string();
    world.run(&["state", "rekey", "--to", &nowhere]).code(1).says("cannot be written");
    #[cfg(not(feature = "keyring"))]
    world.run(&["state", "rekey", "--to", "keyring"]).code(2).says("without the feature");
    reads(&world).code(0);
}

#[test]
fn a_watch_goes_on_while_the_state_is_re_keyed() {
    use std::io::{BufRead, BufReader};
    let world = world();
    world.lift_rate();
    let arguments = ["watch", "roof", "--every", "10s", "--all"];
    let mut watch = world.command(&arguments).arg("-vvv").spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    world.run(&["state", "rekey"]).code(0);
    lines.next().unwrap().unwrap();
    let id = watch.id().to_string();
    std::process::Command::new("kill").args(["-INT", &id]).status().unwrap();
    let output = watch.wait_with_output().unwrap();
    world.note(&arguments, output).code(0);
    reads(&world).code(0);
}

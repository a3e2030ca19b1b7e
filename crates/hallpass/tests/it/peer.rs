//! pyenphase, the client behind Home Assistant, logs in to our simulator and reads it: so the
//! simulator is not only what our own client believes a gateway to be.

use std::{env, process::Command};

use serde_json::{Value, json};

use crate::world::World;

const FIRMWARES: [&str; 7] =
    ["3.9.36", "4.10.35", "5.0.62", "7.3.130", "7.6.175", "8.2.4345", "8.3.5289"];

#[test]
fn pyenphase_reads_the_simulator_of_every_generation() {
    #[expect(clippy::disallowed_methods, reason = "cargo xtask test says where the peer is")]
    let Ok(python) = env::var("HALLPASS_TEST_PYTHON") else {
        println!("skipped: run `cargo xtask test`, which installs pyenphase");
        return;
    };
    let world = World::new(&FIRMWARES);
    let mut peer = Command::new(python);
    peer.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/peer.py"));
    peer.arg(json!(world.description).to_string());
    let output = peer.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let read: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(read.len(), FIRMWARES.len());
    for (index, theirs) in read.iter().enumerate() {
        check(&world, index, theirs);
    }
}

/// The peer saw the gateway that we made, and every inverter that we see.
fn check(world: &World, index: usize, theirs: &Value) {
    let gateway = world.gateway(index);
    assert_eq!(theirs["serial_number"], gateway.serial_number, "{}", gateway.firmware);
    assert_eq!(theirs["firmware"], gateway.firmware);
    assert!(theirs["watts_now"].as_i64().is_some_and(|watts| watts >= 0), "{theirs}");
    assert!(theirs["watt_hours_lifetime"].as_i64().is_some_and(|energy| energy > 0), "{theirs}");

    let username = world.description.account.username.clone();
    let password = world.password_file();
    let cloud = ["--username", &username, "--password-file", &password];
    let digest = ["--username", "envoy"];
    let login: &[&str] = if gateway.url.starts_with("https") { &cloud } else { &digest };
    let read = ["read", &gateway.host, "--trust-new", "--json"];
    let ours = world.run(&[&read[..], login].concat()).code(0).json();
    let inverters: Vec<_> = ours["readings"]["inverters"].as_object().unwrap().keys().collect();
    assert!(!inverters.is_empty(), "{}", gateway.firmware);
    assert_eq!(theirs["inverters"], json!(inverters), "{}", gateway.firmware);
}

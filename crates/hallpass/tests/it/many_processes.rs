//! Several processes at once, and processes that are killed.

mod register;
mod worker;

use std::{process::Child, time::Duration};

use hallpass_credential::peek;
use hallpass_enphase::{Token, forget_cloud, forget_login, token_name};
use tokio::runtime::Runtime;

use serde_json::json;

use self::register::{Deed, Operation, assert_linear};
use crate::{
    kept::records,
    world::{World, wait_for},
};

#[test]
fn fifty_processes_share_a_session_and_a_login() {
    let world = World::new(&["7.6.175"]);
    world.log_in();
    world.event("expire-session");
    // The rate of requests is not what this is about.
    world.lift_rate();
    forget_session(&world);
    let before = world.counters();
    let get = ["get", "roof", "/api/v1/production"];
    let processes: Vec<_> = (0..50).map(|_| world.command(&get).spawn().unwrap()).collect();
    for process in processes {
        let output = process.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
    }
    let after = world.counters();
    assert!(after.check_jwt <= before.check_jwt + 1, "one check_jwt between them");
    assert!(after.cloud_logins <= before.cloud_logins + 1, "at most one login between them");
    let maxima = world.sim.control().verdict().maxima;
    assert!(maxima.connections <= 2 && maxima.in_flight <= 1, "{maxima:?}");
}

/// Deletes the session from the store, as if nobody had used the gateway yet.
fn forget_session(world: &World) {
    let database = world.state().join("hallpass.db");
    let connection = rusqlite::Connection::open(database).unwrap();
    let deleted =
        connection.execute("DELETE FROM record WHERE name LIKE '%session/%'", []).unwrap();
    assert!(deleted > 0);
}

#[test]
fn s1_logins_that_are_killed_one_after_the_other_stay_within_the_budget() {
    let world = World::new(&["7.6.175"]);
    world.lift_rate();
    world.fault("slow", json!({"by": "30ms"}));
    let (username, password) = (world.description.account.username.clone(), world.password_file());
    let login = ["login", world.host(), "--name", "roof", "--username", &username];
    let login = [&login[..], &["--password-file", &password, "--trust-new"]].concat();
    for step in 0..30 {
        let mut process = world.command(&login).spawn().unwrap();
        // Spread over the whole of a login; where exactly does not matter.
        std::thread::sleep(Duration::from_millis(7 * step));
        process.kill().unwrap();
        process.wait().unwrap();
        let status = world.run(&["status", "--json"]);
        assert!(matches!(status.code, Some(0 | 3 | 4)), "{status}");
    }
    let violations = world.sim.control().verdict().violations;
    assert!(!violations.iter().any(|it| it.contains("logins")), "{violations:?}");
}

#[test]
fn s8_a_killed_process_does_not_hold_the_others_up_for_long() {
    let world = World::new(&["7.6.175"]);
    world.log_in();
    world.fault("hang", json!({"path": "/production.json"}));
    let before = world.counters().connections;
    let mut process = world.command(&["get", "roof", "/production.json"]).spawn().unwrap();
    wait_for("the connection", || world.counters().connections > before);
    process.kill().unwrap();
    process.wait().unwrap();
    world.run(&["get", "roof", "/api/v1/production"]).code(0);
}

#[test]
fn s7_eight_processes_share_one_token_and_one_login() {
    for round in 0..ROUNDS {
        let world = World::new(&["7.6.175"]);
        world.log_in();
        let before = forget_token(&world);
        let processes: Vec<_> = (0..PROCESSES)
            .map(|process| {
                worker::command(&world, 1 + round * PROCESSES + process).spawn().unwrap()
            })
            .collect();
        let history: Vec<_> = processes.into_iter().flat_map(operations).collect();
        assert_eq!(history.len(), PROCESSES * 100);
        assert_linear(&history, before + 1);
        let writes = history.iter().filter(|it| it.deed == Deed::Wrote).count() as u64;
        assert_eq!(generation(&world), before + 1 + writes, "no update is lost");
        let (counters, verdict) = (world.counters(), world.sim.control().verdict());
        assert_eq!(counters.cloud_logins, 2, "one to begin with, one for all who want a token");
        assert_eq!(counters.token_requests, 2);
        let maxima = verdict.maxima;
        assert!(maxima.connections <= 2 && maxima.in_flight <= 1, "{maxima:?}");
    }
}

/// What a worker did, all of it.
fn operations(process: Child) -> Vec<Operation> {
    let output = process.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Forgets everything that a login obtained, but not who logs in. Returns the token's generation.
fn forget_token(world: &World) -> u64 {
    let generation = generation(world);
    let (serial_number, username) = (world.sim.serial_number(0), world.sim.account().0);
    let records = records(world);
    Runtime::new().unwrap().block_on(async {
        forget_login(&records, serial_number).await.unwrap();
        forget_cloud(&records, username).await.unwrap();
    });
    generation
}

fn generation(world: &World) -> u64 {
    let name = token_name(world.sim.serial_number(0));
    let records = records(world);
    let held = Runtime::new().unwrap().block_on(async { peek::<Token>(&records, &name).await });
    held.unwrap().unwrap().generation
}

const PROCESSES: usize = 8;
const ROUNDS: usize = 20;

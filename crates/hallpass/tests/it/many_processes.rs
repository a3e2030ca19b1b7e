//! Several processes at once, and processes that are killed.

use std::time::Duration;

use serde_json::json;

use crate::world::{World, wait_for};

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
fn a_login_that_is_killed_anywhere_leaves_a_store_that_opens() {
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
    assert!(world.counters().cloud_logins <= 4, "killed logins count, too");
}

#[test]
fn a_killed_process_does_not_hold_the_others_up_for_long() {
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

//! Ends and standstills of every kind: signals in the middle of something, processes that hold a
//! turn and stop, and process numbers that come again.

use std::{
    process::{Child, Command},
    time::Duration,
};

use hallpass_credential::budget::History;
use hallpass_enphase::history_name;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::{
    kept::{LONGER, kept_token, old_token_world, records},
    world::{World, wait_for},
};

fn send(process: &Child, signal: &str) {
    let id = process.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}

/// How long this takes, by the simulated clock, which runs as fast as ours.
fn time(world: &World, work: impl FnOnce()) -> Duration {
    let begun = world.sim.control().now();
    work();
    begun.duration_until(world.sim.control().now()).unsigned_abs()
}

/// Sends a signal to a command that waits for an answer; another one then goes on.
fn check_signal(signal: &str, arguments: &[&str], is_waiting: impl Fn(&World) -> bool) {
    let world = old_token_world();
    let old = kept_token(&world);
    for (fault, options) in [("hang", json!({})), ("slow_cloud", json!({"by": "20s"}))] {
        world.fault(fault, options);
    }
    let process = world.command(arguments).spawn().unwrap();
    wait_for("a command that waits", || is_waiting(&world));
    let ending = time(&world, || {
        send(&process, signal);
        world.note(arguments, process.wait_with_output().unwrap());
    });
    assert!(ending < Duration::from_secs(5), "{signal}: it takes {ending:?} to end");
    for fault in ["hang", "slow_cloud"] {
        world.sim.control().clear_fault(fault).unwrap();
    }
    assert_eq!(kept_token(&world), old, "nothing is half done");
    let next = time(&world, || drop(world.run(&["read", "roof"]).code(0)));
    assert!(next < TAKEN_OVER, "{signal}: the next one waits for {next:?}");
    assert_eq!(world.counters().cloud_logins, 1, "the first one");
}

#[test]
fn s10_a_signal_ends_a_request_at_once_and_holds_nobody_up() {
    check_signal("-TERM", &["read", "roof"], has_asked);
    check_signal("-INT", &["watch", "roof"], has_asked);
}

#[test]
fn s10_a_signal_ends_a_renewal_at_once_and_holds_nobody_up() {
    check_signal("-TERM", &["token", "roof", "--min-life", LONGER], has_asked);
}

/// Whether the gateway was asked more than a login takes.
fn has_asked(world: &World) -> bool {
    world.counters().connections > 2
}

#[test]
fn s8_a_process_that_stops_in_its_turn_is_passed_by() {
    let world = old_token_world();
    world.fault("hang", json!({"path": "/production.json"}));
    let before = world.counters().connections;
    let process = world.command(&["get", "roof", "/production.json"]).spawn().unwrap();
    wait_for("the connection", || world.counters().connections > before);
    send(&process, "-STOP");
    let next = time(&world, || drop(world.run(&["get", "roof", "/api/v1/production"]).code(0)));
    assert!(next < TAKEN_OVER, "{next:?}");
    send(&process, "-CONT");
    send(&process, "-TERM");
    process.wait_with_output().unwrap();
    assert_eq!(world.counters().cloud_logins, 1, "the first one");
}

#[test]
fn s8_a_login_that_stops_is_not_made_twice() {
    let world = World::new(&["7.6.175"]);
    world.fault("slow_cloud", json!({"by": "1s"}));
    let (username, password) = (world.description.account.username.clone(), world.password_file());
    let login = ["login", world.host(), "--name", "roof", "--trust-new", "--username", &username];
    let login = [&login[..], &["--password-file", &password]].concat();
    let process = world.command(&login).spawn().unwrap();
    wait_for("the login", || has_begun_to_log_in(&world));
    send(&process, "-STOP");
    let next = time(&world, || drop(world.run(&login).code(5).says("try again from")));
    assert!(next < TAKEN_OVER, "{next:?}");
    send(&process, "-CONT");
    world.note(&login, process.wait_with_output().unwrap()).code(0);
    kept_token(&world);
    assert_eq!(world.counters().cloud_logins, 1);
}

/// Whether a login is written down; that comes before it is sent.
fn has_begun_to_log_in(world: &World) -> bool {
    if !world.state().join("hallpass.db").exists() {
        return false;
    }
    let records = records(world);
    let name = history_name(world.sim.account().0);
    let history = Runtime::new().unwrap().block_on(records.load::<History>(&name)).unwrap();
    history.is_some_and(|history| !history.attempts().is_empty())
}

#[test]
fn s8_a_process_number_that_comes_again_is_nobodys_turn() {
    let world = old_token_world();
    world.fault("hang", json!({"path": "/production.json"}));
    // In a world of process numbers of its own, each is number 1.
    let alone = |path: &str| {
        let command = world.command(&["get", "roof", path]);
        let mut unshare = Command::new("unshare");
        unshare.args(["-rpf", "--kill-child"]).arg(command.get_program()).args(command.get_args());
        unshare.env_clear();
        unshare.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        unshare.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        unshare
    };
    if !alone("/info").output().is_ok_and(|output| output.status.success()) {
        println!("skipped: no process may have a number of its own here");
        return;
    }
    let before = world.counters().connections;
    let mut process = alone("/production.json").spawn().unwrap();
    wait_for("the connection", || world.counters().connections > before);
    process.kill().unwrap();
    process.wait().unwrap();
    let next = time(&world, || {
        let output = alone("/api/v1/production").output().unwrap();
        world.note(&["get"], output).code(0);
    });
    assert!(next < TAKEN_OVER, "{next:?}");
}

/// A turn whose holder is gone is taken over within this (S8).
const TAKEN_OVER: Duration = Duration::from_secs(15);

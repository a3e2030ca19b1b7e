//! `kill -9` at any moment: what a command said is kept, and no login is lost by it.

use std::{fs, time::Duration};

use serde_json::json;

use crate::{
    kept::{LONGER, kept_token, logged_in_world, old_token_world},
    kill::Victim,
    world::{Outcome, World},
};

/// What a command printed, where it came to print it all.
pub(crate) fn told<'a>(outcome: &'a Outcome, what: &str) -> Option<&'a str> {
    outcome.stdout.strip_suffix('\n').filter(|told| told.contains(what))
}

#[test]
fn s1_a_renewal_that_is_killed_keeps_the_token_that_it_printed() {
    let world = old_token_world();
    let victim = Victim::new(&world, vec!["token", "roof", "--min-life", LONGER]);
    let old = kept_token(&world);
    victim.kill(50, |outcome| {
        let (kept, printed) = (kept_token(&world), told(outcome, "eyJ"));
        assert!(printed.is_none_or(|printed| printed == kept.trim_end()), "{outcome}");
        assert!(printed.is_none() || kept != old, "{outcome}");
        printed.is_some()
    });
    assert_eq!(world.counters().cloud_logins, 1, "the session at the cloud is kept, too");
}

#[test]
fn s1_a_login_that_is_killed_keeps_the_old_token_until_there_is_a_new_one() {
    let world = logged_in_world();
    let (username, password) = (world.description.account.username.clone(), world.password_file());
    let login = ["login", "roof", "--username", &username, "--password-file", &password];
    let victim = Victim::new(&world, login.to_vec());
    let old = kept_token(&world);
    victim.kill(40, |outcome| {
        let (kept, is_done) = (kept_token(&world), told(outcome, "Logged in").is_some());
        assert!(!is_done || kept != old, "{outcome}");
        is_done
    });
}

#[test]
fn s1_a_first_login_that_is_killed_leaves_a_store_that_opens() {
    let world = World::new(&["7.6.175"]);
    let (username, password) = (world.description.account.username.clone(), world.password_file());
    let login = ["login", world.host(), "--name", "roof", "--trust-new", "--username", &username];
    let arguments = [&login[..], &["--password-file", &password]].concat();
    let victim = Victim::new(&world, arguments);
    victim.kill(40, |outcome| {
        let status = world.run(&["status"]);
        assert!(matches!(status.code, Some(0 | 3)), "{status}");
        let is_done = told(outcome, "Logged in").is_some();
        if is_done {
            kept_token(&world);
        }
        is_done
    });
}

#[test]
fn s1_a_logout_that_is_killed_is_done_or_not() {
    let world = logged_in_world();
    let arguments = vec!["logout", "roof"];
    let victim = Victim::new(&world, arguments);
    victim.kill(20, |outcome| {
        let (token, is_done) = (world.run(&["token", "roof"]), !outcome.stdout.is_empty());
        assert!(token.code == Some(3) || !is_done && token.code == Some(0), "{outcome}\n{token}");
        is_done
    });
    assert_eq!(world.counters().cloud_logins, 1, "nobody who logged out is logged in again");
}

#[test]
fn s1_readings_that_are_killed_lose_nothing() {
    let world = logged_in_world();
    let old = kept_token(&world);
    for arguments in [vec!["read", "roof"], vec!["watch", "roof", "--every", "10s"]] {
        let victim = Victim::new(&world, arguments);
        victim.kill_within(Duration::from_millis(150), 30, |_| kept_token(&world) == old);
    }
}

#[test]
fn s1_an_acceptance_that_is_killed_is_done_or_not() {
    let world = logged_in_world();
    world.event("rotate-certificate");
    world.event("cut-connections");
    world.run(&["read", "roof"]).code(7);
    let arguments = vec!["trust", "accept", "roof", "--yes"];
    let victim = Victim::new(&world, arguments);
    victim.kill(20, |outcome| {
        let (status, is_done) = (world.run(&["status"]), !outcome.stdout.is_empty());
        assert!(
            status.code == Some(0) || !is_done && status.code == Some(7),
            "{outcome}\n{status}"
        );
        is_done
    });
    world.event("trust-certificate");
}

#[test]
fn s1_an_import_that_is_killed_brings_all_or_nothing() {
    let world = logged_in_world();
    let passphrase = world.secret_file("passphrase", "four words of mine");
    let file = world.directory.path().join("hallpass.state").display().to_string();
    let with = ["--passphrase-file", &passphrase];
    world.run(&[&["state", "export", &file], &with[..]].concat()).code(0);
    fs::remove_dir_all(world.state()).unwrap();
    let arguments = [&["state", "import", &file], &with[..]].concat();
    let victim = Victim::new(&world, arguments);
    victim.kill(10, |outcome| {
        let is_done = !outcome.stdout.is_empty();
        let devices = world.run(&["status", "--json"]).code(0).json()["devices"].clone();
        if devices == json!([]) {
            assert!(!is_done, "{outcome}");
        } else {
            kept_token(&world);
        }
        is_done
    });
}

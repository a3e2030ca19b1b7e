//! The main road, as a person walks it.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::world::World;

#[test]
fn a_person_logs_in_reads_and_logs_out() {
    let world = World::new(&["7.6.175"]);
    world.log_in();
    let status = world.run(&["status", "--json"]).code(0);
    assert!(status.stdout.contains("roof"), "{status}");
    let device = &status.json()["devices"][0];
    assert!(device["gateway"]["requests_left_this_minute"].as_u64().unwrap() < 30, "{device}");
    assert!(device["gateway"]["next_token_check"].is_string(), "{device}");
    assert!(device["token"]["renewal_from"].as_str() < device["token"]["expires_at"].as_str());
    assert_eq!(device["token"]["is_renewal_late"], false);
    let document = world.run(&["read", "roof", "--json"]).code(0).json();
    assert_eq!(document["device"]["name"], "roof");
    assert_eq!(document["device"]["kind"], "enphase");
    assert_eq!(document["device"]["serial_number"], world.gateway(0).serial_number);
    assert_eq!(document["role"], "owner");
    assert_eq!(document["stale"], serde_json::json!([]));

    let people = world.run(&["read", "roof"]).code(0);
    assert!(people.stdout.contains(&world.gateway(0).serial_number), "{people}");
    let field = world.run(&["read", "roof", "system_production.watts_now"]).code(0);
    assert!(field.stdout.trim().parse::<i64>().is_ok(), "{field}");
    world.run(&["read", "roof", "system_production.no_such"]).code(1);

    let body = world.run(&["get", "roof", "/api/v1/production"]).code(0);
    assert!(body.json()["wattsNow"].is_number());
    world.run(&["get", "roof", "/no/such/path"]).code(1);
    world
        .run(&["get", "roof", "/ivp/ensemble/relay", "-X", "POST", "-d", "{}"])
        .code(2)
        .says("--yes");

    let claims = world.run(&["token", "roof", "--claims"]).code(0);
    assert!(claims.stdout.contains(&world.gateway(0).serial_number), "{claims}");
    let header = world.run(&["token", "roof", "--header"]).code(0);
    assert!(header.stdout.starts_with("Authorization: Bearer eyJ"), "the header is one");
    world.run(&["token", "roof"]).code(0);

    let counters = world.counters();
    let asked = (counters.cloud_logins, counters.token_requests, counters.check_jwt);
    assert_eq!(asked, (1, 1, 1), "once for all commands");

    world.run(&["logout", "roof"]).code(0);
    world.run(&["read", "roof"]).code(3);
    world.run(&["logout", "roof", "--forget"]).code(0);
    world.run(&["read", "roof"]).code(4);
}

#[test]
fn one_account_opens_several_gateways() {
    let world = World::new(&["7.6.175", "8.2.4345"]);
    world.log_in();
    let (username, password) = (&world.description.account.username, world.password_file());
    let login = ["login", &world.gateway(1).host, "--name", "barn", "--username", username];
    world.run(&[&login[..], &["--password-file", &password, "--trust-new"]].concat()).code(0);
    for name in ["roof", "barn"] {
        world.run(&["read", name, "--json"]).code(0);
    }
    let status = world.run(&["status", "--json"]).code(0);
    assert!(status.stdout.contains("roof") && status.stdout.contains("barn"), "{status}");
}

#[test]
fn an_old_gateway_needs_no_cloud() {
    let world = World::new(&["4.10.35"]);
    world
        .run(&["login", world.host(), "--name", "old", "--username", "envoy", "--trust-new"])
        .code(0);
    let document = world.run(&["read", "old", "--json"]).code(0).json();
    assert!(document["role"].is_null());
    assert!(!document["readings"]["inverters"].as_object().unwrap().is_empty());
    assert_eq!(world.counters().cloud_logins, 0);
    world.run(&["login", world.host(), "--username", "envoy", "--pin", &pin('a')]).code(2);
}

#[test]
fn first_contact_wants_to_be_vouched_for() {
    let world = World::new(&["7.6.175"]);
    let (username, password) = (&world.description.account.username, world.password_file());
    let login = ["login", world.host(), "--username", username, "--password-file", &password];
    let refused = world.run(&login);
    assert_ne!(refused.code, Some(0));
    let fingerprint = refused.stderr.split_whitespace().find(|word| word.contains("sha256:"));
    let fingerprint = &fingerprint.unwrap()[fingerprint.unwrap().find("sha256:").unwrap()..];
    let fingerprint = fingerprint.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
    assert_eq!(world.counters().cloud_logins, 0, "nothing is sent before");
    world.run(&[&login[..], &["--pin", &pin('0')]].concat()).code(7);
    world.run(&[&login[..], &["--pin", fingerprint]].concat()).code(0);
}

#[test]
fn a_changed_certificate_suspends_until_a_person_decides() {
    let world = World::new(&["7.6.175"]);
    world.log_in();
    world.event("rotate-certificate");
    world.event("cut-connections");
    world.run(&["read", "roof"]).code(7);
    world.run(&["get", "roof", "/production.json"]).code(7);
    let connections = world.counters().connections;
    world.run(&["read", "roof"]).code(7);
    assert_eq!(world.counters().connections, connections, "a suspended device is not connected to");
    world.run(&["status"]).code(7);
    let (username, password) = (&world.description.account.username, world.password_file());
    let login = ["login", world.host(), "--username", username, "--password-file", &password];
    world.run(&[&login[..], &["--trust-new"]].concat()).code(7);
    let show = world.run(&["trust", "show", "roof"]);
    assert!(show.stdout.contains("sha256:"), "{show}");
    world.run(&["trust", "accept", "roof", "--yes"]).code(0);
    world.event("trust-certificate");
    world.run(&["read", "roof", "--json"]).code(0);
}

#[test]
fn what_is_kept_is_for_its_owner_only() {
    let world = World::new(&["7.6.175"]);
    world.log_in();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&world.state()), 0o700);
    for entry in fs::read_dir(world.state()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn the_program_explains_itself() {
    let world = World::new(&["7.6.175"]);
    for shell in ["bash", "zsh", "fish"] {
        assert!(world.run(&["completions", shell]).code(0).stdout.contains("hallpass"));
    }
    assert!(world.run(&["man"]).code(0).stdout.contains(".TH"));
    world.run(&["no-such-command"]).code(2);
    world.run(&["read"]).code(2);
    world.run(&["status", "nothing-of-that-name"]).code(3);
}

fn pin(digit: char) -> String {
    format!("sha256:{}", String::from(digit).repeat(64))
}

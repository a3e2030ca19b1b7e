//! Bad input of every kind: one clear error, its exit code, a hint, and no more than one attempt.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    thread,
    time::Duration,
};

use hallpass_sim::{Expiry, Options, Signing};
use serde_json::json;

use crate::world::{Outcome, World, files};

/// Logs in with the account under `fault`, twice: the exit code, and one login at the cloud.
fn refused(fault: &str, code: i32, says: &str) {
    let world = World::new(&["7.6.175"]);
    world.fault(fault, json!({}));
    for _ in 0..2 {
        log_in(&world, &world.password_file()).code(code).says(says);
    }
    assert!(world.counters().cloud_logins <= 1, "{fault}: one attempt, no retry");
    world.run(&["read", world.host()]);
}

fn log_in(world: &World, password_file: &str) -> Outcome {
    let username = &world.description.account.username;
    let login = ["login", world.host(), "--trust-new", "--username", username];
    world.run(&[&login[..], &["--password-file", password_file]].concat())
}

#[test]
fn refusals_of_the_cloud_are_told_apart() {
    refused("wrong_password", 3, "password");
    refused("mfa", 3, "one-time code");
    refused("blocked", 3, "blocked");
    refused("too_many_sessions", 3, "");
    refused("login_wall", 3, "");
    refused("down", 5, "cloud");
}

#[test]
fn a_corrected_password_is_tried_at_once() {
    let world = World::new(&["7.6.175"]);
    log_in(&world, &world.secret_file("wrong", "not the password")).code(3);
    log_in(&world, &world.secret_file("wrong", "not the password")).code(3);
    assert_eq!(world.counters().cloud_logins, 1, "the same password again is not another one");
    log_in(&world, &world.password_file()).code(0);
    assert_eq!(world.counters().cloud_logins, 2);
}

#[test]
fn passwords_of_any_characters_arrive_from_files_and_standard_input() {
    for password in ["p%41&+=;", "a b+c&d=e", "k\u{e4}se\u{1f511}pass", "\"quoted\\"] {
        let mut options = Options::default();
        options.account.password = Some(password.to_owned());
        let world = World::with(options);
        log_in(&world, &world.secret_file("password", &format!("{password}\n"))).code(0);

        let username = world.description.account.username.clone();
        let login = ["login", world.host(), "--username", &username, "--password-stdin"];
        world.run_with_input(&login, &format!("{password}\r\n")).code(0);
    }
}

/// Gives a token by hand: its exit code, whether the gateway was asked, what is said.
fn token(world: &World, text: &str, code: i32, says: &str) {
    let file = world.secret_file("token", text);
    let login = ["login", world.host(), "--trust-new", "--token-file", &file];
    world.run(&login).code(code).says(says);
}

#[test]
fn given_tokens_are_looked_at_before_the_gateway_sees_them() {
    let world = World::new(&["7.6.175"]);
    let mint = || world.sim.token(0);
    token(&world, &mint().audience("999999999999").mint(), 3, "999999999999");
    token(&world, &mint().issued_ago(Duration::from_secs(400 * 86_400)).mint(), 3, "expired");
    token(&world, &mint().signing(Signing::Nobody).mint(), 3, "ES256");
    token(&world, &mint().signing(Signing::Shared).mint(), 3, "ES256");
    token(&world, &mint().expiry(Expiry::Milliseconds).mint(), 3, "");
    token(&world, &mint().expiry(Expiry::Missing).mint(), 3, "");
    token(&world, &mint().issued_ahead(Duration::from_secs(3 * 86_400)).mint(), 3, "clock");
    token(&world, "not a token", 3, "token");
    token(&world, "", 3, "");
    token(&world, &"e".repeat(20_000), 3, "longer");
    token(&world, &"e".repeat(1_000_000), 2, "longer");
    assert_eq!(world.counters().check_jwt, 0);

    let wrapped: String = mint()
        .mint()
        .as_bytes()
        .chunks(60)
        .flat_map(|line| [line, b"\r\n"].concat())
        .map(char::from)
        .collect();
    token(&world, &wrapped, 0, "");
    world.run(&["read", world.host(), "--json"]).code(0);
    assert_eq!(world.counters().cloud_logins, 0);
}

#[test]
fn what_answers_may_be_anything() {
    let world = World::new(&["7.6.175"]);
    for (answer, code) in [
        (&b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>a printer</html>"[..], 1),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", 1),
        (b"HTTP/1.1 200 OK\r\n\r\n<envoy_info><device><software>D7.6.175</software></device></envoy_info>", 1),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", 4),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", 1),
        (b"", 4),
    ] {
        let host = serve(answer);
        let outcome = world.run(&["read", &host, "--username", "envoy", "--trust-new"]);
        let text = String::from_utf8_lossy(answer).into_owned();
        assert!(matches!(outcome.code, Some(1 | 4)), "{text}: {outcome}");
        if answer.starts_with(b"HTTP") {
            outcome.code(code);
        }
    }
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    world.run(&["read", &closed.to_string(), "--username", "envoy", "--trust-new"]).code(4);
    world.run(&["read", "no such host", "--trust-new"]);
}

/// A server that answers every connection with the same bytes until the test ends.
fn serve(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    address
}

#[test]
fn answers_that_break_cost_what_comes_from_them() {
    let world = World::new(&["7.6.175"]);
    world.lift_rate();
    world.log_in();
    for fault in ["truncated_body", "empty_body", "html200"] {
        world.fault(fault, json!({"path": "/production.json"}));
        let document = world.run(&["read", "roof", "--json"]).code(0).json();
        assert!(!document["complaints"].as_array().unwrap().is_empty(), "{fault}");
        assert!(!document["readings"]["inverters"].as_object().unwrap().is_empty(), "{fault}");
        world.sim.control().clear_fault(fault).unwrap();
    }
}

#[test]
fn a_state_directory_that_cannot_be_used_is_told() {
    let world = World::new(&["7.6.175"]);
    fs::write(world.directory.path().join("file"), "").unwrap();
    let inside = world.directory.path().join("file/state");
    let inside = inside.display().to_string();
    world.run(&["--state-dir", &inside, "status"]);
    let mut command = world.command(&[]);
    let output = command.args(["status", "--state-dir", &inside]).output().unwrap();
    assert_ne!(output.status.code(), Some(0));
}

#[test]
fn a_damaged_database_is_left_alone() {
    let world = World::new(&["7.6.175"]);
    world.log_in();
    let database = files(&world.state()).into_iter().map(|(name, _)| name);
    let database = database.into_iter().find(|name| name.ends_with(".db")).unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{database}{suffix}"));
    }
    let rubbish = b"this is no database, and it is long enough to be read as one".repeat(100);
    fs::write(&database, &rubbish).unwrap();
    world.run(&["read", "roof"]).code(1).says("database");
    assert_eq!(fs::read(&database).unwrap(), rubbish, "not a byte is changed");
}

#[test]
fn a_locked_database_is_told() {
    let world = World::new(&["7.6.175"]);
    world.log_in();
    let database = files(&world.state()).into_iter().map(|(name, _)| name);
    let database = database.into_iter().find(|name| name.ends_with(".db")).unwrap();
    let connection = rusqlite::Connection::open(database).unwrap();
    connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    world.run(&["read", "roof"]).code(1);
    connection.execute_batch("ROLLBACK").unwrap();
    drop(connection);
    world.run(&["read", "roof"]).code(0);
}

#[test]
fn configuration_is_checked() {
    let world = World::new(&["7.6.175"]);
    let config = world.directory.path().join("config.toml");
    let with = |text: &str| {
        fs::write(&config, text).unwrap();
        world.run(&["status", "--config", &config.display().to_string()])
    };
    with("[cloud]\nenlighten_ulr = \"https://x.example\"\n").code(2).says("enlighten_url");
    with("[clout]\n").code(2).says("cloud");
    with("[cloud\n").code(2);
    with("[cloud]\nenlighten_url = 7\n").code(2);
    world.set("HALLPASS_CLOUD__ENTREZ_URL", "http://cloud.example");
    with("").code(2).says("https");
    world.set("HALLPASS_CLOUD__ENTREZ_URL", &world.description.cloud.entrez_url);
    world.set("HALLPASS_CLOUD__NO_SUCH_KEY", "1");
    with("").code(2);
}

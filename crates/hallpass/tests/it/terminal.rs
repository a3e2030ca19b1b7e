//! The program at a terminal, which `script` of util-linux makes.

use std::{
    io::{Read, Write},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use serde_json::json;

use crate::world::{Outcome, World, wait_for};

/// A run of the program whose three streams are a terminal.
struct Terminal {
    script: Child,
    shown: Arc<Mutex<String>>,
    reading: JoinHandle<()>,
}

impl Terminal {
    fn run(world: &World, arguments: &[&str]) -> Self {
        let command = world.command(arguments);
        let words = [command.get_program()].into_iter().chain(command.get_args());
        let words: Vec<_> = words.map(|word| format!("'{}'", word.to_str().unwrap())).collect();
        let environment = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        let mut script = Command::new("script")
            .args(["--quiet", "--return", "--flush", "--command", &words.join(" "), "/dev/null"])
            .env_clear()
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let (mut screen, seen) = (script.stdout.take().unwrap(), Arc::clone(&shown));
        let reading = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                seen.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        });
        Self { script, shown, reading }
    }

    /// Waits for what is said and the question behind it, and types an answer. What is typed before
    /// the question stands there would be read as another key.
    fn answer(&mut self, expect: &str, answer: &str) {
        let is_asked = |(_, rest): (&str, &str)| rest.contains("One-time code (empty:");
        let shown = &self.shown;
        wait_for(expect, || shown.lock().unwrap().split_once(expect).is_some_and(is_asked));
        self.shown.lock().unwrap().clear();
        let keyboard = self.script.stdin.as_mut().unwrap();
        keyboard.write_all(answer.as_bytes()).unwrap();
    }

    fn finish(mut self, world: &World, arguments: &[&str]) -> Outcome {
        let status = self.script.wait().unwrap();
        self.reading.join().unwrap();
        let shown = self.shown.lock().unwrap().clone().into_bytes();
        // At a terminal both are one.
        world.note(arguments, Output { status, stdout: shown.clone(), stderr: shown })
    }
}

/// Logs in with an account that wants codes; after each first thing said, types the second.
fn log_in(world: &World, answers: &[(&str, &str)]) -> Outcome {
    world.fault("mfa", json!({}));
    let (username, password) = (&world.description.account.username, world.password_file());
    let login = ["login", world.host(), "--name", "roof", "--trust-new", "--username", username];
    let login = [&login[..], &["--password-file", &password]].concat();
    let mut terminal = Terminal::run(world, &login);
    for (question, answer) in answers {
        terminal.answer(question, answer);
    }
    terminal.finish(world, &login)
}

#[test]
fn a_person_is_asked_for_the_one_time_code() {
    let world = World::new(&["7.6.175"]);
    let answers = [
        ("has sent you a one-time code", "000 000\r"),
        ("2 more may be tried", "\r"),
        ("Another code can be sent from", "123 456\r"),
    ];
    log_in(&world, &answers).code(0).says("Logged in to roof");
    world.run(&["read", "roof"]).code(0);
    assert_eq!(world.counters().cloud_logins, 1);
    let requests = world.counters().requests;
    assert_eq!(requests["/app-api/validate_login_otp"][&200], 2);
    assert!(!requests.contains_key("/app-api/generate_mfa_login_otp"));
}

#[test]
fn a_person_who_breaks_off_is_told_how_to_go_on() {
    let world = World::new(&["7.6.175"]);
    log_in(&world, &[("has sent you a one-time code", "\u{3}")]).code(3).says("at a terminal");
    world.run(&["read", "roof"]).code(3);
    assert_eq!(world.counters().cloud_logins, 1);
}

/// Runs it until it says `expect`, then presses Ctrl-C: it ends at once.
fn break_off(world: &World, arguments: &[&str], expect: &str) {
    let mut terminal = Terminal::run(world, arguments);
    let shown = Arc::clone(&terminal.shown);
    wait_for(expect, || shown.lock().unwrap().contains(expect));
    let keyboard = terminal.script.stdin.as_mut().unwrap();
    keyboard.write_all(b"\x03").unwrap();
    assert_ne!(terminal.finish(world, arguments).code, Some(0));
}

#[test]
fn a_person_sees_what_is_waited_for_and_ends_it() {
    let world = World::new(&["7.6.175"]);
    world.log_in();
    world.set("HALLPASS_GATEWAY__BURST", "3");
    break_off(&world, &["read", "roof"], "s: the device bears no more requests");

    let world = World::new(&["7.6.175"]);
    world.log_in();
    world.event("expire-token");
    break_off(&world, &["read", "roof"], "waiting 60 s: the gateway refuses");
    assert_eq!(world.counters().cloud_logins, 1);
}

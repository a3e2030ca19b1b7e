//! `watch`: lines as they come, and ends of every kind.

use std::{
    io::{self, BufRead, BufReader, Read},
    process::{Child, Command, Output},
};

use serde_json::{Value, json};

use crate::world::{Outcome, World, wait_for};

/// A `watch` that runs.
struct Watching<'a> {
    world: &'a World,
    arguments: Vec<&'a str>,
    process: Child,
    lines: BufReader<Box<dyn Read>>,
    read: String,
}

impl<'a> Watching<'a> {
    fn start(world: &'a World, options: &[&'a str]) -> Self {
        let arguments = [&["watch", "roof"], options].concat();
        let mut process = world.command(&arguments).arg("-vvv").spawn().unwrap();
        let stdout: Box<dyn Read> = Box::new(process.stdout.take().unwrap());
        Self { world, arguments, process, lines: BufReader::new(stdout), read: String::new() }
    }

    /// The next line, which must be a document.
    fn line(&mut self) -> Value {
        let begin = self.read.len();
        self.lines.read_line(&mut self.read).unwrap();
        serde_json::from_str(&self.read[begin..]).unwrap()
    }

    /// Ends it as a person or a supervisor does; it must end at once, with nothing half said.
    fn end(self, signal: &str) -> Outcome {
        let id = self.process.id().to_string();
        let world = self.world;
        let asked = world.sim.control().now();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let outcome = self.finish();
        let took = asked.duration_until(world.sim.control().now()).as_secs_f64();
        assert!(took < 5.0, "it takes {took} s to end");
        outcome.code(0)
    }

    fn finish(mut self) -> Outcome {
        self.lines.read_to_string(&mut self.read).unwrap();
        let Output { status, stderr, .. } = self.process.wait_with_output().unwrap();
        let stdout = self.read.into_bytes();
        let outcome = self.world.note(&self.arguments, Output { status, stdout, stderr });
        let whole = outcome.stdout.is_empty() || outcome.stdout.ends_with('\n');
        assert!(whole, "half a line: {outcome}");
        outcome
    }
}

fn world() -> World {
    let world = World::new(&["7.6.175"]);
    world.lift_rate();
    world.log_in();
    world
}

#[test]
fn the_first_line_comes_at_once_and_is_what_read_prints() {
    let world = world();
    for signal in ["-INT", "-TERM"] {
        let mut watching = Watching::start(&world, &["--every", "1h"]);
        let line = watching.line();
        let document = world.run(&["read", "roof", "--json"]).code(0).json();
        let keys = |document: &Value| document.as_object().unwrap().keys().cloned().collect();
        let (of_line, of_document): (Vec<_>, Vec<_>) = (keys(&line), keys(&document));
        assert_eq!(of_line, of_document);
        assert_eq!(line["device"], document["device"]);
        assert_eq!(line["role"], "owner");
        assert_eq!(watching.end(signal).stdout.lines().count(), 1);
    }
}

#[test]
fn who_reads_no_more_ends_it_at_once() {
    let world = world();
    let mut watching = Watching::start(&world, &["--every", "1h"]);
    watching.line();
    watching.lines = BufReader::new(Box::new(io::empty()));
    watching.finish().code(0);
}

#[test]
fn a_logout_ends_it() {
    let world = world();
    let mut watching = Watching::start(&world, &["--every", "10s"]);
    watching.line();
    world.run(&["logout", "roof"]).code(0);
    watching.finish().code(3).says("logged out");
}

#[test]
fn all_prints_each_poll() {
    let world = world();
    let mut watching = Watching::start(&world, &["--all", "--every", "10s"]);
    let [first, second] = [watching.line(), watching.line()]
        .map(|line| line["taken_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap());
    let apart = first.duration_until(second).as_secs_f64();
    assert!((9.0..12.0).contains(&apart), "{apart} s apart");
    watching.end("-INT");
}

#[test]
fn a_signal_ends_it_in_the_middle_of_a_poll() {
    for signal in ["-INT", "-TERM"] {
        let world = world();
        world.fault("hang", json!({}));
        let before = world.counters().connections;
        let watching = Watching::start(&world, &[]);
        wait_for("the poll", || world.counters().connections > before);
        assert_eq!(watching.end(signal).stdout, "");
    }
}

#[test]
fn at_night_it_sleeps_and_says_so() {
    let world = world();
    let asked = world.counters().requests;
    let midnight = place_at(&world, 0.0);
    let mut watching = Watching::start(&world, &["--daylight", &midnight]);
    let said = said(&mut watching.process, "asleep until");
    assert_eq!(world.counters().requests, asked, "{said}");
    assert_eq!(watching.end("-TERM").stdout, "");

    let noon = place_at(&world, 12.0);
    let mut watching = Watching::start(&world, &["--daylight", &noon]);
    watching.line();
    watching.end("-TERM");
}

/// South of the equator, where the sun shows so many hours now, by a simulated clock that shows
/// the same as that of the program.
fn place_at(world: &World, hours: f64) -> String {
    let now = world.sim.control().now().as_second().rem_euclid(86_400) as f64 / 3_600.0;
    let longitude = (hours - now) * 15.0;
    let longitude = (longitude + 540.0).rem_euclid(360.0) - 180.0;
    format!("-1.5,{longitude:.2}")
}

/// Reads standard error up to a line that says `what`.
fn said(process: &mut Child, what: &str) -> String {
    let stderr = BufReader::new(process.stderr.as_mut().unwrap());
    let mut lines = stderr.lines().map(Result::unwrap);
    lines.find(|line| line.contains(what)).unwrap_or_else(|| panic!("nobody says {what:?}"))
}

#[test]
fn a_reader_that_goes_away_ends_it() {
    let world = world();
    let arguments = ["watch", "roof"];
    let mut process = world.command(&arguments).spawn().unwrap();
    drop(process.stdout.take());
    let Output { status, stderr, .. } = process.wait_with_output().unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
}

#[test]
fn a_known_gateway_that_is_away_is_waited_for() {
    let world = world();
    world.fault("refused", json!({}));
    let mut watching = Watching::start(&world, &[]);
    said(&mut watching.process, "cannot read roof");
    watching.end("-INT");
}

#[test]
fn a_device_that_was_never_met_must_answer_at_once() {
    let world = World::new(&["7.6.175"]);
    world.run(&["watch", "no-such-gateway"]).code(4).says("no device is known as");
    world.run(&["watch", "129999999999"]).code(3);
    let read = world.run(&["read", world.host()]);
    assert_eq!(world.run(&["watch", world.host()]).code, read.code);
}

#[test]
fn a_device_that_nobody_is_logged_in_to_wants_a_person() {
    let world = world();
    world.run(&["logout", "roof"]).code(0);
    world.run(&["watch", "roof"]).code(3).says("hallpass login roof");
}

#[test]
fn a_changed_key_ends_it() {
    let world = world();
    world.event("rotate-certificate");
    world.run(&["watch", "roof"]).code(7).says("hallpass trust show");
    world.run(&["watch", "roof"]).code(7).says("suspended");
}

#[test]
fn what_cannot_be_meant_is_told() {
    let world = World::new(&["7.6.175"]);
    let check = |options: &[&str], says: &str| {
        world.run(&[&["watch", "roof"], options].concat()).code(2).says(says);
    };
    check(&["--every", "9.9s"], "10s");
    check(&["--every", "0s"], "10s");
    check(&["--every", "1"], "duration");
    check(&["--every", "-10s"], "");
    check(&["--daylight", "52.52"], "latitude and longitude");
    check(&["--daylight", "-91,0"], "latitude and longitude");
    check(&["--daylight", "0,-180.1"], "latitude and longitude");
    check(&["--daylight", "here"], "latitude and longitude");
    check(&["--daylight"], "LAT,LON");
    check(&["--password-file", "x"], "");
}

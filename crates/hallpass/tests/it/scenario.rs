//! `sim --scenario`: a timeline played by the program, and judged as far as it can see.

use std::fs;

use crate::world::{Outcome, World};

/// Plays the lines below a sentence, a hundred times faster than they say.
fn play(lines: &str, more: &[&str]) -> Outcome {
    let world = World::new(&["7.6.175"]);
    let file = world.directory.path().join("scenario.txt");
    fs::write(&file, format!("# Nobody comes.\n{lines}")).unwrap();
    let file = file.to_str().unwrap();
    world.run(&[&["sim", "--scenario", file, "--speed", "100"], more].concat())
}

#[test]
fn a_scenario_that_is_kept_ends_with_0_and_says_what_was_expected() {
    let played = play(KEPT, &[]).code(0).says("Scenario: Nobody comes.");
    let played = played.says("at 5s fault gateway_504").says("at 10s client starts: that is yours");
    assert!(played.stdout.contains("kept      logins = 0 since 5s\n"), "{played}");
    assert!(played.stdout.contains("unseen    recovery <= 1m30s: "), "{played}");
}

#[test]
fn a_scenario_that_is_not_kept_ends_with_1() {
    let played = play("at 5s end\nexpect logins >= 1\n", &[]).code(1);
    assert!(played.stdout.contains("not kept  logins >= 1: it is 0 (line 3)"), "{played}");
}

#[test]
fn json_is_the_world_and_then_the_outcome() {
    let played = play(KEPT, &["--json"]).code(0);
    let lines: Vec<serde_json::Value> =
        played.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [world, outcome] = &lines[..] else { panic!("two lines: {played}") };
    assert!(world["gateways"].is_array());
    assert_eq!((&outcome["kept"], &outcome["verdict"]["ok"]), (&true.into(), &true.into()));
    let [logins, recovery] = &outcome["expectations"].as_array().unwrap()[..] else { panic!() };
    assert_eq!((&logins["seen"], &logins["holds"]), (&0.0.into(), &true.into()));
    assert_eq!(recovery["holds"], serde_json::Value::Null);
}

#[test]
fn what_is_no_scenario_is_told_with_its_line() {
    play("at 5s falt slow\n", &[]).code(2).says("line 2: no step is called \"falt\"").says("fault");
    play("at 5s end\n", &["--firmware", "7.6.175"]).code(2);
}

const KEPT: &str = "\
at 5s fault gateway_504
at 10s client starts
at 20s end
expect logins = 0 since 5s
expect recovery <= 90s
";

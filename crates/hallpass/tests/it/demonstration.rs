//! `demo`: everything on this machine, with no hardware.

use serde_json::Value;

use crate::world::World;

#[test]
fn the_demonstration_shows_live_readings_and_ends_by_itself() {
    let world = World::new(&["7.6.175"]);
    let outcome = world.run(&["demo", "--json", "--for", "4s"]).code(0);
    let lines: Vec<Value> =
        outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (description, readings) = lines.split_first().unwrap();
    for key in ["gateways", "account", "cloud", "control", "env"] {
        assert!(!description[key].is_null(), "{key} is in the first line");
    }
    assert!(readings.len() >= 2, "a reading each second: {}", readings.len());
    for document in readings {
        let serial_number = &description["gateways"][0]["serial_number"];
        assert_eq!(&document["device"]["serial_number"], serial_number);
        assert!(document["readings"]["system_production"]["watts_now"].as_f64().unwrap() > 0.0);
    }
    let taken: Vec<_> = readings.iter().map(|document| document["taken_at"].as_str()).collect();
    assert!(taken.windows(2).all(|pair| pair[0] < pair[1]), "time moves: {taken:?}");
}

#[test]
fn people_see_a_table_and_the_addresses() {
    let world = World::new(&["7.6.175"]);
    let outcome = world.run(&["demo", "--for", "3s"]).code(0);
    let shown = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(shown.contains("127.0.0.1:"), "{outcome}");
    assert!(outcome.stdout.contains(" W"), "{outcome}");
}

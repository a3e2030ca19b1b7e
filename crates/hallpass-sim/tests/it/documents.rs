//! Documents that are made from the scenarios.

use std::collections::BTreeSet;

#[path = "../../examples/faults.rs"]
#[expect(dead_code, reason = "its main is for regenerating")]
mod faults;

#[test]
fn the_table_of_faults_is_that_of_the_scenarios() {
    let shipped = include_str!("../../../../docs/faults.md");
    assert_eq!(shipped, faults::document().unwrap(), "run `cargo xtask docs`");
}

#[test]
fn every_fault_that_the_client_can_meet_is_played() {
    let document = faults::document().unwrap();
    let rows = document.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
    let played: BTreeSet<_> = rows.collect();
    let missing: Vec<_> = CATALOGUE.split(' ').filter(|code| !played.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

const CATALOGUE: &str = "G1 G2 G3 G5 G6 G8 G10 G11 G12 G13 G14 G15 G16 G18 G19 G20 \
    A1 A2 A3 A4 A5 A6 A7 A8 A10 A11 A12 C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C12 \
    N1 N2 N3 N4 N6 N7 N8 N9 K2 K3 K4 K5 D1 D2 D3 D5 D6 D7 D8 D9 S1 S2 S3 S5 S7 S8 S9 S10 M11 M12 M13";

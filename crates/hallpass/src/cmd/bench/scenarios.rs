//! Every scenario file, played with the whole client. One that is marked `not-yet` must fail.

use std::{collections::BTreeSet, fs, path::PathBuf};

use hallpass_sim::Scenario;
use tokio::runtime;

use super::Life;

macro_rules! scenarios {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(stringify!($name)); })*
        const PLAYED: &[&str] = &[$(stringify!($name)),*];
    };
}

scenarios! {
    a1_idle_session
    g2_reboot
    g14_gateway_errors
}

fn check(name: &str) {
    let scenario = read(name);
    let runtime = runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let (life, breaches) = runtime.unwrap().block_on(async {
        let mut life = Life::new(&scenario);
        let breaches = life.live().await;
        (life, breaches)
    });
    match &scenario.not_yet {
        None => assert!(breaches.is_empty(), "{}\n{}", breaches.join("\n"), life.story()),
        Some(reason) => assert!(!breaches.is_empty(), "kept now, take it out: not-yet {reason}"),
    }
}

fn read(name: &str) -> Scenario {
    let text = fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
    Scenario::parse(&text).unwrap_or_else(|error| panic!("{name}.txt, {error}"))
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../hallpass-sim/scenarios")
}

#[test]
fn every_scenario_is_played() {
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let names = files.map(|file| file.file_stem().unwrap().to_string_lossy().into_owned());
    let played = PLAYED.iter().map(|name| (*name).to_owned());
    assert_eq!(names.collect::<BTreeSet<_>>(), played.collect::<BTreeSet<_>>());
}

//! Random days: whatever befalls it, in whatever order, the client keeps its budgets, gives nothing
//! away, and reads again in the end.
//!
//! The same seed draws the same day. `cargo xtask schedules --seeds N [--from M]` plays more of
//! them; a day that fails is printed as a scenario file.

mod draw;
mod kinds;

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use hallpass_sim::Scenario;
use tokio::runtime;

use super::{Life, Told};
use draw::schedule;

#[test]
fn on_random_days_the_budgets_are_kept_and_readings_come_back() {
    let seeds = wanted();
    let next = AtomicU64::new(seeds.start);
    let failures = thread::scope(|scope| {
        let play = || {
            let mut failures = Vec::new();
            while let Some(seed) =
                Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| seeds.contains(seed))
            {
                failures.extend(check(seed).err());
            }
            failures
        };
        let thread = || thread::Builder::new().stack_size(STACK).spawn_scoped(scope, play).unwrap();
        let threads: Vec<_> = (0..THREADS).map(|_| thread()).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(failures.is_empty(), "{} days failed:\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn the_same_seed_is_the_same_day() {
    assert_eq!(schedule(7), schedule(7));
    assert_ne!(schedule(7).text, schedule(8).text);
}

/// Plays the day of this seed; what went wrong, with the day.
fn check(seed: u64) -> Result<(), String> {
    let day = schedule(seed);
    let scenario = Scenario::parse(&day.text)
        .map_err(|error| format!("seed {seed} is no scenario: {error}\n{}", day.text))?;
    let played = panic::catch_unwind(AssertUnwindSafe(|| play(&scenario)));
    let (breaches, story) =
        played.unwrap_or_else(|_| (vec!["it panicked".to_owned()], String::new()));
    match breaches.is_empty() {
        true => Ok(()),
        false => Err(format!("seed {seed}\n{}\n\n{}\n{story}", breaches.join("\n"), day.text)),
    }
}

/// What went wrong on this day, and its story.
fn play(scenario: &Scenario) -> (Vec<String>, String) {
    let runtime = runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let mut life = Life::new(scenario);
        let mut breaches = life.live().await;
        breaches.extend(silence(&life, scenario));
        breaches.extend(chatter(&life));
        (breaches, life.story())
    })
}

/// In the end there are readings, or it was said why there are none.
fn silence(life: &Life, scenario: &Scenario) -> Option<String> {
    let told = life.bench.log.all();
    let end = life.bench.sim.control().now();
    let is_telling =
        |told: &Told| matches!(told, Told::Reading(_) | Told::Lost(_) | Told::Failed(_));
    let (at, last) = told.iter().rev().find(|(_, told)| is_telling(told))?;
    let silent = at.duration_until(end).unsigned_abs();
    let is_lost = !matches!(last, Told::Reading(_));
    (!is_lost && silent > scenario.every * 2).then(|| format!("silent in the end, since {at}"))
}

/// Nobody is told more than so many lines in an hour.
fn chatter(life: &Life) -> Option<String> {
    let told = life.bench.log.all().into_iter();
    let is_line = |told: &Told| {
        matches!(told, Told::Lost(_) | Told::Back(_) | Told::Line(_) | Told::Failed(_))
    };
    let lines: Vec<_> = told.filter(|(_, told)| is_line(told)).map(|(at, _)| at).collect();
    let within_an_hour = |window: &&[jiff::Timestamp]| {
        window[0].duration_until(window[LINES_AN_HOUR]).as_secs() < 3_600
    };
    let hour = lines.windows(LINES_AN_HOUR + 1).find(within_an_hour)?;
    Some(format!("more than {LINES_AN_HOUR} lines in the hour from {}", hour[0]))
}

/// The seeds to play: those that somebody asked for, or the usual ones.
fn wanted() -> std::ops::Range<u64> {
    let place = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/schedules");
    let asked = fs::read_to_string(place).unwrap_or_default();
    let mut numbers = asked.split_whitespace().map_while(|number| number.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(from), Some(count)) => from..from + count,
        _ => 1..1 + SEEDS,
    }
}

/// How many days are played each time (M2).
const SEEDS: u64 = 50;

/// For as many cores as our gate has.
const THREADS: usize = 2;

/// In bytes: unoptimised, the whole client is large.
const STACK: usize = 16 << 20;

/// M19.
const LINES_AN_HOUR: usize = 20;

//! The whole ladder of decisions under a million odd moments: outages, revoked tokens, wrong clocks,
//! clouds in every mood, many processes, backups that are brought back.
//!
//! The machine decides by what is written down and by its own clock. The judge knows the real time
//! and what was really sent, and shares no arithmetic with it.

mod judge;
mod machine;

use machine::{Machine, Moment};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

const RUNS: u64 = 500;
const MOMENTS: usize = 2_000;

/// A million moments; the seed of one that fails is told.
#[test]
fn a_million_moments_break_no_budget() {
    let mut logins = 0;
    for seed in 0..RUNS {
        logins += run(seed);
    }
    assert!(logins > RUNS * 5, "only {logins} logins: nothing was tried");
}

/// One life: so many moments, then all is well again, and the token must be, too.
fn run(seed: u64) -> u64 {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut machine = Machine::new();
    for number in 0..MOMENTS {
        let moment = Moment::draw(&mut random);
        machine.live(&moment, &mut random);
        if let Err(broken) = machine.judge.verdict() {
            panic!("seed {seed}, moment {number}, {moment:?}: {broken}");
        }
    }
    for _ in 0..3 {
        machine.heal();
        for _ in 0..24 * 6 {
            machine.live(&Moment::Pass(600), &mut random);
            machine.live(&Moment::Poll { process: random.random_range(0..3) }, &mut random);
        }
    }
    if let Err(broken) = machine.judge.verdict() {
        panic!("seed {seed}, healed: {broken}");
    }
    assert!(machine.is_well(), "seed {seed}: three good days have not brought it back");
    machine.judge.logins()
}

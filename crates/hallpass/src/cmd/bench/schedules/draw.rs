//! A day of troubles by a seed, as the text of a scenario.

use std::fmt::Write;

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::kinds::{Costs, KINDS, Kind};

/// A day, and what may be asked of a client that has lived through it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Schedule {
    pub(super) text: String,
    /// Whether a person or a cloud may be what is waited for in the end.
    pub(super) is_excused: bool,
}

/// Draws the day of this seed.
pub(super) fn schedule(seed: u64) -> Schedule {
    let mut day = Day::beginning(seed);
    for _ in 0..day.dice.random_range(TROUBLES) {
        let kind = &KINDS[day.dice.random_range(0..KINDS.len())];
        day.add(kind);
    }
    for _ in 0..day.dice.random_range(0..=READS) {
        let at = day.dice.random_range(QUIET..EVENING);
        if !day.is_away(at) {
            day.steps.push((at, "client reads once".to_owned()));
        }
    }
    day.finish(seed)
}

/// A day that is being drawn. Times are seconds since it began.
struct Day {
    dice: StdRng,
    every: u64,
    firmware: &'static str,
    steps: Vec<(u64, String)>,
    /// From when to when each fault is on: it can be on once at a time.
    taken: Vec<(&'static str, Costs, u64, u64)>,
}

impl Day {
    fn beginning(seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let every = EVERY[dice.random_range(0..EVERY.len())];
        let firmware = FIRMWARE[dice.random_range(0..FIRMWARE.len())];
        let steps = vec![(0, "client logs in".to_owned()), (0, "client starts".to_owned())];
        Self { dice, every, firmware, steps, taken: Vec::new() }
    }

    fn add(&mut self, kind: &'static Kind) {
        let (least, most) = kind.minutes;
        let start = self.dice.random_range(QUIET..EVENING);
        // Short ones are as likely as long ones.
        let length = (least * (most / least).powf(self.dice.random::<f64>()) * 60.0) as u64;
        let end = (start + length).min(EVENING);
        let overlaps = |(name, costs, from, to): &(&str, Costs, u64, u64)| {
            // Who is somebody else, nobody can tell from being away; one at a time.
            let is_same =
                *name == kind.name || kind.costs == Costs::Person && *costs == Costs::Person;
            is_same && *from <= end && start <= *to
        };
        if self.taken.iter().any(overlaps) {
            return;
        }
        self.taken.push((kind.name, kind.costs, start, end));
        let begin = kind.begin.map(|step| self.choose(step));
        self.steps.extend(begin.map(|step| (start, step)));
        self.steps.extend(kind.end.iter().map(|step| (end, (*step).to_owned())));
    }

    /// Takes one of each `{this|that}`.
    fn choose(&mut self, template: &str) -> String {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, (choices, after))) =
            rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            let choices: Vec<_> = choices.split('|').collect();
            text += before;
            text += choices[self.dice.random_range(0..choices.len())];
            rest = after;
        }
        text + rest
    }

    /// Whether the gateway may be away, or known to have been a moment ago.
    fn is_away(&self, at: u64) -> bool {
        self.taken.iter().any(|(_, costs, from, to)| {
            *costs != Costs::Cloud && (*from..=to + SETTLED).contains(&at)
        })
    }

    fn has(&self, costs: Costs) -> bool {
        self.taken.iter().any(|(_, taken, ..)| *taken == costs)
    }

    fn finish(mut self, seed: u64) -> Schedule {
        let is_excused = self.has(Costs::Token) && self.has(Costs::Cloud);
        let over = self.taken.iter().map(|(.., end)| *end).max().unwrap_or(QUIET);
        let wait = if self.has(Costs::Token) { SETTLED } else { RECOVERY };
        if !is_excused {
            let judged = over + wait.max(self.every + MARGIN);
            self.steps.push((judged, format!("expect readings >= 1 since {over}s")));
        }
        self.steps.sort_by_key(|(at, _)| *at);
        let mut text = format!("# What befalls a client on the day of seed {seed}.\n");
        let Self { every, firmware, steps, .. } = self;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "firmware {firmware}\nseed {seed}\nevery {every}s\n");
        steps.iter().for_each(|(at, step)| {
            let _ = writeln!(text, "at {at}s {step}");
        });
        let _ = writeln!(text, "at 24h end");
        Schedule { text, is_excused }
    }
}

const FIRMWARE: [&str; 6] = ["7.6.175", "7.6.175", "8.2.4345", "8.3.5289", "5.0.62", "3.9.36"];

/// How often the client polls, in seconds.
const EVERY: [u64; 4] = [60, 120, 300, 600];

/// How many troubles a day has, and how many readings by another process at most.
const TROUBLES: std::ops::RangeInclusive<usize> = 4..=14;
const READS: usize = 6;

/// The client has begun, in seconds.
const QUIET: u64 = 600;

/// All troubles are over, in seconds.
const EVENING: u64 = 22 * 3_600;

/// A client reads again so long after its troubles, in seconds (B7).
const RECOVERY: u64 = 90;

/// The same where a login may be due, in seconds: five minutes after the outage, two refusals and polls between them.
const SETTLED: u64 = 600;

/// What a poll may take, in seconds.
const MARGIN: u64 = 30;

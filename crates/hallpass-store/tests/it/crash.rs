//! Processes that are killed in the middle of something.

use std::{
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStderr},
    thread,
};

use crate::{
    job,
    step::{Spoil, Spoiled, at_each_step},
    world::{World, key, load, number},
};

/// A process that counts, and what it tells.
struct Counter {
    process: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Counter {
    fn start(world: &World) -> Self {
        let mut process = job::command("count for ever", &world.state).spawn().expect("a process");
        let told = process.stderr.take().expect("a pipe");
        let mut lines = BufReader::new(told).lines();
        assert_eq!(lines.next().expect("a line").expect("a line"), "opening");
        Self { process, lines }
    }

    /// Kills it, as the kernel does, and returns the last number that it acknowledged.
    fn kill(mut self) -> Option<u32> {
        self.process.kill().expect("a kill");
        self.process.wait().expect("an end");
        // A number that was cut in the middle of its line is none.
        let acknowledged = self.lines.map_while(Result::ok).map(|line| line.parse().ok());
        acknowledged.last().flatten()
    }
}

#[test]
fn s1_a_process_that_is_killed_loses_no_acknowledged_update() {
    let world = World::new();
    let mut acknowledged = 0;
    for round in 0..200 {
        let mut counter = Counter::start(&world);
        for _ in 0..=round % 7 {
            let line = counter.lines.next().expect("a line").expect("a line");
            acknowledged = line.parse().expect("a number");
        }
        acknowledged = counter.kill().unwrap_or(acknowledged);
        let stored = number(&load(&world.open(), &key("counter")).expect("a counter"));
        // The last one may have been stored without time left to tell.
        let expected = acknowledged..=acknowledged + 1;
        assert!(expected.contains(&stored), "{stored} after {acknowledged} in round {round}");
    }
}

#[test]
fn s1_a_process_that_is_killed_while_it_opens_the_store_leaves_one_that_opens() {
    for round in 0..200 {
        let world = World::new();
        let counter = Counter::start(&world);
        // Spread over the making of the key and the database, up to the first updates.
        for _ in 0..round * 70 {
            thread::yield_now();
        }
        let acknowledged = counter.kill();
        let stored = load(&world.open(), &key("counter")).map(|body| number(&body));
        assert!(stored >= acknowledged, "{stored:?} after {acknowledged:?} in round {round}");
    }
}

#[test]
fn s1_a_process_that_is_killed_at_any_step_leaves_the_old_record_or_the_new() {
    let judge = |world: &World, spoiled: &Spoiled, before: u32| {
        let step = &spoiled.step;
        let acknowledged = spoiled.acknowledged().unwrap_or(before);
        let store = world.open();
        store.verify().unwrap_or_else(|error| panic!("{error} after {step}"));
        let stored = load(&store, &key("counter")).map_or(0, |body| number(&body));
        let expected = acknowledged..=acknowledged + 1;
        assert!(expected.contains(&stored), "{stored} after {acknowledged} at {step}");
    };
    let made = at_each_step(Spoil::Kill, World::new, |world, spoiled| judge(world, spoiled, 0));
    let used = at_each_step(Spoil::Kill, World::counted, |world, spoiled| judge(world, spoiled, 1));
    println!("killed at {made} steps of a new store, {used} of one that is there");
}

//! Kills of the program: the same command on the same state directory, again and again, killed at a
//! random moment or at a step of its work.

use std::{
    cell::Cell,
    process::{Command, Output},
    thread,
    time::Duration,
};

use crate::{
    kept::Backup,
    strace::{CALLS, may_trace, traced},
    world::{Outcome, World},
};

/// Who is killed: a command, on the state of a backup.
pub(crate) struct Victim<'a> {
    world: &'a World,
    backup: Backup,
    arguments: Vec<&'a str>,
    runs: Cell<u64>,
}

impl<'a> Victim<'a> {
    /// A command on the state as it is now. Each kill begins with it, and so with its budget.
    pub(crate) fn new(world: &'a World, arguments: Vec<&'a str>) -> Self {
        Self { world, backup: Backup::of(world), arguments, runs: Cell::default() }
    }

    /// Kills the command `rounds` times at moments spread over the time that it takes, and once in
    /// front of each call that changes a file. `judge` gets what it had said by then, finds the
    /// state as it was left, and tells whether the command had said that it was done. However it
    /// ends, it logs in once at most.
    pub(crate) fn kill(&self, rounds: u32, judge: impl Fn(&Outcome) -> bool) {
        let begun = self.world.sim.control().now();
        let logins = self.world.counters().cloud_logins;
        self.run(self.command()).code(0);
        let time = begun.duration_until(self.world.sim.control().now()).unsigned_abs();
        let mut done = self.kill_within(time, rounds, &judge);
        done.extend(self.kill_at_each_step(&judge));
        let (kills, said) = (done.len(), done.iter().filter(|said| **said).count());
        println!("{}: {kills} kills, {said} when it was done", self.arguments.join(" "));
        assert!(0 < said && said < kills, "kills are spread over all of it");
        let logins = self.world.counters().cloud_logins - logins;
        assert!(logins <= self.runs.get(), "{logins} logins in {} runs", self.runs.get());
    }

    /// Kills it at moments spread over `time`.
    pub(crate) fn kill_within(
        &self,
        time: Duration,
        rounds: u32,
        judge: impl Fn(&Outcome) -> bool,
    ) -> Vec<bool> {
        let kill = |round| {
            let outcome = self.watched(|| {
                let mut process = self.command().spawn().unwrap();
                thread::sleep(time * round / rounds);
                process.kill().unwrap();
                process.wait_with_output().unwrap()
            });
            judge(&outcome)
        };
        (0..rounds).map(kill).collect()
    }

    /// Kills it in front of the first, second, third ... call, as each of its threads counts them.
    fn kill_at_each_step(&self, judge: impl Fn(&Outcome) -> bool) -> Vec<bool> {
        let mut done = Vec::new();
        if !may_trace() {
            println!("skipped: no process may be traced here, or there is no strace");
            return done;
        }
        for call in CALLS {
            for number in 1.. {
                let spoil = format!("inject={call}:signal=KILL:when={number}");
                let outcome = self.run(traced(self.world, &self.arguments, call, &spoil).command);
                if outcome.code.is_some() {
                    break;
                }
                done.push(judge(&outcome));
            }
        }
        done
    }

    fn command(&self) -> Command {
        self.world.command(&self.arguments)
    }

    fn run(&self, mut command: Command) -> Outcome {
        self.watched(|| command.output().unwrap())
    }

    /// Runs it on the state of the backup.
    fn watched(&self, run: impl FnOnce() -> Output) -> Outcome {
        self.backup.restore(self.world);
        self.runs.set(self.runs.get() + 1);
        self.world.note(&self.arguments, run())
    }
}

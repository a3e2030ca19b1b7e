//! Kills of the program: the same command on the same state directory, again and again, killed at a
//! random moment or at a step of its work.

use std::{
    cell::Cell,
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::PathBuf,
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use crate::world::{Outcome, World, files};

/// A state directory as it was at one moment: a backup.
pub(crate) struct Backup(Vec<(String, Vec<u8>)>);

impl Backup {
    pub(crate) fn of(world: &World) -> Self {
        Self(files(&world.state()))
    }

    /// Puts the directory back as it was, and nothing else.
    pub(crate) fn restore(&self, world: &World) {
        let _ = fs::remove_dir_all(world.state());
        fs::DirBuilder::new().mode(0o700).create(world.state()).unwrap();
        for (path, bytes) in &self.0 {
            let mut create = fs::OpenOptions::new();
            create.create_new(true).write(true).mode(0o600);
            create.open(path).unwrap().write_all(bytes).unwrap();
        }
    }
}

/// Who is killed: a command, on the state of a backup.
pub(crate) struct Victim<'a> {
    world: &'a World,
    backup: Backup,
    arguments: Vec<&'a str>,
    runs: Cell<u64>,
}

impl<'a> Victim<'a> {
    /// A command on the state as it is now.
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

/// A command of which some calls are spoiled by strace.
pub(crate) struct Traced<'a> {
    pub(crate) command: Command,
    world: &'a World,
}

/// Spoils `call` of a command, where it names a file of the state directory or has it open.
pub(crate) fn traced<'a>(
    world: &'a World,
    arguments: &[&str],
    call: &str,
    spoil: &str,
) -> Traced<'a> {
    let (command, log) = (world.command(arguments), log(world));
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(log);
    strace.arg("-P").arg(world.state());
    for name in ["key", "hallpass.db", "hallpass.db-wal", "hallpass.db-shm"] {
        strace.arg("-P").arg(world.state().join(name));
    }
    strace.args(["-e", &format!("trace={call}"), "-e", spoil]);
    strace.arg(command.get_program()).args(command.get_args()).env_clear();
    strace.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace.env("PATH", "/usr/local/bin:/usr/bin:/bin");
    strace.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Traced { command: strace, world }
}

impl Traced<'_> {
    /// The calls that were made, and what became of them.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(log(self.world)).unwrap()
    }
}

fn log(world: &World) -> PathBuf {
    world.directory.path().join("strace.log")
}

pub(crate) fn may_trace() -> bool {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    traced.is_ok_and(|output| output.status.success())
}

/// The calls by which the standard library and SQLite change a file.
pub(crate) const CALLS: [&str; 5] = ["pwrite64", "fsync", "ftruncate", "unlink", "openat"];

//! Processes that are spoiled at one step of their work, a call to the system that changes a file:
//! one after the other, so that every step is met. `strace` does it.

use std::{
    fs,
    process::{Command, Output},
};

use crate::{
    job::{self, CALLS_BEFORE},
    world::World,
};

/// What happens in place of the call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spoil {
    /// The process is killed.
    Kill,
    /// The call fails with this error, once.
    Error(&'static str),
}

/// A process that was spoiled at one step.
pub(crate) struct Spoiled {
    /// The call, as `strace` writes it down.
    pub(crate) step: String,
    /// What the process told, line by line.
    pub(crate) told: Vec<String>,
}

impl Spoiled {
    /// The last number that the process acknowledged.
    pub(crate) fn acknowledged(&self) -> Option<u32> {
        self.told.iter().filter_map(|line| line.parse().ok()).next_back()
    }
}

/// Spoils the job "count in steps" at its first step, in the state directory of a world that
/// `prepare` makes anew; then at its second, and so on until it has no more. `judge` looks at what
/// is left. Returns how many steps there were; none where no process may be traced.
pub(crate) fn at_each_step(
    spoil: Spoil,
    prepare: impl Fn() -> World,
    judge: impl Fn(&World, &Spoiled),
) -> usize {
    if !may_trace() {
        println!("skipped: no process may be traced here, or there is no strace");
        return 0;
    }
    let mut steps = 0;
    for (call, before) in CALLS {
        for number in before + 1.. {
            let world = prepare();
            let Some(spoiled) = run(&world, spoil, call, number) else { break };
            judge(&world, &spoiled);
            steps += 1;
        }
    }
    steps
}

/// Spoils the `number`th `call` of a job; none where it does not come to that.
fn run(world: &World, spoil: Spoil, call: &str, number: usize) -> Option<Spoiled> {
    let log = world.root.path().join("strace.log");
    let effect = match spoil {
        Spoil::Kill => "signal=KILL".to_owned(),
        Spoil::Error(error) => format!("error={error}"),
    };
    let mut strace = Command::new("strace");
    // Its faster way, --seccomp-bpf, loses signals (strace 6.1).
    strace.args(["-f", "-qq", "-o"]).arg(&log);
    strace.args(["-e", &format!("trace={call}")]);
    strace.args(["-e", &format!("inject={call}:{effect}:when={number}")]);
    let Output { stderr, .. } = under(&mut strace, world).output().expect("strace");
    let told = String::from_utf8_lossy(&stderr).lines().map(str::to_owned).collect();
    let log = fs::read_to_string(&log).expect("a log");
    let mut lines = log.lines();
    let step = match spoil {
        Spoil::Kill => {
            lines.rfind(|line| log.contains("killed by SIGKILL") && !line.contains("+++"))
        }
        Spoil::Error(_) => lines.find(|line| line.contains("(INJECTED)")),
    };
    step.map(|step| Spoiled { step: step.to_owned(), told })
}

/// A call of the job, as it was made.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) text: String,
    /// The files and directories of the state directory that it names, and that one's parent.
    pub(crate) paths: Vec<String>,
}

/// Every call of the job "count in steps" that changes a file; none where no process may be traced.
pub(crate) fn trace(world: &World) -> Option<Vec<Call>> {
    if !may_trace() {
        println!("skipped: no process may be traced here, or there is no strace");
        return None;
    }
    let log = world.root.path().join("strace.log");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-y", "-o"]).arg(&log);
    let names = CALLS.map(|(name, _)| name).join(",");
    let strace = strace.args(["-e", &format!("trace={names}")]);
    let output = under(strace, world).output().expect("strace");
    assert!(output.status.success(), "{output:?}");
    let root = world.root.path().display().to_string();
    let text = fs::read_to_string(&log).expect("a log");
    Some(text.lines().filter_map(|line| Call::parse(line, &root)).collect())
}

impl Call {
    /// From a line such as `17    fsync(3</tmp/x/state/key>) = 0`; short numbers are padded.
    fn parse(line: &str, root: &str) -> Option<Self> {
        let text = line.split_once(char::is_whitespace)?.1.trim_start();
        let (name, _) = text.split_once('(')?;
        let places = text.match_indices(root).map(|(at, _)| &text[at..]);
        let paths = places.map(|rest| rest.split(['>', '"']).next().unwrap_or(rest).to_owned());
        Some(Self { name: name.to_owned(), text: text.to_owned(), paths: paths.collect() })
    }
}

/// The job "count in steps", traced.
fn under<'a>(strace: &'a mut Command, world: &World) -> &'a mut Command {
    let job = job::command("count in steps", &world.state);
    strace.arg(job.get_program()).args(job.get_args());
    strace.envs(job.get_envs().filter_map(|(name, value)| Some((name, value?))))
}

fn may_trace() -> bool {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    traced.is_ok_and(|output| output.status.success())
}

/// The calls by which the standard library and SQLite change a file, and how many of them come
/// before the job begins.
const CALLS: [(&str, usize); 11] = [
    ("mkdir", 0),
    ("openat", CALLS_BEFORE),
    ("write", CALLS_BEFORE),
    ("pwrite64", 0),
    ("fsync", 0),
    ("fdatasync", 0),
    ("ftruncate", 0),
    ("rename", 0),
    ("renameat2", 0),
    ("linkat", 0),
    ("unlink", 0),
];

//! Calls of the program to the system that fail, or in front of which it is killed.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::world::World;

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

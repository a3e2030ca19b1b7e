//! Every fuzz target for a while, from our seeds and the recordings of real gateways.

use std::{
    fs::{self, File},
    num::NonZero,
    panic::resume_unwind,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::{self, ScopedJoinHandle},
};

use anyhow::{Context, Error, Result, anyhow, bail};

use crate::{cargo, command, names, run, setup, tell};

/// Builds the targets and runs them. A finding is an error that says where the input is.
pub(crate) fn fuzz(root: &Path, arguments: impl Iterator<Item = String>) -> Result<()> {
    let wish = Wish::parse(arguments)?;
    let targets = match wish.target {
        Some(target) => vec![target],
        None => targets(root)?,
    };
    require_current_lock(root)?;
    let fuzzer = Fuzzer::new(root)?;
    run(&mut fuzzer.cargo_fuzz("build"))?;
    let findings = fuzzer.run_all(&targets, wish.seconds);
    for finding in &findings {
        tell(&format!("{finding:#}"));
    }
    if !findings.is_empty() {
        bail!("{} of {} targets failed", findings.len(), targets.len());
    }
    Ok(())
}

/// What was typed: `[--seconds N] [TARGET]`.
struct Wish {
    /// For all targets together, by the clock on the wall.
    seconds: usize,
    /// One target, or all.
    target: Option<String>,
}

impl Wish {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut wish = Self { seconds: 60, target: None };
        while let Some(argument) = arguments.next() {
            if argument == "--seconds" {
                let seconds = arguments.next().and_then(|seconds| seconds.parse().ok());
                wish.seconds = seconds.context("--seconds wants a number")?;
            } else {
                wish.target = Some(argument);
            }
        }
        Ok(wish)
    }
}

/// Each file in `fuzz/src/bin` is a target.
fn targets(root: &Path) -> Result<Vec<String>> {
    let files = names(&root.join("fuzz/src/bin"))?;
    Ok(files.iter().filter_map(|file| file.strip_suffix(".rs")).map(ToOwned::to_owned).collect())
}

/// cargo-fuzz would update the lock file without a word.
fn require_current_lock(root: &Path) -> Result<()> {
    let mut tree = cargo(root);
    tree.args(["tree", "--locked", "--depth", "0", "--manifest-path", "fuzz/Cargo.toml"]);
    run(tree.stdout(Stdio::null()))
        .context("run `cargo update --workspace --manifest-path fuzz/Cargo.toml`")
}

/// The program `cargo fuzz`, and what it starts from.
struct Fuzzer<'a> {
    root: &'a Path,
    program: PathBuf,
    /// Inputs to start from. All are tried on every target, since one endpoint may answer like
    /// another.
    seeds: Vec<PathBuf>,
}

impl<'a> Fuzzer<'a> {
    fn new(root: &'a Path) -> Result<Self> {
        let mut seeds = vec![root.join("fuzz/seeds")];
        let recordings = root.join("../shared/gateways");
        if recordings.is_dir() {
            seeds.push(recordings);
        } else {
            tell("no recordings at ../shared/gateways: starting from our own seeds alone");
        }
        Ok(Self { root, program: setup::cargo_fuzz(root)?, seeds })
    }

    /// No sanitizer: our crates forbid unsafe code, so what is looked for are panics, overflows,
    /// time and memory. This also spares the nightly toolchain.
    fn cargo_fuzz(&self, subcommand: &str) -> Command {
        let mut command = command(&self.program, self.root);
        command.args(["fuzz", subcommand, "--sanitizer", "none"]);
        command.args(["--fuzz-dir", "fuzz", "--target-dir", "target/fuzz"]);
        command
    }

    /// Each core takes its share of the targets, and each target its share of the time.
    fn run_all(&self, targets: &[String], seconds: usize) -> Vec<Error> {
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let share = targets.len().div_ceil(workers);
        let seconds = (seconds / share).max(1);
        thread::scope(|scope| {
            let shares = targets.chunks(share);
            let workers: Vec<_> =
                shares.map(|share| scope.spawn(move || self.run_each(share, seconds))).collect();
            let ends = workers.into_iter().map(ScopedJoinHandle::join);
            ends.flat_map(|end| end.unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    }

    fn run_each(&self, targets: &[String], seconds: usize) -> Vec<Error> {
        targets.iter().filter_map(|target| self.run(target, seconds).err()).collect()
    }

    fn run(&self, target: &str, seconds: usize) -> Result<()> {
        let corpus = self.root.join("fuzz/corpus").join(target);
        fs::create_dir_all(&corpus).with_context(|| corpus.display().to_string())?;
        let log = self.root.join("target/fuzz").join(target).with_extension("log");
        let mut fuzzing = self.cargo_fuzz("run");
        fuzzing.arg(target).arg(corpus).args(&self.seeds).arg("--").args(LIMITS);
        fuzzing.arg(format!("-max_total_time={seconds}"));
        // The log ends with how to run a finding again, which is where to look at its stack.
        fuzzing.env("RUST_BACKTRACE", "0").stderr(File::create(&log)?);
        let done = run(&mut fuzzing);
        let log = fs::read_to_string(&log).context("what the fuzzer says")?;
        if done.is_err() {
            return Err(anyhow!("{target}:\n{}", ending(&log)));
        }
        let executions = log.lines().find_map(|line| line.strip_prefix(EXECUTIONS));
        tell(&format!("{target}: {} executions", executions.unwrap_or("no").trim()));
        Ok(())
    }
}

/// The panic, the input and how to run it again stand in the last lines.
fn ending(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// The largest body of the recordings has 48 KiB. An input takes a millisecond, so seconds are a
/// finding.
const LIMITS: [&str; 4] =
    ["-max_len=65536", "-timeout=10", "-rss_limit_mb=512", "-print_final_stats=1"];

const EXECUTIONS: &str = "stat::number_of_executed_units:";

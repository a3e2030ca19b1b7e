//! Documents that are made from the code. Tests compare them.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{cargo, tell};

/// Each document and what prints it.
const DOCUMENTS: [(&str, &[&str]); 3] = [
    ("docs/config.schema.json", &["-p", "hallpass", "--", "config-schema"]),
    ("docs/endpoints.md", &["-p", "hallpass-enphase", "--example", "endpoints"]),
    ("docs/faults.md", &["-p", "hallpass-sim", "--example", "faults"]),
];

/// Makes them anew.
pub(crate) fn generate(root: &Path) -> Result<()> {
    for (document, program) in DOCUMENTS {
        let output = cargo(root).args(["run", "--quiet", "--locked"]).args(program).output();
        let output = output.context("starting cargo")?;
        if !output.status.success() {
            bail!("{document}: {}", String::from_utf8_lossy(&output.stderr));
        }
        fs::write(root.join(document), output.stdout).context(document)?;
        tell(document);
    }
    Ok(())
}

//! More random days than the tests play each time.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{cargo, run};

/// Plays the days of so many seeds; those that fail are printed as scenarios.
pub(crate) fn play(root: &Path, arguments: impl Iterator<Item = String>) -> Result<()> {
    let Wanted { seeds, from } = Wanted::parse(arguments)?;
    let asked = root.join("target/schedules");
    fs::write(&asked, format!("{from} {seeds}"))?;
    let mut cargo = cargo(root);
    cargo.args(["test", "--locked", "-p", "hallpass", "--bin", "hallpass", "--", DAYS]);
    let played = run(&mut cargo);
    fs::remove_file(&asked)?;
    played
}

/// The test that plays them.
const DAYS: &str = "schedules::on_random_days";

/// Which days to play.
struct Wanted {
    seeds: u64,
    from: u64,
}

impl Wanted {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut wanted = Self { seeds: 1_000, from: 1 };
        while let Some(name) = arguments.next() {
            let mut number = || arguments.next()?.parse().ok();
            let place = match name.as_str() {
                "--seeds" => &mut wanted.seeds,
                "--from" => &mut wanted.from,
                _ => bail!("schedules takes --seeds and --from, not {name}"),
            };
            *place = number().with_context(|| format!("{name} wants a number"))?;
        }
        Ok(wanted)
    }
}

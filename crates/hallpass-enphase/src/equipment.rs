//! What a gateway was known to be and to have, and what its updates changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use hallpass_credential::{
    Result,
    store::{Record, Records, Space},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Firmware, Info, reading::Family};

/// What a firmware update changed, as far as a survey of the gateway shows.
///
/// An endpoint or a feature that did not answer at the first survey after the update counts neither
/// as appeared nor as disappeared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Update {
    /// When it was noticed.
    pub at: Timestamp,
    /// What the gateway was before.
    pub from: Build,
    /// What it has been since.
    pub to: Build,
    /// Features by their name, and endpoints by their path, that it has since.
    pub appeared: BTreeSet<String>,
    /// Those that it had before.
    pub disappeared: BTreeSet<String>,
}

/// What a gateway runs, and on what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Build {
    /// See [`Info::firmware`].
    pub firmware: Firmware,
    /// See [`Info::part_number`].
    #[serde(default)]
    pub part_number: Option<String>,
}

/// The features and endpoints of a gateway, of each family that is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contents(BTreeMap<Family, BTreeSet<String>>);

/// A gateway as it was known last. It outlives the plan, which a login or a day makes void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Equipment {
    build: Build,
    contents: Contents,
    pub(crate) last_update: Option<Update>,
}

/// What the last update of the gateway changed, where one was noticed since it is known.
///
/// # Errors
/// [`ErrorKind::Store`](crate::ErrorKind::Store).
pub async fn last_update(records: &Records, serial_number: &str) -> Result<Option<Update>> {
    let known: Option<Equipment> = records.load(&Equipment::name(serial_number)).await?;
    Ok(known.and_then(|known| known.last_update))
}

impl Equipment {
    /// Where the store keeps it.
    pub(crate) fn name(serial_number: &str) -> String {
        format!("equipment/{serial_number}")
    }

    /// Whether a survey that found this brings nothing new.
    pub(crate) fn is(&self, build: &Build, contents: &Contents) -> bool {
        self.build == *build && self.contents.know_all_of(contents)
    }

    /// What is known after a survey at `now`. What it did not find out stays as it was.
    pub(crate) fn after(
        known: Option<Self>,
        build: Build,
        contents: Contents,
        now: Timestamp,
    ) -> Self {
        let Some(Self { build: from, contents: before, last_update }) = known else {
            return Self { build, contents, last_update: None };
        };
        let last_update = if from == build {
            last_update
        } else {
            let (appeared, disappeared) = (contents.beyond(&before), before.beyond(&contents));
            Some(Update { at: now, from, to: build.clone(), appeared, disappeared })
        };
        Self { build, contents: before.and(contents), last_update }
    }
}

impl Record for Equipment {
    const SPACE: Space = Space::Plan;
    const SCHEMA: u32 = 1;
}

impl Contents {
    /// Takes in what belongs to a family.
    pub(crate) fn add(
        &mut self,
        family: Family,
        features: impl IntoIterator<Item = impl fmt::Display>,
        endpoints: impl IntoIterator<Item = impl fmt::Display>,
    ) {
        let names = self.0.entry(family).or_default();
        names.extend(features.into_iter().map(|feature| feature.to_string()));
        names.extend(endpoints.into_iter().map(|endpoint| endpoint.to_string()));
    }

    /// What is here and not in `other`, of the families that both know.
    fn beyond(&self, other: &Self) -> BTreeSet<String> {
        let shared = self.0.iter().filter(|(family, _)| other.0.contains_key(family));
        let is_there = |name: &&String| other.0.values().any(|names| names.contains(*name));
        shared.flat_map(|(_, names)| names).filter(|name| !is_there(name)).cloned().collect()
    }

    fn know_all_of(&self, other: &Self) -> bool {
        other.0.iter().all(|(family, names)| self.0.get(family) == Some(names))
    }

    /// The same with what `newer` knows better.
    fn and(mut self, newer: Self) -> Self {
        self.0.extend(newer.0);
        self
    }
}

impl From<&Info> for Build {
    fn from(info: &Info) -> Self {
        Self { firmware: info.firmware.clone(), part_number: info.part_number.clone() }
    }
}

/// As one clause.
impl fmt::Display for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, appeared, disappeared, .. } = self;
        write!(f, "firmware {} -> {}", from.firmware, to.firmware)?;
        if let (Some(from), Some(to)) = (&from.part_number, &to.part_number)
            && from != to
        {
            write!(f, "; part number {from} -> {to}")?;
        }
        for (what, names) in [("appeared", appeared), ("disappeared", disappeared)] {
            if !names.is_empty() {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                write!(f, "; {what}: {}", names.join(", "))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

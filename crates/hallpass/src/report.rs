//! What `read` says: the document of `read --json`, one field of it, or a table for people.

mod line;
mod table;

use std::collections::BTreeSet;

use hallpass_enphase::{
    Firmware, Role, Snapshot,
    reading::{Complaint, Feature, Readings, Stale},
};
use hallpass_store::{Device, Kind};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

pub(crate) use line::line;
pub(crate) use table::{summary, table};

/// The document of `read --json`. Its names are a contract.
#[derive(Debug, Serialize)]
pub(crate) struct Report<'a> {
    device: Identity<'a>,
    /// That of the token; none for a digest user.
    role: Option<&'a Role>,
    taken_at: Timestamp,
    supported_features: &'a BTreeSet<Feature>,
    phase_count: u8,
    phase_mode: Option<&'a str>,
    ct_meter_list: &'a [String],
    readings: &'a Readings,
    complaints: &'a [Complaint],
    stale: &'a [Stale],
}

#[derive(Debug, Serialize)]
struct Identity<'a> {
    name: &'a str,
    kind: Kind,
    serial_number: &'a str,
    part_number: Option<&'a str>,
    firmware: &'a Firmware,
    is_metered: bool,
}

impl<'a> Report<'a> {
    /// What could not be read, if anything; in words.
    pub(crate) fn first_complaint(&self) -> Option<String> {
        let complaint = self.complaints.first()?;
        Some(format!("{}: {}", complaint.endpoint, complaint.problem))
    }

    pub(crate) fn new(device: &'a Device, role: Option<&'a Role>, snapshot: &'a Snapshot) -> Self {
        let identity = &snapshot.device;
        Self {
            device: Identity {
                name: device.name().as_str(),
                kind: device.kind,
                serial_number: &identity.serial_number,
                part_number: identity.part_number.as_deref(),
                firmware: &identity.firmware,
                is_metered: identity.is_metered,
            },
            role,
            taken_at: snapshot.taken_at,
            supported_features: &snapshot.supported_features,
            phase_count: snapshot.phase_count,
            phase_mode: snapshot.phase_mode.as_deref(),
            ct_meter_list: &snapshot.ct_meter_list,
            readings: &snapshot.readings,
            complaints: &snapshot.complaints,
            stale: &snapshot.stale,
        }
    }

    /// The value at a dotted path into the readings, or else into the whole document. None where
    /// it is missing or null.
    pub(crate) fn field(&self, path: &str) -> Option<Value> {
        let document = serde_json::to_value(self).ok()?;
        let value = walk(document.get("readings")?, path).or_else(|| walk(&document, path));
        value.filter(|value| !value.is_null()).cloned()
    }

    /// The known field that was probably meant by one that is missing: for a hint.
    pub(crate) fn nearest_field(&self, path: &str) -> Option<String> {
        let document = serde_json::to_value(self).ok()?;
        let mut known = Vec::new();
        paths(document.get("readings")?, "", &mut known);
        let distance = |known: &String| strsim::damerau_levenshtein(path, known);
        known.into_iter().min_by_key(distance).filter(|known| distance(known) * 3 <= path.len())
    }
}

/// A value as scripts like it: text without quotes, all else as JSON.
pub(crate) fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn walk<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// The paths of all values that are there.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (name, member) in members {
                let dot = if path.is_empty() { "" } else { "." };
                paths(member, &format!("{path}{dot}{name}"), found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

#[cfg(test)]
mod tests;

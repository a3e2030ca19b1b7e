//! Whether two polls tell something different.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Complaint, Problem, Readings, Snapshot, Stale};
use crate::Endpoint;

impl Snapshot {
    /// Whether a person who knows `earlier` learns something from this one.
    ///
    /// Readings, complaints and the set of stale endpoints count. Not the times at which something
    /// was read, measured or reported; nor the words of a complaint whose problem is told in free
    /// text, such as the place where JSON breaks off.
    #[must_use]
    pub fn differs_from(&self, earlier: &Self) -> bool {
        differ(&self.readings, &earlier.readings)
            || gists(&self.complaints) != gists(&earlier.complaints)
            || endpoints(&self.stale) != endpoints(&earlier.stale)
    }
}

/// Compares the form in which readings are printed: whatever becomes a reading is in it.
fn differ(readings: &Readings, earlier: &Readings) -> bool {
    match (timeless(readings), timeless(earlier)) {
        (Some(readings), Some(earlier)) => readings != earlier,
        _ => true,
    }
}

fn timeless(readings: &Readings) -> Option<Value> {
    let mut value = serde_json::to_value(readings).ok()?;
    strip_times(&mut value);
    Some(value)
}

fn strip_times(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !TIMES.contains(&name.as_str()));
            members.values_mut().for_each(strip_times);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_times),
        _ => {}
    }
}

fn gists(complaints: &[Complaint]) -> BTreeSet<(Endpoint, String)> {
    let gist = |problem: &Problem| match problem {
        Problem::Unanswered(_) => "is unanswered".to_owned(),
        Problem::Malformed(_) => "is malformed".to_owned(),
        other => other.to_string(),
    };
    complaints.iter().map(|complaint| (complaint.endpoint, gist(&complaint.problem))).collect()
}

fn endpoints(stale: &[Stale]) -> BTreeSet<Endpoint> {
    stale.iter().map(|stale| stale.endpoint).collect()
}

/// The readings that say when something was measured or reported. They advance by themselves.
const TIMES: [&str; 2] = ["timestamp", "last_report_date"];

#[cfg(test)]
mod tests;

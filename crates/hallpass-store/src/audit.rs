//! What was done with the devices, for a person to look back on.

use hallpass_credential::store::{StoreError, StoreErrorKind};
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use crate::sqlite::{Durability, SqliteStore, begin, fault};

/// How many events are kept: years of logins, in about a megabyte.
const KEPT_EVENTS: i64 = 10_000;

/// One line of the audit. It is stored in the clear: no part of it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// The serial number of the device, where it was about one.
    pub device: Option<String>,
    /// What happened, one word: `login`, `pinned`, ...
    pub event: String,
    /// The circumstances, for a person.
    pub detail: String,
}

impl SqliteStore {
    /// Appends an event to the audit; the oldest make room. It survives a power cut.
    ///
    /// # Errors
    /// As [`Store::update`](hallpass_credential::store::Store::update).
    pub fn append_event(&self, event: &Event) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = begin(&mut connection, Durability::Full)?;
        insert(&transaction, event)?;
        transaction.commit().map_err(fault)
    }

    /// The last `count` events of the audit, the oldest of them first.
    ///
    /// # Errors
    /// As [`Store::load`](hallpass_credential::store::Store::load).
    pub fn last_events(&self, count: u32) -> Result<Vec<Event>, StoreError> {
        last(&self.connection(), count)
    }

    /// Every event that is kept, the oldest first.
    pub(crate) fn events(&self) -> Result<Vec<Event>, StoreError> {
        self.last_events(u32::MAX)
    }
}

/// Puts events among those that are kept, by their time; one that is kept already stays one.
pub(crate) fn merge(connection: &Connection, events: &[Event]) -> Result<(), StoreError> {
    let mut all = last(connection, u32::MAX)?;
    for event in events {
        if !all.contains(event) {
            all.push(event.clone());
        }
    }
    all.sort_by_key(|event| event.at);
    connection.execute("DELETE FROM audit", []).map_err(fault)?;
    all.iter().try_for_each(|event| insert(connection, event))
}

fn insert(connection: &Connection, event: &Event) -> Result<(), StoreError> {
    connection
        .execute(
            "INSERT INTO audit (at, device, event, detail) VALUES (?1, ?2, ?3, ?4)",
            (event.at.to_string(), &event.device, &event.event, &event.detail),
        )
        .map_err(fault)?;
    let oldest = connection.last_insert_rowid() - KEPT_EVENTS;
    connection.execute("DELETE FROM audit WHERE id <= ?1", [oldest]).map(|_| ()).map_err(fault)
}

fn last(connection: &Connection, count: u32) -> Result<Vec<Event>, StoreError> {
    let mut select = connection
        .prepare("SELECT at, device, event, detail FROM audit ORDER BY id DESC LIMIT ?1")
        .map_err(fault)?;
    let mut rows = select.query([count]).map_err(fault)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        events.push(event(row)?);
    }
    events.reverse();
    Ok(events)
}

fn event(row: &Row<'_>) -> Result<Event, StoreError> {
    let at: String = row.get(0).map_err(fault)?;
    let at = at.parse::<Timestamp>().map_err(|source| {
        StoreError::new(StoreErrorKind::Corrupt, "an event of the audit has no time")
            .with_source(source)
    })?;
    Ok(Event {
        at,
        device: row.get(1).map_err(fault)?,
        event: row.get(2).map_err(fault)?,
        detail: row.get(3).map_err(fault)?,
    })
}

#[cfg(test)]
mod tests;

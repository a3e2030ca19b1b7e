//! The opened store.

use std::{path::Path, sync::Arc};

use anyhow::Result;
use hallpass_credential::store::{Records, StoreError, StoreErrorKind};
use hallpass_store::{Directory, Event, KeySource, SqliteStore};
use jiff::Timestamp;
use tokio::task;

use crate::output::Output;

/// What survives: devices, credentials, budgets, the audit.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) records: Records,
    pub(crate) devices: Directory,
    store: Arc<SqliteStore>,
}

impl State {
    /// Opens the store in `directory`, and tells what is worth knowing about its files.
    pub(crate) fn open(directory: &Path, key: &KeySource, output: &Output) -> Result<Self> {
        let store = Arc::new(SqliteStore::open(directory, key)?);
        for warning in store.warnings() {
            output.warning(warning);
        }
        let records = Records::new(store.clone());
        Ok(Self { devices: Directory::new(records.clone()), records, store })
    }

    /// Where the key is that seals it.
    pub(crate) fn key_source(&self) -> KeySource {
        self.store.key_source()
    }

    /// The directory that it is kept in.
    pub(crate) fn path(&self) -> &Path {
        self.store.path()
    }

    /// Writes down for a person what was done with a device.
    pub(crate) async fn audit(
        &self,
        at: Timestamp,
        serial_number: &str,
        event: &str,
        detail: impl Into<String>,
    ) -> Result<()> {
        let (device, event) = (Some(serial_number.to_owned()), event.to_owned());
        let event = Event { at, device, event, detail: detail.into() };
        Ok(self.with_store(move |store| store.append_event(&event)).await?)
    }

    /// Does what takes the whole store, on a thread that may wait.
    pub(crate) async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&SqliteStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = Arc::clone(&self.store);
        let done = task::spawn_blocking(move || work(&store)).await;
        done.map_err(|_| StoreError::new(StoreErrorKind::Failed, "the store stopped"))?
    }
}

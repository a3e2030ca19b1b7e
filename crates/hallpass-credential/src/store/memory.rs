//! A store that ends with the process.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use zeroize::Zeroizing;

use super::{Change, Key, Space, Store, StoreError};

/// Keeps records in memory: for programs that keep nothing, and for tests.
#[derive(Debug, Default)]
pub struct MemoryStore {
    records: Mutex<BTreeMap<Key, Zeroizing<Vec<u8>>>>,
}

impl MemoryStore {
    /// A panic in another thread's `change` leaves the map whole: it is replaced after `change`.
    fn records(&self) -> MutexGuard<'_, BTreeMap<Key, Zeroizing<Vec<u8>>>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn load(&self, key: &Key) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        Ok(self.records().get(key).cloned())
    }

    fn update(
        &self,
        key: &Key,
        change: &mut dyn FnMut(Option<&[u8]>) -> Change,
    ) -> Result<(), StoreError> {
        let mut records = self.records();
        match change(records.get(key).map(|bytes| bytes.as_slice())) {
            Change::Keep => {}
            Change::Put(bytes) => {
                records.insert(key.clone(), bytes);
            }
            Change::Remove => {
                records.remove(key);
            }
        }
        Ok(())
    }

    fn names(&self, space: Space) -> Result<Vec<String>, StoreError> {
        let records = self.records();
        Ok(records.keys().filter(|key| key.space == space).map(|key| key.name.clone()).collect())
    }

    fn may_block(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;

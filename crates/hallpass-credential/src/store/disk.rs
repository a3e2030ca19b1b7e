//! A disk in memory that can be full, for tests.

use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroizing;

use super::{Change, Key, MemoryStore, Space, Store, StoreError, StoreErrorKind};

/// A store of which the records survive as long as it does, whoever opens it anew.
#[derive(Debug, Default)]
pub struct Disk {
    records: MemoryStore,
    is_full: AtomicBool,
}

impl Disk {
    /// Takes no more from now on; what is there can be read and removed.
    pub fn fill(&self) {
        self.is_full.store(true, Ordering::Relaxed);
    }

    /// Takes more again.
    pub fn make_room(&self) {
        self.is_full.store(false, Ordering::Relaxed);
    }
}

impl Store for Disk {
    fn load(&self, key: &Key) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.records.load(key)
    }

    fn update(
        &self,
        key: &Key,
        change: &mut dyn FnMut(Option<&[u8]>) -> Change,
    ) -> Result<(), StoreError> {
        let is_full = self.is_full.load(Ordering::Relaxed);
        let mut refused = false;
        self.records.update(key, &mut |old| match change(old) {
            Change::Put(_) if is_full => {
                refused = true;
                Change::Keep
            }
            changed => changed,
        })?;
        match refused {
            true => Err(StoreError::new(StoreErrorKind::NotWritable, "no space left on device")),
            false => Ok(()),
        }
    }

    fn names(&self, space: Space) -> Result<Vec<String>, StoreError> {
        self.records.names(space)
    }

    fn may_block(&self) -> bool {
        false
    }
}

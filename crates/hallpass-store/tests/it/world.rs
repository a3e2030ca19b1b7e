//! A state directory of its own for each test, and the few things that all of them do with it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use hallpass_credential::store::{Change, Key, Space, Store, StoreError};
use hallpass_store::{KeySource, SqliteStore};
use tempfile::TempDir;
use zeroize::Zeroizing;

/// A directory that ends with the test; the state directory in it is not there yet.
pub(crate) struct World {
    pub(crate) root: TempDir,
    pub(crate) state: PathBuf,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let state = root.path().join("state");
        Self { root, state }
    }

    /// A state directory with a record in it, that nobody has open.
    pub(crate) fn used() -> Self {
        let world = Self::new();
        put(&world.open(), &key("one"), b"before").expect("a put");
        world
    }

    /// A state directory with a counter at 1 in it, that nobody has open.
    pub(crate) fn counted() -> Self {
        let world = Self::new();
        count(&world.open(), &key("counter"));
        world
    }

    pub(crate) fn open(&self) -> SqliteStore {
        try_open(&self.state).expect("a store")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.state.join(name)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.file("hallpass.db")
    }

    /// Every file of the state directory with what it holds, by name.
    pub(crate) fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(&self.state).expect("the state directory");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let mut files: Vec<_> =
            paths.map(|path| (path.clone(), fs::read(path).unwrap_or_default())).collect();
        files.sort();
        files
    }
}

/// Waits for nobody: what is busy is busy in a test.
pub(crate) fn try_open(state: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open_within(state, &KeySource::Generated, Duration::from_millis(1))
}

pub(crate) fn key(name: &str) -> Key {
    Key::new(Space::Credential, name)
}

pub(crate) fn put(store: &SqliteStore, key: &Key, body: &[u8]) -> Result<(), StoreError> {
    store.update(key, &mut |_| Change::Put(Zeroizing::new(body.to_vec())))
}

pub(crate) fn load(store: &SqliteStore, key: &Key) -> Option<Vec<u8>> {
    store.load(key).expect("a load").map(|body| body.to_vec())
}

/// Adds one to the number under `key`, and returns it.
pub(crate) fn count(store: &SqliteStore, key: &Key) -> u32 {
    try_count(store, key).expect("an update")
}

pub(crate) fn try_count(store: &SqliteStore, key: &Key) -> Result<u32, StoreError> {
    let mut counted = 0;
    let add = &mut |old: Option<&[u8]>| {
        counted = old.map_or(0, number) + 1;
        Change::Put(Zeroizing::new(counted.to_be_bytes().to_vec()))
    };
    store.update(key, add)?;
    Ok(counted)
}

pub(crate) fn number(body: &[u8]) -> u32 {
    u32::from_be_bytes(body.try_into().expect("four bytes"))
}

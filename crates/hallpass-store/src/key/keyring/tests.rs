use std::{fs, path::PathBuf, sync::Once};

use hallpass_credential::store::{Change, Key, Space, Store};
use keyring_core::mock;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::SqliteStore;

/// A state directory, and a keyring that ends with the tests: no other one is asked.
fn directory() -> (TempDir, PathBuf) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        keyring_core::set_default_store(mock::Store::new().expect("a keyring"));
    });
    let root = tempfile::tempdir().expect("a directory");
    let state = root.path().join("state");
    (root, state)
}

fn key() -> Key {
    Key::new(Space::Credential, "one")
}

fn put(store: &SqliteStore) {
    let body = &mut |_: Option<&[u8]>| Change::Put(Zeroizing::new(b"body".to_vec()));
    store.update(&key(), body).expect("a put");
}

fn opens_from(state: &Path, source: &KeySource) {
    let store = SqliteStore::open(state, &KeySource::Keyring).expect("a store");
    assert!(store.load(&key()).expect("a load").is_some());
    assert_eq!(store.key_source(), *source);
}

#[test]
fn a_new_state_has_its_key_in_the_keyring() {
    let (_root, state) = directory();
    put(&SqliteStore::open(&state, &KeySource::Keyring).expect("a store"));
    assert!(!state.join(FILE_NAME).exists());
    opens_from(&state, &KeySource::Keyring);
    let without = SqliteStore::open(&state, &KeySource::Generated).expect_err("no key");
    assert_eq!(without.kind(), StoreErrorKind::NoKey);
}

#[test]
fn a_generated_key_stays_in_use_until_the_state_is_re_keyed() {
    let (_root, state) = directory();
    put(&SqliteStore::open(&state, &KeySource::Generated).expect("a store"));
    opens_from(&state, &KeySource::Generated);
    let store = SqliteStore::open(&state, &KeySource::Keyring).expect("a store");
    store.rekey(&KeySource::Keyring).expect("another key");
    assert!(!state.join(FILE_NAME).exists());
    opens_from(&state, &KeySource::Keyring);
    store.rekey(&KeySource::Keyring).expect("another key");
    opens_from(&state, &KeySource::Keyring);
    assert_eq!(kept(&state).expect("a keyring").len(), 1, "the old ones are gone");
    store.rekey(&KeySource::Generated).expect("another key");
    opens_from(&state, &KeySource::Generated);
    assert!(kept(&state).expect("a keyring").is_empty());
}

#[test]
fn a_stale_file_beside_a_key_of_the_keyring_is_in_nobodys_way() {
    let (_root, state) = directory();
    put(&SqliteStore::open(&state, &KeySource::Keyring).expect("a store"));
    fs::write(state.join(FILE_NAME), "00".repeat(32)).expect("a file");
    opens_from(&state, &KeySource::Keyring);
}

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::KeySource;

const PASSPHRASE: &str = "correct horse battery";

fn store() -> (TempDir, SqliteStore) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path(), &KeySource::Generated).unwrap();
    (directory, store)
}

fn put(store: &SqliteStore, space: Space, name: &str, body: &str) {
    let body = Zeroizing::new(body.as_bytes().to_vec());
    store.update(&Key::new(space, name), &mut |_| Change::Put(body.clone())).unwrap();
}

fn get(store: &SqliteStore, space: Space, name: &str) -> Option<String> {
    let body = store.load(&Key::new(space, name)).unwrap();
    body.map(|body| String::from_utf8(body.to_vec()).unwrap())
}

fn event(second: i64, event: &str) -> Event {
    let at = Timestamp::from_second(second).unwrap();
    Event { at, device: None, event: event.to_owned(), detail: String::new() }
}

fn used() -> (TempDir, SqliteStore) {
    let (directory, store) = store();
    put(&store, Space::Device, "1", "roof");
    put(&store, Space::Credential, "token/1", "CANARY");
    put(&store, Space::History, "account/me", "old");
    put(&store, Space::Lease, "gateway/1", "mine");
    store.append_event(&event(10, "login")).unwrap();
    (directory, store)
}

#[test]
fn what_is_exported_arrives_in_an_unused_store() {
    let (_one, from) = used();
    let sealed = Bundle::of(&from).unwrap().seal(PASSPHRASE).unwrap();
    assert!(!sealed.windows(6).any(|window| window == b"CANARY"));
    let (_other, to) = store();
    assert!(to.is_unused().unwrap());
    to.take_over(&Bundle::open(&sealed, PASSPHRASE).unwrap()).unwrap();
    assert!(!to.is_unused().unwrap());
    assert_eq!(get(&to, Space::Device, "1").as_deref(), Some("roof"));
    assert_eq!(get(&to, Space::Credential, "token/1").as_deref(), Some("CANARY"));
    assert_eq!(get(&to, Space::History, "account/me").as_deref(), Some("old"));
    assert_eq!(get(&to, Space::Lease, "gateway/1"), None, "turns are not carried");
    assert_eq!(to.last_events(10).unwrap(), [event(10, "login")]);
}

#[test]
fn what_is_there_gives_way_but_for_logins_and_the_audit() {
    let (_one, from) = used();
    let bundle = Bundle::of(&from).unwrap();
    let (_other, to) = store();
    put(&to, Space::Device, "2", "barn");
    put(&to, Space::Credential, "token/1", "newer");
    put(&to, Space::History, "account/me", "stricter");
    to.append_event(&event(5, "enrolled")).unwrap();
    to.append_event(&event(20, "logout")).unwrap();
    for _ in 0..2 {
        to.take_over(&bundle).unwrap();
        assert_eq!(get(&to, Space::Device, "2"), None);
        assert_eq!(get(&to, Space::Credential, "token/1").as_deref(), Some("CANARY"));
        assert_eq!(get(&to, Space::History, "account/me").as_deref(), Some("stricter"));
        let events = [event(5, "enrolled"), event(10, "login"), event(20, "logout")];
        assert_eq!(to.last_events(10).unwrap(), events);
    }
}

#[test]
fn what_does_not_open_is_told_apart() {
    let (_directory, store) = used();
    let sealed = Bundle::of(&store).unwrap().seal(PASSPHRASE).unwrap();
    let check = |bytes: &[u8], passphrase: &str, expected| {
        assert_eq!(Bundle::open(bytes, passphrase).err(), Some(expected));
    };
    check(&sealed, "another passphrase", BundleError::Passphrase);
    check(&sealed[..sealed.len() - 1], PASSPHRASE, BundleError::Damaged);
    check(&sealed[..40], PASSPHRASE, BundleError::Damaged);
    let mut changed = sealed.clone();
    *changed.last_mut().unwrap() ^= 1;
    check(&changed, PASSPHRASE, BundleError::Damaged);
    check(b"hallpass state 2\nwhatever", PASSPHRASE, BundleError::Newer);
    check(b"a letter", PASSPHRASE, BundleError::Foreign);
    check(b"", PASSPHRASE, BundleError::Foreign);
}

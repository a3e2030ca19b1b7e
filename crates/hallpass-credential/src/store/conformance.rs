//! What every [`Store`] must do, as checks that its tests run.

use std::{sync::Arc, thread};

use zeroize::Zeroizing;

use super::{Change, Key, Space, Store};

/// Runs every check against stores that `open` makes; each call opens the same, empty store anew.
///
/// # Panics
/// With the name of the promise that was broken.
pub fn check<S: Store>(open: impl Fn() -> S) {
    let store = Arc::new(open());
    an_update_is_read_back(&*store);
    a_change_sees_the_record_it_replaces(&*store);
    names_are_those_of_one_space(&*store);
    updates_of_many_threads_are_all_kept(&store);
}

fn put(store: &dyn Store, key: &Key, bytes: &[u8]) {
    let put = &mut |_: Option<&[u8]>| Change::Put(Zeroizing::new(bytes.to_vec()));
    store.update(key, put).expect("an update of a writable store");
}

fn load(store: &dyn Store, key: &Key) -> Option<Vec<u8>> {
    store.load(key).expect("a readable store").map(|bytes| bytes.to_vec())
}

fn an_update_is_read_back(store: &dyn Store) {
    let key = Key::new(Space::Device, "odd name: %'\"\u{e9}\n");
    assert_eq!(load(store, &key), None, "an empty store has no record");
    put(store, &key, b"one\0two");
    assert_eq!(load(store, &key).as_deref(), Some(&b"one\0two"[..]), "what was put is loaded");
    store.update(&key, &mut |_| Change::Keep).expect("a kept record");
    assert_eq!(load(store, &key).as_deref(), Some(&b"one\0two"[..]), "a kept record stays");
    store.update(&key, &mut |_| Change::Remove).expect("a removed record");
    assert_eq!(load(store, &key), None, "a removed record is gone");
}

fn a_change_sees_the_record_it_replaces(store: &dyn Store) {
    let key = Key::new(Space::History, "account");
    put(store, &key, b"first");
    let mut seen = None;
    store
        .update(&key, &mut |old| {
            seen = old.map(<[u8]>::to_vec);
            Change::Keep
        })
        .expect("an update");
    assert_eq!(seen.as_deref(), Some(&b"first"[..]), "a change sees the old record");
}

fn names_are_those_of_one_space(store: &dyn Store) {
    for name in ["b", "a"] {
        put(store, &Key::new(Space::Credential, name), b"x");
    }
    put(store, &Key::new(Space::Lease, "c"), b"x");
    let names = store.names(Space::Credential).expect("a readable store");
    assert_eq!(names, ["a", "b"], "names are sorted and of one space");
}

fn updates_of_many_threads_are_all_kept<S: Store>(store: &Arc<S>) {
    let key = Key::new(Space::Plan, "counter");
    let threads: Vec<_> = (0..4)
        .map(|_| (Arc::clone(store), key.clone()))
        .map(|(store, key)| {
            thread::spawn(move || {
                for _ in 0..25 {
                    let next = |old: Option<&[u8]>| old.map_or(1, |bytes| bytes[0] + 1);
                    store
                        .update(&key, &mut |old| Change::Put(Zeroizing::new(vec![next(old)])))
                        .expect("an update");
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("a thread of updates");
    }
    assert_eq!(load(&**store, &key), Some(vec![100]), "no update is lost");
}

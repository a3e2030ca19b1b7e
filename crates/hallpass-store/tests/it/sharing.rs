//! Several stores and processes on one directory.

use std::thread;

use hallpass_credential::store::{Store, StoreErrorKind, conformance};
use hallpass_store::{KeySource, SqliteStore};
use rusqlite::Connection;

use crate::{
    job,
    world::{World, count, key, load, number, put},
};

#[test]
fn it_keeps_the_promises_of_a_store() {
    let world = World::new();
    conformance::check(|| SqliteStore::open(&world.state, &KeySource::Generated).expect("a store"));
}

#[test]
fn two_stores_see_each_others_updates() {
    let world = World::new();
    let (one, other) = (world.open(), world.open());
    put(&one, &key("one"), b"first").expect("a put");
    assert_eq!(load(&other, &key("one")).as_deref(), Some(&b"first"[..]));
    put(&other, &key("one"), b"second").expect("a put");
    assert_eq!(load(&one, &key("one")).as_deref(), Some(&b"second"[..]));
}

#[test]
fn s7_eight_threads_open_an_empty_directory_at_once() {
    let world = World::new();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let store = SqliteStore::open(&world.state, &KeySource::Generated);
                let store = store.expect("a store");
                for _ in 0..10 {
                    count(&store, &key("counter"));
                }
            });
        }
    });
    let counted = load(&world.open(), &key("counter")).expect("a counter");
    assert_eq!(number(&counted), 80);
}

#[test]
fn s7_eight_processes_open_an_empty_directory_at_once() {
    let world = World::new();
    let processes: Vec<_> = (0..8)
        .map(|_| job::command("count once", &world.state).spawn().expect("a process"))
        .collect();
    for process in processes {
        let output = process.wait_with_output().expect("an end");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let counted = load(&world.open(), &key("counter")).expect("a counter");
    assert_eq!(number(&counted), 8);
}

#[test]
fn s8_a_writer_elsewhere_makes_updates_busy_and_lets_loads_pass() {
    let world = World::used();
    let store = world.open();
    let other = Connection::open(world.database()).expect("another connection");
    other.execute_batch("BEGIN IMMEDIATE").expect("a turn");
    let error = put(&store, &key("one"), b"after").expect_err("not our turn");
    assert_eq!(error.kind(), StoreErrorKind::Busy);
    assert_eq!(load(&store, &key("one")).as_deref(), Some(&b"before"[..]));
    assert_eq!(world.open().names(key("").space).expect("names"), ["one"]);
    other.execute_batch("ROLLBACK").expect("the end of a turn");
    put(&store, &key("one"), b"after").expect("a put");
}

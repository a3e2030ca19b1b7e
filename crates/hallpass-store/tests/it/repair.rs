//! Damaged databases that are moved aside, and all others that are not.

use std::fs;

use hallpass_credential::store::StoreErrorKind;
use hallpass_store::{KeySource, set_damaged_aside};
use jiff::Timestamp;
use rusqlite::Connection;

use crate::world::{World, key, load, put};

const AT: Timestamp = Timestamp::constant(1_782_034_200, 0);
const ASIDE: &str = "hallpass.db.damaged-20260621T093000Z";

fn set_aside(world: &World) -> Result<Option<std::path::PathBuf>, StoreErrorKind> {
    set_damaged_aside(&world.state, &KeySource::Generated, AT).map_err(|error| error.kind())
}

fn sql(world: &World, statements: &str) {
    Connection::open(world.database()).expect("a connection").execute_batch(statements).expect("");
}

/// What `spoil` damages is moved aside byte for byte, and an empty store takes its place.
fn check_moved(spoil: impl FnOnce(&World)) {
    let world = World::used();
    spoil(&world);
    let before = fs::read(world.database()).ok();
    assert_eq!(set_aside(&world), Ok(Some(world.file(ASIDE))));
    assert_eq!(fs::read(world.file(ASIDE)).ok(), before);
    let store = world.open();
    assert_eq!(load(&store, &key("one")), None);
    put(&store, &key("one"), b"again").expect("a put");
    store.verify().expect("a store that is whole");
    drop(store);
    assert_eq!(set_aside(&world), Ok(None), "once");
}

/// What `spoil` makes is no damage: no file is moved.
fn check_left(spoil: impl FnOnce(&World), expected: Result<(), StoreErrorKind>) {
    let world = World::used();
    spoil(&world);
    let names = || world.contents().into_iter().map(|(path, _)| path).collect::<Vec<_>>();
    let before = fs::read(world.database()).expect("a database");
    assert_eq!(set_aside(&world).map(|moved| assert_eq!(moved, None)), expected);
    assert_eq!(fs::read(world.database()).expect("a database"), before);
    let is_aside = |path: &std::path::PathBuf| path.to_string_lossy().contains("damaged");
    assert!(!names().iter().any(is_aside), "{:?}", names());
}

#[test]
fn s5_a_damaged_database_is_moved_aside_and_kept() {
    check_moved(|world| fs::write(world.database(), b"rubbish".repeat(1_000)).expect("a change"));
    check_moved(|world| fs::write(world.database(), b"").expect("a change"));
    check_moved(|world| {
        let bytes = fs::read(world.database()).expect("a database");
        fs::write(world.database(), &bytes[..bytes.len() / 2]).expect("a change");
    });
}

#[test]
fn a_record_that_does_not_open_is_damage() {
    check_moved(|world| sql(world, "UPDATE record SET body = x'01ff'"));
}

#[test]
fn a_log_that_lost_its_database_is_moved_aside() {
    let world = World::used();
    fs::write(world.file("hallpass.db-wal"), "log").expect("a log");
    fs::remove_file(world.database()).expect("a removal");
    assert_eq!(set_aside(&world), Ok(Some(world.file(ASIDE))));
    assert_eq!(fs::read(world.file(&format!("{ASIDE}-wal"))).expect("a log"), b"log");
    world.open();
}

#[test]
fn what_is_not_damaged_is_left_alone() {
    check_left(|_| {}, Ok(()));
    check_left(|world| sql(world, "PRAGMA user_version = 99"), Err(StoreErrorKind::Newer));
    check_left(|world| sql(world, "PRAGMA application_id = 7"), Err(StoreErrorKind::Corrupt));
    let other_key = |world: &World| fs::write(world.file("key"), "00".repeat(32)).expect("a key");
    check_left(other_key, Err(StoreErrorKind::Sealed));
    let no_key = |world: &World| fs::remove_file(world.file("key")).expect("a removal");
    check_left(no_key, Err(StoreErrorKind::NoKey));
    let newer_and_damaged = |world: &World| {
        sql(world, "PRAGMA user_version = 99; PRAGMA journal_mode = DELETE");
        let bytes = fs::read(world.database()).expect("a database");
        fs::write(world.database(), &bytes[..bytes.len() / 2]).expect("a change");
    };
    check_left(newer_and_damaged, Err(StoreErrorKind::Newer));
}

#[test]
fn nothing_is_moved_onto_what_was_moved_before() {
    let world = World::used();
    fs::write(world.file(ASIDE), "the first").expect("a file");
    fs::write(world.database(), "rubbish").expect("a change");
    assert_eq!(set_aside(&world), Err(StoreErrorKind::NotWritable));
    assert_eq!(fs::read(world.file(ASIDE)).expect("a file"), b"the first");
}

//! Databases and keys that do not fit: told apart, and left alone.

use std::{fs, path::Path};

use hallpass_credential::store::{Store, StoreErrorKind};
use rusqlite::{Connection, config::DbConfig};

use crate::world::{World, key, load, put, try_open};

/// Opening what `spoil` made of a used state directory fails, and changes no byte of it.
fn check(spoil: impl FnOnce(&World), expected: StoreErrorKind) {
    let world = World::used();
    spoil(&world);
    let before = world.contents();
    for _ in 0..2 {
        let error = try_open(&world.state).expect_err("a refusal");
        assert_eq!(error.kind(), expected, "{error}");
        for (path, bytes) in before.iter().filter(|(path, _)| path.is_file()) {
            // The index of the log holds nothing that cannot be made again.
            let is_index = path == &world.file("hallpass.db-shm");
            let now = fs::read(path).expect("a file that stays");
            assert!(is_index || now == *bytes, "{} changed: {error}", path.display());
        }
    }
}

fn database(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> impl FnOnce(&World) {
    |world| {
        let bytes = fs::read(world.database()).expect("a database");
        fs::write(world.database(), change(bytes)).expect("a change");
    }
}

fn sql(statements: &str) -> impl FnOnce(&World) {
    move |world| {
        let connection = Connection::open(world.database()).expect("a connection");
        connection.execute_batch(statements).expect("statements");
    }
}

fn key_file(text: &str) -> impl FnOnce(&World) {
    move |world| fs::write(world.file("key"), text).expect("a key file")
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).expect("a file");
    bytes[at] ^= 4;
    fs::write(path, bytes).expect("a change");
}

#[test]
fn s5_a_damaged_database_is_left_alone() {
    check(database(|_| b"not a database".repeat(1_000)), StoreErrorKind::Corrupt);
    check(database(|_| b"short".to_vec()), StoreErrorKind::Corrupt);
    check(database(|_| Vec::new()), StoreErrorKind::Corrupt);
    check(database(|bytes| bytes[..bytes.len() / 2].to_vec()), StoreErrorKind::Corrupt);
    let overwrite = |mut bytes: Vec<u8>| {
        bytes[100..4_096].fill(0xff);
        bytes
    };
    check(database(overwrite), StoreErrorKind::Corrupt);
}

#[test]
fn s5_a_bit_that_flipped_is_told_or_changes_no_record() {
    let whole = World::used();
    let length = fs::read(whole.database()).expect("a database").len();
    for at in (0..length).step_by(61) {
        flip(&whole.database(), at);
        match try_open(&whole.state).and_then(|store| store.load(&key("one"))) {
            Ok(found) => assert!(found.is_none_or(|body| *body == *b"before"), "at {at}"),
            Err(error) => assert!(TOLD.contains(&error.kind()), "{error} at {at}"),
        }
        flip(&whole.database(), at);
    }
    assert_eq!(load(&whole.open(), &key("one")).as_deref(), Some(&b"before"[..]));
}

#[test]
fn s5_a_key_of_which_a_bit_flipped_opens_nothing() {
    let length = fs::read(World::used().file("key")).expect("a key").len();
    for at in 0..length - 1 {
        let world = World::used();
        flip(&world.file("key"), at);
        let error = try_open(&world.state).expect_err("a refusal");
        let told = [StoreErrorKind::Sealed, StoreErrorKind::NoKey].contains(&error.kind());
        assert!(told, "{error} at {at}");
    }
}

#[test]
fn s5_a_foreign_database_is_left_alone() {
    check(sql("PRAGMA application_id = 0"), StoreErrorKind::Corrupt);
    let replace = |world: &World| {
        fs::remove_file(world.database()).expect("a removal");
        sql("CREATE TABLE cookies (name, value)")(world);
    };
    check(replace, StoreErrorKind::Corrupt);
}

#[test]
fn s5_a_newer_database_is_left_alone() {
    check(sql("PRAGMA user_version = 99"), StoreErrorKind::Newer);
}

#[test]
fn s5_a_newer_version_in_the_log_of_a_crash_is_left_there() {
    let crash = |world: &World| {
        let connection = Connection::open(world.database()).expect("a connection");
        let no_checkpoint = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        connection.set_db_config(no_checkpoint, true).expect("a setting");
        connection.execute_batch("PRAGMA user_version = 99").expect("a version");
    };
    check(crash, StoreErrorKind::Newer);
}

#[test]
fn s5_a_log_without_its_database_is_left_alone() {
    let lose = |world: &World| {
        fs::write(world.file("hallpass.db-wal"), "log").expect("a log");
        fs::remove_file(world.database()).expect("a removal");
    };
    check(lose, StoreErrorKind::Corrupt);
}

#[test]
fn another_key_is_told_before_anything_is_read() {
    check(key_file(&"00".repeat(32)), StoreErrorKind::Sealed);
}

#[test]
fn s5_a_key_that_is_lost_or_none_is_told_and_not_replaced() {
    check(key_file(""), StoreErrorKind::NoKey);
    check(key_file("correct horse battery staple\n"), StoreErrorKind::NoKey);
    check(key_file(&"00".repeat(31)), StoreErrorKind::NoKey);
    check(|world| fs::remove_file(world.file("key")).expect("a removal"), StoreErrorKind::NoKey);
}

#[test]
fn a_directory_where_a_file_belongs_is_left_alone() {
    let replace = |world: &World| {
        fs::remove_file(world.database()).expect("a removal");
        fs::create_dir(world.database()).expect("a directory");
    };
    check(replace, StoreErrorKind::NotWritable);
}

#[test]
fn a_key_without_a_database_is_used_again() {
    let world = World::used();
    // A look at a database that is left alone may leave an empty log behind.
    fs::write(world.file("hallpass.db-wal"), "").expect("a log");
    fs::remove_file(world.database()).expect("a removal");
    let store = world.open();
    assert_eq!(load(&store, &key("one")), None);
    put(&store, &key("one"), b"again").expect("a put");
}

/// What may be said of a database with a flipped bit: its header may say anything.
const TOLD: [StoreErrorKind; 4] = [
    StoreErrorKind::Corrupt,
    StoreErrorKind::Newer,
    StoreErrorKind::Sealed,
    StoreErrorKind::NotWritable,
];

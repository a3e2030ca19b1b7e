//! Another key for everything: what opens with it, what does not any more, and sudden ends.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, thread};

use hallpass_credential::store::{Key, Space, Store, StoreErrorKind};
use hallpass_store::{KeySource, SqliteStore};
use rusqlite::Connection;

use crate::{
    job,
    world::{World, key, load, put, try_open},
};

impl World {
    /// A file of the person's beside the state directory, as a source of a key.
    fn chosen(&self) -> (PathBuf, KeySource) {
        let path = self.root.path().join("chosen");
        (path.clone(), KeySource::File(path))
    }

    fn keys(&self) -> String {
        fs::read_to_string(self.file("key")).expect("a key file")
    }

    fn opens_with(&self, source: &KeySource) -> Result<(), StoreErrorKind> {
        let store = SqliteStore::open(&self.state, source).map_err(|error| error.kind())?;
        store.verify().map_err(|error| error.kind())?;
        assert_eq!(load(&store, &key("one")).as_deref(), Some(&b"before"[..]));
        Ok(())
    }
}

fn rekey(world: &World, from: &KeySource, to: &KeySource) {
    let store = SqliteStore::open(&world.state, from).expect("a store");
    put(&store, &Key::new(Space::History, "a login"), b"one").expect("a put");
    store.rekey(to).expect("another key");
    assert_eq!(store.key_source(), *to);
    assert_eq!(load(&store, &key("one")).as_deref(), Some(&b"before"[..]));
}

#[test]
fn a_new_key_is_made_and_the_old_one_opens_nothing() {
    let world = World::used();
    let old = world.keys();
    let generated = KeySource::Generated;
    rekey(&world, &generated, &generated);
    assert_eq!(world.opens_with(&generated), Ok(()));
    let new = world.keys();
    assert_ne!(new, old);
    assert_eq!(new.lines().count(), 1, "the old one is gone");
    fs::write(world.file("key"), &old).expect("a change");
    assert_eq!(world.opens_with(&generated), Err(StoreErrorKind::Sealed));
}

#[test]
fn nothing_that_the_old_key_sealed_is_left() {
    let world = World::used();
    let connection = Connection::open(world.database()).expect("a connection");
    let sealed: Vec<u8> =
        connection.query_row("SELECT body FROM record", [], |row| row.get(0)).expect("a record");
    drop(connection);
    rekey(&world, &KeySource::Generated, &KeySource::Generated);
    for (path, bytes) in world.contents() {
        assert!(!bytes.windows(sealed.len()).any(|window| window == sealed), "{}", path.display());
    }
}

#[test]
fn a_key_moves_to_a_file_and_back() {
    let world = World::used();
    let (path, chosen) = world.chosen();
    let generated = KeySource::Generated;
    rekey(&world, &generated, &chosen);
    assert_eq!(fs::metadata(&path).expect("it is made").permissions().mode() & 0o777, 0o600);
    assert!(!world.file("key").exists());
    assert_eq!(world.opens_with(&chosen), Ok(()));
    assert_eq!(world.opens_with(&generated), Err(StoreErrorKind::NoKey));

    rekey(&world, &chosen, &generated);
    assert!(path.exists(), "it is the person's");
    assert_eq!(world.opens_with(&generated), Ok(()));
    assert_eq!(world.opens_with(&chosen), Err(StoreErrorKind::Sealed));
}

#[test]
fn a_file_that_is_there_is_used_and_not_written() {
    let world = World::used();
    let (path, chosen) = world.chosen();
    fs::write(&path, "11".repeat(32)).expect("a key");
    rekey(&world, &KeySource::Generated, &chosen);
    assert_eq!(fs::read_to_string(&path).expect("a key"), "11".repeat(32));
    assert_eq!(world.opens_with(&chosen), Ok(()));
}

#[test]
fn what_cannot_be_a_key_changes_nothing() {
    let world = World::used();
    let (path, chosen) = world.chosen();
    fs::write(&path, "no key").expect("a file");
    let nowhere = KeySource::File(world.root.path().join("no/where"));
    let before = world.keys();
    let store = world.open();
    let kind = |to| store.rekey(to).expect_err("no key").kind();
    assert_eq!(kind(&chosen), StoreErrorKind::NoKey);
    assert_eq!(kind(&nowhere), StoreErrorKind::NotWritable);
    drop(store);
    assert_eq!((world.keys(), world.opens_with(&KeySource::Generated)), (before, Ok(())));
}

#[test]
fn a_damaged_record_is_told_and_everything_stays_as_it_was() {
    let world = World::used();
    let connection = Connection::open(world.database()).expect("a connection");
    let damage = "INSERT INTO record VALUES ('plan', 'odd', x'01ff')";
    connection.execute(damage, []).expect("damage");
    drop(connection);
    let store = world.open();
    let refused = store.rekey(&KeySource::Generated).expect_err("damage");
    assert_eq!(refused.kind(), StoreErrorKind::Corrupt);
    assert_eq!(load(&store, &key("one")).as_deref(), Some(&b"before"[..]));
    drop(store);
    assert_eq!(load(&world.open(), &key("one")).as_deref(), Some(&b"before"[..]));
}

#[test]
fn who_has_it_open_goes_on_with_the_new_key() {
    let world = World::used();
    let other = world.open();
    world.open().rekey(&KeySource::Generated).expect("another key");
    put(&other, &key("two"), b"after").expect("a put");
    assert_eq!(load(&other, &key("one")).as_deref(), Some(&b"before"[..]));
    assert_eq!(load(&world.open(), &key("two")).as_deref(), Some(&b"after"[..]));
}

#[test]
fn who_has_it_open_with_a_file_that_is_no_more_the_key_writes_nothing() {
    let world = World::used();
    let (_, chosen) = world.chosen();
    rekey(&world, &KeySource::Generated, &chosen);
    let other = SqliteStore::open(&world.state, &chosen).expect("a store");
    rekey(&world, &chosen, &KeySource::Generated);
    let refused = put(&other, &key("two"), b"lost").expect_err("another key");
    assert_eq!(refused.kind(), StoreErrorKind::Sealed);
    assert_eq!(other.load(&key("one")).expect_err("too").kind(), StoreErrorKind::Sealed);
    assert_eq!(world.opens_with(&KeySource::Generated), Ok(()));
}

#[test]
fn either_of_two_keys_that_a_sudden_end_left_opens_it() {
    let world = World::used();
    let old = world.keys();
    world.open().rekey(&KeySource::Generated).expect("another key");
    let new = world.keys();
    for both in [format!("{old}{new}"), format!("{new}{old}")] {
        fs::write(world.file("key"), both).expect("a change");
        assert_eq!(world.opens_with(&KeySource::Generated), Ok(()));
    }
    world.open().rekey(&KeySource::Generated).expect("another key");
    assert_eq!(world.keys().lines().count(), 1, "the next time tidies up");
}

#[test]
fn a_process_that_is_killed_while_it_re_keys_leaves_a_store_that_opens() {
    let world = World::used();
    for round in 0..40 {
        let mut process = job::command("re-key for ever", &world.state).spawn().expect("a process");
        let mut told = std::io::BufReader::new(process.stderr.take().expect("a pipe"));
        let mut line = String::new();
        std::io::BufRead::read_line(&mut told, &mut line).expect("a line");
        for _ in 0..round * 100 {
            thread::yield_now();
        }
        process.kill().expect("a kill");
        process.wait().expect("an end");
        assert_eq!(world.opens_with(&KeySource::Generated), Ok(()), "round {round}");
    }
}

#[test]
fn several_at_once_lose_no_key() {
    let world = World::used();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let store =
                    SqliteStore::open(&world.state, &KeySource::Generated).expect("a store");
                for _ in 0..5 {
                    store.rekey(&KeySource::Generated).expect("another key");
                    assert_eq!(load(&store, &key("one")).as_deref(), Some(&b"before"[..]));
                }
            });
        }
    });
    assert_eq!(world.keys().lines().count(), 1);
    assert_eq!(
        load(&try_open(&world.state).expect("a store"), &key("one")).as_deref(),
        Some(&b"before"[..])
    );
}

#[test]
fn a_key_beside_the_database_is_recognised() {
    let world = World::used();
    let (_, chosen) = world.chosen();
    assert!(!chosen.is_within(&world.state));
    assert!(KeySource::File(world.file("key")).is_within(&world.state));
    assert!(KeySource::File(world.file("../state/other")).is_within(&world.state));
    assert!(!KeySource::Generated.is_within(&world.state));
}

//! Power that is cut: what the disk was not told to keep may be there, in part, or not at all.

use std::fs;

use hallpass_store::SqliteStore;
use rusqlite::Connection;

use crate::{
    step::trace,
    world::{World, key, load, put},
};

/// The smallest piece that a disk writes or loses, bytes.
const SECTOR: usize = 512;

/// Every place where a disk may have stopped writing so many bytes.
fn cuts(length: usize) -> impl Iterator<Item = usize> {
    (0..=length).step_by(SECTOR).chain([length])
}

/// The files of a state directory at one moment.
#[derive(Clone)]
struct Disk {
    key: Vec<u8>,
    database: Vec<u8>,
    log: Vec<u8>,
}

impl Disk {
    fn of(world: &World) -> Self {
        let read = |name| fs::read(world.file(name)).expect("a file");
        Self { key: read("key"), database: read("hallpass.db"), log: read("hallpass.db-wal") }
    }

    fn with_log(&self, log: Vec<u8>) -> Self {
        Self { log, ..self.clone() }
    }

    /// What a machine that starts again finds of the record: its number, or none.
    #[track_caller]
    fn found(&self) -> u8 {
        let world = World::new();
        fs::create_dir(&world.state).expect("a directory");
        let Self { key: sealing_key, database, log } = self;
        for (name, bytes) in [("key", sealing_key), ("hallpass.db", database)] {
            fs::write(world.file(name), bytes).expect("a file");
        }
        fs::write(world.file("hallpass.db-wal"), log).expect("a file");
        let store = world.open();
        store.verify().expect("a store that is whole");
        let body = load(&store, &key("one")).expect("a record");
        assert_eq!(body, record(body[0]), "a record of two");
        put(&store, &key("one"), &record(u8::MAX)).expect("a store that goes on");
        body[0]
    }
}

/// A record that takes several pages.
fn record(number: u8) -> Vec<u8> {
    vec![number; 10_000]
}

/// A store that is in use: records 1 to 4 were saved one after the other. The disk after each.
fn used() -> (World, SqliteStore, Vec<Disk>) {
    let world = World::new();
    let store = world.open();
    let save = |number| {
        put(&store, &key("one"), &record(number)).expect("a put");
        Disk::of(&world)
    };
    let disks = (1..=4).map(save).collect();
    (world, store, disks)
}

/// Writes the log back into the database, as SQLite does now and then.
fn write_back(world: &World) {
    let connection = Connection::open(world.database()).expect("a connection");
    let row = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    let busy = connection.query_row("PRAGMA wal_checkpoint(FULL)", [], row);
    assert_eq!(busy, Ok(0));
}

#[test]
fn s2_a_log_that_is_cut_anywhere_has_every_record_that_was_acknowledged_before() {
    let (_world, _store, disks) = used();
    let last = &disks[3];
    for cut in cuts(last.log.len()).filter(|cut| *cut >= disks[0].log.len()) {
        let (written, lost) = last.log.split_at(cut);
        for tail in [vec![], vec![0; lost.len()], vec![0xff; lost.len()]] {
            let log = [written, &tail].concat();
            // Where only zeros are missing, zeros make a transaction whole.
            let whole = disks.iter().filter(|disk| log.starts_with(&disk.log)).count();
            let found = last.with_log(log).found();
            assert_eq!(usize::from(found), whole, "cut at {cut}, {} more", tail.len());
        }
    }
}

#[test]
fn s2_a_transaction_that_lost_any_sector_is_none() {
    let (_world, _store, disks) = used();
    let (begin, end) = (disks[2].log.len(), disks[3].log.len());
    for lost in (begin..end).step_by(SECTOR) {
        let mut log = disks[3].log.clone();
        log[lost..end.min(lost + SECTOR)].fill(0);
        let is_zero = log == disks[3].log;
        assert_eq!(disks[3].with_log(log).found(), if is_zero { 4 } else { 3 }, "without {lost}");
    }
}

#[test]
fn s2_a_log_that_is_written_anew_over_an_old_one_has_the_old_record_or_the_new() {
    let (world, store, mut disks) = used();
    write_back(&world);
    let old = disks.remove(3);
    put(&store, &key("one"), &record(5)).expect("a put");
    let new = Disk::of(&world);
    let changed = old.log.iter().zip(&new.log).rposition(|(old, new)| old != new);
    let written = changed.expect("a log that begins again") + 1;
    assert!(written < old.log.len(), "the old log goes on behind the new one");
    for cut in cuts(written) {
        let log = [&new.log[..cut], &old.log[cut..]].concat();
        assert_eq!(new.with_log(log).found(), if cut < written { 4 } else { 5 }, "cut at {cut}");
    }
}

#[test]
fn s2_a_database_that_is_half_written_back_is_made_good_by_its_log() {
    let (world, _store, disks) = used();
    write_back(&world);
    let before = &disks[3];
    let after = fs::read(world.database()).expect("a database");
    assert_ne!(before.database, after);
    for cut in cuts(after.len()) {
        let old = before.database.get(cut..).unwrap_or_default();
        for database in [[&after[..cut], old].concat(), after[..cut].to_vec()] {
            // A database that is shorter than its header is no half of one.
            if database.len() >= before.database.len() {
                let disk = Disk { database, ..before.clone() };
                assert_eq!(disk.found(), 4, "cut at {cut}");
            }
        }
    }
}

#[test]
fn s2_what_is_acknowledged_is_on_the_disk() {
    let world = World::new();
    let Some(calls) = trace(&world) else { return };
    let mut unsure: Vec<String> = Vec::new();
    let mut acknowledged = 0;
    for call in &calls {
        let is_open = |path: &String| !path.ends_with("-shm");
        match call.name.as_str() {
            "fsync" | "fdatasync" => unsure.retain(|path| !call.paths.contains(path)),
            "write" if call.text.starts_with("write(2<") => {
                assert!(unsure.is_empty(), "told before the disk has {unsure:?}");
                acknowledged += 1;
            }
            "write" | "pwrite64" => {
                unsure.extend(call.paths.iter().filter(|p| is_open(p)).cloned())
            }
            // A name is on the disk when its directory is.
            "mkdir" => unsure.push(parent(&call.paths[0])),
            "renameat2" => {
                assert!(unsure.is_empty(), "in place before the disk has {unsure:?}");
                unsure.push(parent(&call.paths[1]));
            }
            "openat" if call.text.contains("hallpass.db-wal") => {
                unsure.push(parent(&call.paths[0]))
            }
            _ => {}
        }
    }
    assert_eq!(acknowledged, 3);
}

fn parent(path: &str) -> String {
    path.rsplit_once('/').expect("a whole path").0.to_owned()
}

use std::path::Path;

use hallpass_credential::store::{Key, Space, Store};

use super::*;
use crate::{KeySource, SqliteStore};

fn new_store() -> (tempfile::TempDir, SqliteStore) {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(directory.path(), &KeySource::Generated).expect("a store");
    (directory, store)
}

#[test]
fn an_older_database_gets_the_steps_that_it_lacks_once() {
    let (_directory, store) = new_store();
    let mut connection = store.connection();
    let added = "ALTER TABLE audit ADD COLUMN account TEXT;";
    let migrations = [MIGRATIONS, &[added]].concat();
    for _ in 0..2 {
        upgrade(&mut connection, &migrations).expect("an upgrade");
    }
    assert_eq!(version(&connection).expect("a version"), newest(&migrations));
    connection.prepare("SELECT account FROM audit").expect("the new column");
}

#[test]
fn a_step_that_fails_changes_nothing() {
    let (_directory, store) = new_store();
    let mut connection = store.connection();
    let migrations = [MIGRATIONS, &["CREATE TABLE fine (a); NONSENSE;"]].concat();
    upgrade(&mut connection, &migrations).expect_err("nonsense is no step");
    assert_eq!(version(&connection).expect("a version"), newest(MIGRATIONS));
    connection.prepare("SELECT a FROM fine").expect_err("the half step is undone");
}

#[test]
fn a_new_database_is_whole_before_it_has_its_name() {
    let (directory, store) = new_store();
    assert_eq!(store.load(&Key::new(Space::Device, "none")).expect("a load"), None);
    let journal_mode: String = store
        .connection()
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .expect("a journal mode");
    assert_eq!(journal_mode, "wal");
    let in_the_making = |name: &Path| name.to_string_lossy().contains(".new-");
    let mut files = directory.path().read_dir().expect("a directory");
    assert!(!files.any(|file| in_the_making(&file.expect("a file").path())));
}

//! What the promises of the store look like from inside; those of its files are in `tests/it`.

use super::*;

fn key() -> Key {
    Key::new(Space::Credential, "one")
}

fn put(store: &SqliteStore, key: &Key, body: &[u8]) -> Result<(), StoreError> {
    store.update(key, &mut |_| Change::Put(Zeroizing::new(body.to_vec())))
}

fn check(
    spoil: impl FnOnce(&SqliteStore) -> rusqlite::Result<()>,
    expected: StoreErrorKind,
    operation: impl FnOnce(&SqliteStore) -> Result<(), StoreError>,
) {
    let directory = tempfile::tempdir().expect("a directory");
    let patience = Duration::from_millis(1);
    let store = SqliteStore::open_within(directory.path(), &KeySource::Generated, patience)
        .expect("a store");
    put(&store, &key(), b"before").expect("a put");
    put(&store, &Key::new(Space::Credential, "two"), b"other").expect("a put");
    spoil(&store).expect("a spoiled database");
    let error = operation(&store).expect_err("a failure");
    assert_eq!(error.kind(), expected, "{error}");
}

fn load(store: &SqliteStore) -> Result<(), StoreError> {
    store.load(&key()).map(|_| ())
}

fn execute(sql: &str) -> impl FnOnce(&SqliteStore) -> rusqlite::Result<()> {
    move |store| store.connection().execute_batch(sql)
}

#[test]
fn rows_that_were_swapped_are_refused() {
    let swap = "UPDATE record SET body = (SELECT body FROM record WHERE name = 'two')";
    check(execute(swap), StoreErrorKind::Corrupt, load);
    let move_away = "UPDATE record SET space = 'device' WHERE name = 'one'";
    check(execute(move_away), StoreErrorKind::Corrupt, |store| {
        store.load(&Key::new(Space::Device, "one")).map(|_| ())
    });
}

#[test]
fn bodies_that_are_no_bodies_are_refused() {
    check(execute("UPDATE record SET body = x''"), StoreErrorKind::Corrupt, load);
    check(execute("UPDATE record SET body = 'text'"), StoreErrorKind::Corrupt, load);
    check(execute("UPDATE record SET body = x'ff'"), StoreErrorKind::Newer, load);
}

#[test]
fn a_full_disk_is_told_and_the_old_record_stays() {
    let full = "PRAGMA max_page_count = 1";
    check(execute(full), StoreErrorKind::NotWritable, |store| {
        let refused = put(store, &key(), &[0; 100_000]);
        let kept = store.load(&key()).expect("a load").expect("a record");
        assert_eq!(kept.as_slice(), b"before");
        refused
    });
}

#[test]
fn a_panic_in_a_change_undoes_the_update_and_nothing_else() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(directory.path(), &KeySource::Generated).expect("a store");
    put(&store, &key(), b"before").expect("a put");
    std::thread::scope(|scope| {
        let panics = scope.spawn(|| store.update(&key(), &mut |_| panic!("a change that panics")));
        panics.join().expect_err("a panic");
    });
    put(&store, &Key::new(Space::Credential, "two"), b"after").expect("a put");
    assert_eq!(store.load(&key()).expect("a load").expect("a record").as_slice(), b"before");
}

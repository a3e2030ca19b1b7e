//! Who may read and write the files, and what they show.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown, symlink},
        process::CommandExt,
    },
    path::Path,
};

use hallpass_credential::store::{Change, Key, Space, Store, StoreError, StoreErrorKind};
use hallpass_store::{KeySource, SqliteStore, Warning};

use crate::{
    job,
    world::{World, key, load, put, try_open},
};

/// A user that is not this one, where this one is root.
const NOBODY: u32 = 65534;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a change of mode");
}

fn refusal(opened: Result<SqliteStore, StoreError>) -> StoreErrorKind {
    opened.expect_err("a refusal").kind()
}

#[test]
fn only_the_owner_can_use_the_directory_and_every_file_in_it() {
    let world = World::new();
    let store = world.open();
    put(&store, &key("one"), b"body").expect("a put");
    assert_eq!(mode(&world.state), 0o700);
    let names: Vec<_> = world.contents().into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        names,
        ["hallpass.db", "hallpass.db-shm", "hallpass.db-wal", "key"].map(|name| world.file(name))
    );
    for name in names {
        assert_eq!(mode(&name), 0o600, "{}", name.display());
    }
    assert_eq!(store.warnings(), []);
}

#[test]
fn s5_what_was_open_to_others_is_closed_and_told() {
    let world = World::used();
    let opened =
        [(world.state.clone(), 0o755), (world.file("key"), 0o640), (world.database(), 0o666)];
    for (path, mode) in &opened {
        set_mode(path, *mode);
    }
    let store = world.open();
    let warnings = opened.clone().map(|(path, mode)| Warning::WasOpen { path, mode });
    assert_eq!(store.warnings(), warnings);
    for (path, was) in opened {
        assert_eq!(mode(&path), was & 0o700, "{}", path.display());
    }
    assert_eq!(world.open().warnings(), []);
}

#[test]
fn an_open_directory_is_closed_only_where_it_serves_nobody_else() {
    let world = World::new();
    fs::create_dir(&world.state).expect("a directory");
    fs::write(world.file("letter.txt"), "").expect("a file");
    set_mode(&world.state, 0o755);
    assert_eq!(refusal(try_open(&world.state)), StoreErrorKind::NotWritable);
    assert_eq!(mode(&world.state), 0o755);
    fs::remove_file(world.file("letter.txt")).expect("a removal");
    let warning = Warning::WasOpen { path: world.state.clone(), mode: 0o755 };
    assert_eq!(world.open().warnings(), [warning]);
}

#[test]
fn s5_a_symbolic_link_is_not_followed() {
    for name in ["hallpass.db", "hallpass.db-wal", "key"] {
        let world = World::used();
        let elsewhere = world.root.path().join("elsewhere");
        fs::write(&elsewhere, "").expect("a file");
        let _ = fs::remove_file(world.file(name));
        symlink(&elsewhere, world.file(name)).expect("a link");
        assert_eq!(refusal(try_open(&world.state)), StoreErrorKind::NotWritable, "{name}");
        assert_eq!(fs::read(&elsewhere).expect("a file"), b"", "{name}");
    }
}

#[test]
fn a_place_that_takes_no_directory_is_not_writable() {
    let world = World::new();
    let file = world.root.path().join("file");
    fs::write(&file, "").expect("a file");
    assert_eq!(refusal(try_open(&file)), StoreErrorKind::NotWritable);
    assert_eq!(refusal(try_open(&file.join("below"))), StoreErrorKind::NotWritable);
}

#[test]
fn a_directory_that_this_user_may_not_write_is_not_writable() {
    let world = World::used();
    set_mode(world.root.path(), 0o755);
    set_mode(&world.state, 0o555);
    let mut command = job::command("open", &world.state);
    if fs::metadata(&world.state).expect("a directory").uid() == 0 {
        // Nothing is closed to root.
        command.uid(NOBODY).gid(NOBODY);
    }
    match command.output() {
        Ok(output) => assert_eq!(String::from_utf8_lossy(&output.stderr), "NotWritable\n"),
        Err(error) => println!("skipped: another user cannot start this test program: {error}"),
    }
    set_mode(&world.state, 0o700);
}

#[test]
fn s5_what_belongs_to_another_user_is_refused() {
    for name in ["", "hallpass.db", "key"] {
        let world = World::used();
        if let Err(error) = chown(world.file(name), Some(NOBODY), None) {
            println!("skipped: only root can give a file away: {error}");
            return;
        }
        assert_eq!(refusal(try_open(&world.state)), StoreErrorKind::NotWritable, "{name}");
    }
}

#[test]
fn no_file_shows_what_a_record_holds() {
    const CANARY: &[u8] = b"CANARY-4f1c";
    let shown = |world: &World, text: &[u8]| {
        let files = world.contents();
        files.iter().any(|(_, bytes)| bytes.windows(text.len()).any(|window| window == text))
    };
    let world = World::new();
    let store = world.open();
    for space in Space::ALL {
        let key = Key::new(space, "name-in-the-clear");
        put(&store, &key, &CANARY.repeat(1_000)).expect("a large body");
        put(&store, &key, CANARY).expect("a small body");
        put(&store, &Key::new(space, "removed"), CANARY).expect("a body");
        store.update(&Key::new(space, "removed"), &mut |_| Change::Remove).expect("a removal");
    }
    assert!(shown(&world, b"name-in-the-clear"), "the search finds what is there");
    assert!(!shown(&world, CANARY), "while it is open");
    drop(store);
    assert!(!shown(&world, CANARY), "when it is closed");
    assert_eq!(
        load(&world.open(), &Key::new(Space::Device, "name-in-the-clear")).as_deref(),
        Some(CANARY)
    );
}

#[test]
fn a_chosen_key_file_is_used_as_it_is() {
    let world = World::new();
    let file = world.root.path().join("chosen");
    fs::write(&file, format!("{}\n", "5a".repeat(32))).expect("a key file");
    set_mode(&file, 0o600);
    let source = KeySource::File(file.clone());
    let open = || SqliteStore::open(&world.state, &source).expect("a store");
    put(&open(), &key("one"), b"body").expect("a put");
    assert_eq!(open().warnings(), []);
    assert!(!world.file("key").exists());
    set_mode(&file, 0o644);
    let warning = Warning::ReadableByOthers { path: file.clone(), mode: 0o644 };
    assert_eq!(open().warnings(), [warning]);
    assert_eq!(mode(&file), 0o644);
    assert_eq!(load(&open(), &key("one")).as_deref(), Some(&b"body"[..]));
}

use std::{
    error::Error as _,
    sync::Mutex,
    thread::{self, ThreadId},
};

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Note(String);

impl Record for Note {
    const SPACE: Space = Space::Plan;
    const SCHEMA: u32 = 2;
}

/// The form of a later program, in the same place.
#[derive(Serialize, Deserialize)]
struct LaterNote {
    text: String,
}

impl Record for LaterNote {
    const SPACE: Space = Space::Plan;
    const SCHEMA: u32 = 3;
}

async fn put<T: Record>(records: &Records, name: &str, record: T) {
    records.update(name, |_: Option<T>| (Revise::Put(record), ())).await.unwrap();
}

#[tokio::test]
async fn a_record_is_put_found_listed_and_removed() {
    let records = Records::in_memory();
    assert_eq!(records.load::<Note>("a").await.unwrap(), None);
    for name in ["b", "a"] {
        put(&records, name, Note(name.to_owned())).await;
    }
    assert_eq!(records.load::<Note>("a").await.unwrap(), Some(Note("a".to_owned())));
    assert_eq!(records.names::<Note>().await.unwrap(), ["a", "b"]);
    records.remove::<Note>("a").await.unwrap();
    assert_eq!(records.names::<Note>().await.unwrap(), ["b"]);
    records.remove::<Note>("nobody").await.unwrap();
}

#[tokio::test]
async fn an_update_sees_what_was_there_and_says_what_it_found() {
    let records = Records::in_memory();
    put(&records, "a", Note("old".to_owned())).await;
    let kept = records.update("a", |old: Option<Note>| (Revise::Keep, old.map(|Note(text)| text)));
    assert_eq!(kept.await.unwrap().as_deref(), Some("old"));
    assert_eq!(records.load("a").await.unwrap(), Some(Note("old".to_owned())));
    records.update("a", |_: Option<Note>| (Revise::Remove, ())).await.unwrap();
    assert_eq!(records.load::<Note>("a").await.unwrap(), None);
}

#[tokio::test]
async fn what_a_newer_program_wrote_is_left_alone() {
    let records = Records::in_memory();
    put(&records, "a", LaterNote { text: "new".to_owned() }).await;
    let loaded = records.load::<Note>("a").await.unwrap_err();
    assert_eq!(loaded.kind(), StoreErrorKind::Newer);
    assert_eq!(loaded.to_string(), "a newer hallpass wrote plan a");
    let updated = records.update("a", |_: Option<Note>| (Revise::Put(Note(String::new())), ()));
    assert_eq!(updated.await.unwrap_err().kind(), StoreErrorKind::Newer);
    assert_eq!(records.load::<LaterNote>("a").await.unwrap().unwrap().text, "new");
}

#[tokio::test]
async fn a_damaged_record_is_told_with_its_place_and_its_cause() {
    let store = Arc::new(MemoryStore::default());
    let damaged = &mut |_: Option<&[u8]>| Change::Put(Zeroizing::new(b"{\"schema\":2".to_vec()));
    store.update(&Key::new(Space::Plan, "a"), damaged).unwrap();
    let error = Records::new(store).load::<Note>("a").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert_eq!(error.to_string(), "the record of plan a is damaged");
    assert!(error.source().is_some());
}

#[test]
fn the_spaces_are_named_and_the_dear_ones_durable() {
    let spaces = Space::ALL.map(|space| (space.as_str(), space.is_durable()));
    let expect = [
        ("device", true),
        ("credential", true),
        ("history", true),
        ("lease", false),
        ("plan", false),
    ];
    assert_eq!(spaces, expect);
}

#[test]
fn records_do_not_print_what_they_hold() {
    assert_eq!(format!("{:?}", Records::in_memory()), "Records { .. }");
}

/// A store that waits for a disk: it notes the thread that it holds up.
#[derive(Default)]
struct Slow {
    called_on: Mutex<Option<ThreadId>>,
}

impl Store for Slow {
    fn load(&self, _: &Key) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        *self.called_on.lock().unwrap() = Some(thread::current().id());
        Ok(None)
    }

    fn update(
        &self,
        _: &Key,
        _: &mut dyn FnMut(Option<&[u8]>) -> Change,
    ) -> Result<(), StoreError> {
        Ok(())
    }

    fn names(&self, _: Space) -> Result<Vec<String>, StoreError> {
        panic!("a bug of the store")
    }
}

#[tokio::test]
async fn a_store_that_waits_holds_no_task_up() {
    let slow = Arc::new(Slow::default());
    Records::new(slow.clone()).load::<Note>("a").await.unwrap();
    let called_on = slow.called_on.lock().unwrap().unwrap();
    assert_ne!(called_on, thread::current().id());
}

#[tokio::test]
async fn a_store_that_stops_or_does_nothing_has_failed() {
    let records = Records::new(Arc::new(Slow::default()));
    let stopped = records.names::<Note>().await.unwrap_err();
    assert_eq!(
        (stopped.kind(), &*stopped.to_string()),
        (StoreErrorKind::Failed, "the store stopped")
    );
    let idle = records.update("a", |_: Option<Note>| (Revise::Keep, ())).await.unwrap_err();
    assert_eq!(
        (idle.kind(), &*idle.to_string()),
        (StoreErrorKind::Failed, "the store did nothing")
    );
}

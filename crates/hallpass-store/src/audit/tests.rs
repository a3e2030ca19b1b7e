use super::*;
use crate::KeySource;

fn event(second: i64) -> Event {
    Event {
        at: Timestamp::from_second(second).expect("a time"),
        device: (second % 2 == 0).then(|| "122000000001".to_owned()),
        event: "login".to_owned(),
        detail: format!("number {second}"),
    }
}

#[test]
fn the_last_events_come_back_in_order() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(directory.path(), &KeySource::Generated).expect("a store");
    assert_eq!(store.last_events(10).expect("an empty audit"), []);
    for second in 1..=5 {
        store.append_event(&event(second)).expect("an event");
    }
    assert_eq!(store.last_events(2).expect("events"), [event(4), event(5)]);
    assert_eq!(store.last_events(u32::MAX).expect("events").len(), 5);
}

#[test]
fn the_oldest_events_make_room() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(directory.path(), &KeySource::Generated).expect("a store");
    store.append_event(&event(1)).expect("an event");
    let grow = "UPDATE audit SET id = ?1";
    store.connection().execute(grow, [KEPT_EVENTS]).expect("a full audit");
    for second in 2..=3 {
        store.append_event(&event(second)).expect("an event");
    }
    assert_eq!(store.last_events(10).expect("events"), [event(1), event(2), event(3)]);
    store
        .connection()
        .execute("UPDATE audit SET id = 1 WHERE id = ?1", [KEPT_EVENTS])
        .expect("aged");
    store.append_event(&event(4)).expect("an event");
    assert_eq!(store.last_events(10).expect("events"), [event(2), event(3), event(4)]);
}

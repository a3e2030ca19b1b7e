use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use proptest::prelude::*;
use tokio::{task::JoinSet, time};
use zeroize::Zeroizing;

use super::*;
use crate::{
    FastClock,
    store::{Change, Key, MemoryStore, Store, StoreError},
    told,
};

struct Bench {
    records: Records,
    clock: Arc<dyn Clock>,
}

impl Bench {
    fn new() -> Self {
        Self::with(Records::in_memory())
    }

    fn with(records: Records) -> Self {
        let clock = Arc::new(FastClock::starting_at(Timestamp::UNIX_EPOCH, 1));
        Self { records, clock }
    }

    /// The line as one more process sees it.
    fn process(&self, rate: Rate, patience: u64) -> Arc<Line> {
        let patience = Patience(Duration::from_secs(patience));
        let clock = Arc::clone(&self.clock);
        Arc::new(Line::new(self.records.clone(), clock, "gateway", rate, patience))
    }
}

async fn second() {
    time::sleep(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn processes_take_turns() {
    let bench = Bench::new();
    let busy = Arc::new(AtomicUsize::new(0));
    let mut processes = JoinSet::new();
    for _ in 0..8 {
        let (line, busy) = (bench.process(Rate::UNLIMITED, 60), Arc::clone(&busy));
        processes.spawn(async move {
            let turn = line.enter().await.unwrap();
            assert_eq!(busy.fetch_add(1, SeqCst), 0, "two turns at once");
            turn.request(second()).await.unwrap();
            busy.fetch_sub(1, SeqCst);
            turn.leave().await.unwrap();
        });
    }
    processes.join_all().await;
}

#[tokio::test(start_paused = true)]
async fn tasks_of_one_process_share_the_turn_and_send_one_after_the_other() {
    let bench = Bench::new();
    let line = bench.process(Rate::UNLIMITED, 1);
    let begun = time::Instant::now();
    let (one, two) = tokio::join!(line.enter(), line.enter());
    let (one, two) = (one.unwrap(), two.unwrap());
    let (first, second) = tokio::join!(one.request(second()), two.request(second()));
    assert!(first.is_ok() && second.is_ok());
    assert!(begun.elapsed() >= Duration::from_secs(2));
    one.leave().await.unwrap();
    assert!(bench.process(Rate::UNLIMITED, 0).enter().await.is_err(), "the second still holds it");
    two.leave().await.unwrap();
    assert!(bench.process(Rate::UNLIMITED, 0).enter().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_killed_process_loses_its_turn_within_fifteen_seconds() {
    let bench = Bench::new();
    let killed = bench.process(Rate::UNLIMITED, 1);
    drop(killed.enter().await.unwrap());
    let begun = time::Instant::now();
    bench.process(Rate::UNLIMITED, 30).enter().await.unwrap();
    assert!(begun.elapsed() <= Duration::from_secs(15));
}

#[tokio::test(start_paused = true)]
async fn a_long_request_keeps_the_turn() {
    let bench = Bench::new();
    let (slow, other) = (bench.process(Rate::UNLIMITED, 1), bench.process(Rate::UNLIMITED, 40));
    let turn = slow.enter().await.unwrap();
    let long = turn.request(time::sleep(Duration::from_secs(44)));
    let (_, held) = tokio::join!(long, other.enter());
    let held = held.unwrap_err();
    assert_eq!(held.kind(), ErrorKind::Held);
    assert_eq!(held.retry_at().unwrap().as_second(), 50, "a lease after patience has ended");
}

#[tokio::test(start_paused = true)]
async fn the_rate_is_one_for_all_processes() {
    let bench = Bench::new();
    let begun = time::Instant::now();
    for _ in 0..2 {
        let line = bench.process(Rate::UNATTENDED, 60);
        let turn = line.enter().await.unwrap();
        for _ in 0..15 {
            turn.request(async {}).await.unwrap();
        }
        turn.leave().await.unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(11), "30 requests are within the budget");
    let impatient = bench.process(Rate::UNATTENDED, 5);
    let held = impatient.enter().await.unwrap().request(async {}).await.unwrap_err();
    assert_eq!(held.kind(), ErrorKind::Held);
    let until = held.retry_at().unwrap().as_second();
    assert!((60..=61).contains(&until), "the first slot is free after a minute, not at {until}");
}

#[tokio::test(start_paused = true)]
async fn a_lease_from_a_clock_that_ran_ahead_is_void() {
    let bench = Bench::new();
    let ahead: Arc<dyn Clock> =
        Arc::new(FastClock::starting_at("2030-01-01T00:00:00Z".parse().unwrap(), 1));
    let patience = Patience(Duration::from_secs(1));
    let line = Line::new(bench.records.clone(), ahead, "gateway", Rate::UNLIMITED, patience);
    drop(Arc::new(line).enter().await.unwrap());
    assert!(bench.process(Rate::UNLIMITED, 0).enter().await.is_ok());
}

proptest! {
    #[test]
    fn no_minute_sees_more_than_the_rate(waits in prop::collection::vec(0..5_000i64, 1..150)) {
        let mut sent: Vec<Timestamp> = Vec::new();
        let mut now = Timestamp::UNIX_EPOCH;
        for wait in waits {
            now += SignedDuration::from_millis(wait);
            now = Rate::UNATTENDED.next_slot(&sent, now);
            sent.push(now);
            for (window, limit) in [(MINUTE, 30), (BURST_WINDOW, 20)] {
                let recent = sent.iter().filter(|at| at.duration_until(now) < window).count();
                prop_assert!(recent <= limit);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_lapsed_is_taken_again_before_anything_is_sent() {
    let bench = Bench::new();
    let (slow, other) = (bench.process(Rate::UNLIMITED, 60), bench.process(Rate::UNLIMITED, 60));
    let turn = slow.enter().await.unwrap();
    time::sleep(Duration::from_secs(11)).await;
    let theirs = other.enter().await.unwrap();
    let begun = time::Instant::now();
    let hand_on = async {
        theirs.request(time::sleep(Duration::from_secs(5))).await.unwrap();
        theirs.leave().await.unwrap();
    };
    let (_, sent) = tokio::join!(hand_on, turn.request(async { begun.elapsed() }));
    assert!(sent.unwrap() >= Duration::from_secs(5), "two requests at once");
}

#[tokio::test(start_paused = true)]
async fn requests_of_a_dropped_turn_still_count() {
    let bench = Bench::new();
    let begun = time::Instant::now();
    let line = bench.process(Rate::UNATTENDED, 600);
    for _ in 0..60 {
        // Never handed on, as by callers that are cancelled.
        line.enter().await.unwrap().request(async {}).await.unwrap();
    }
    assert!(begun.elapsed() >= Duration::from_secs(60), "60 requests in {:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn requests_ahead_of_a_clock_that_was_set_back_count_for_a_minute() {
    let bench = Bench::new();
    let noon: Timestamp = "2030-01-01T12:00:00Z".parse().unwrap();
    let patience = Patience(Duration::from_secs(1));
    let line = |start| {
        let clock = Arc::new(FastClock::starting_at(start, 1));
        let (records, rate) = (bench.records.clone(), Rate::UNATTENDED);
        Arc::new(Line::new(records, clock, "gateway", rate, patience))
    };
    let requests = async |line: &Arc<Line>, count| {
        let turn = line.enter().await.unwrap();
        let mut sent = 0;
        while sent < count && turn.request(async {}).await.is_ok() {
            sent += 1;
        }
        turn.leave().await.unwrap();
        sent
    };
    assert_eq!(requests(&line(noon), 16).await, 16);
    let line = line(noon - SignedDuration::from_hours(1));
    assert_eq!(requests(&line, 16).await, 4, "twenty in ten seconds");
    time::sleep(Duration::from_secs(61)).await;
    assert_eq!(requests(&line, 16).await, 16);
}

/// Seconds before or after the hour, as the records have them.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn a_turn_is_free_when_it_is_one_s_own_or_its_lease_has_ended_or_cannot_be() {
    let check = |holder: Option<(&str, i64)>, expect| {
        let holder = holder.map(|(id, until)| Holder { id: id.to_owned(), until: at(until) });
        let standing = Standing { holder, recent: Vec::new() };
        assert_eq!(standing.is_free_for("me", at(0)), expect, "{standing:?}");
    };
    check(None, true);
    check(Some(("me", 10)), true);
    check(Some(("me", -1)), true);
    check(Some(("you", -1)), true);
    check(Some(("you", 0)), true);
    check(Some(("you", 1)), false);
    check(Some(("you", 10)), false);
    check(Some(("you", 20)), false);
    check(Some(("you", 21)), true);
}

#[test]
fn only_the_requests_of_the_last_minute_count() {
    let check = |recent: &[i64], sent: &[i64], now: i64, expect: &[i64]| {
        let times = |seconds: &[i64]| seconds.iter().map(|second| at(*second)).collect::<Vec<_>>();
        let mut standing = Standing { holder: None, recent: times(recent) };
        standing.add(&times(sent), at(now));
        assert_eq!(standing.recent, times(expect), "{recent:?} and {sent:?} at {now}");
    };
    check(&[], &[0], 0, &[0]);
    check(&[0, 1], &[59, 30], 59, &[0, 1, 30, 59]);
    check(&[0, 1], &[], 60, &[1]);
    check(&[0, 1], &[], 61, &[]);
    // The clock was set back since: what lies ahead counts as sent now.
    check(&[0, 10], &[5], 5, &[0, 5, 5]);
}

#[test]
fn requests_are_spread_over_the_time_that_the_rate_needs() {
    let check = |rate: Rate, requests, seconds| {
        assert_eq!(rate.spread(requests), Duration::from_secs(seconds), "{requests} by {rate:?}");
    };
    check(Rate::UNATTENDED, 0, 0);
    check(Rate::UNATTENDED, 1, 2);
    check(Rate::UNATTENDED, 30, 60);
    check(Rate::UNATTENDED, 45, 90);
    check(Rate::BY_HAND, 30, 30);
    check(Rate::UNLIMITED, 1000, 0);
    check(Rate { per_minute: 0, burst: 0 }, 1, 60);
}

/// Sends `requests` in one turn, as fast as they may.
async fn send(turn: &Guard, requests: usize) {
    for _ in 0..requests {
        turn.request(async {}).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_slot_is_waited_for_as_long_as_patience_lasts_and_no_longer() {
    let check = async |patience, expect: Option<i64>| {
        let bench = Bench::new();
        let turn = bench.process(Rate::UNATTENDED, patience).enter().await.unwrap();
        send(&turn, 20).await;
        let held = turn.request(async {}).await.err().map(|error| error.retry_at().unwrap());
        assert_eq!(held.map(Timestamp::as_second), expect, "with {patience} s of patience");
    };
    check(9, Some(10)).await;
    check(10, None).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_beside_the_line_counts() {
    let bench = Bench::new();
    let line = bench.process(Rate::UNATTENDED, 0);
    for _ in 0..10 {
        Line::note(&bench.records, "gateway", bench.clock.now()).await.unwrap();
    }
    let turn = line.enter().await.unwrap();
    send(&turn, 5).await;
    for _ in 0..5 {
        turn.count_request();
    }
    assert_eq!(turn.request(async {}).await.unwrap_err().kind(), ErrorKind::Held);
}

#[tokio::test(start_paused = true)]
async fn a_turn_is_shared_until_all_but_one_have_left_or_are_gone() {
    let bench = Bench::new();
    let line = bench.process(Rate::UNLIMITED, 1);
    let first = line.enter().await.unwrap();
    assert!(first.is_last());
    let second = line.enter().await.unwrap();
    assert!(!first.is_last() && !second.is_last());
    second.leave().await.unwrap();
    assert!(first.is_last());
    drop(line.enter().await.unwrap());
    assert!(first.is_last());
    first.leave().await.unwrap();
    assert!(bench.process(Rate::UNLIMITED, 0).enter().await.is_ok());
}

/// A store that counts how often it is written.
#[derive(Default)]
struct Counting {
    store: MemoryStore,
    written: AtomicUsize,
}

impl Store for Counting {
    fn load(&self, key: &Key) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.store.load(key)
    }

    fn update(
        &self,
        key: &Key,
        change: &mut dyn FnMut(Option<&[u8]>) -> Change,
    ) -> Result<(), StoreError> {
        self.written.fetch_add(1, SeqCst);
        self.store.update(key, change)
    }

    fn names(&self, space: Space) -> Result<Vec<String>, StoreError> {
        self.store.names(space)
    }

    fn may_block(&self) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn requests_cost_the_store_a_write_now_and_then() {
    let store = Arc::new(Counting::default());
    let bench = Bench::with(Records::new(store.clone()));
    let turn = bench.process(Rate::UNLIMITED, 1).enter().await.unwrap();
    send(&turn, 100).await;
    assert_eq!(store.written.load(SeqCst), 1, "the turn was taken, and nothing else");
    turn.request(time::sleep(Duration::from_secs(31))).await.unwrap();
    assert_eq!(store.written.load(SeqCst), 11, "the lease was renewed every three seconds");
}

/// How often a person was told to wait while `work` ran.
async fn told_to_wait<T>(work: impl Future<Output = T>) -> usize {
    told::times(|event| event.target() == WAITING, work).await
}

#[tokio::test(start_paused = true)]
async fn who_waits_longer_than_a_second_for_a_turn_is_told_once() {
    let check = async |patience: u64, expect: usize| {
        let bench = Bench::new();
        let turn = bench.process(Rate::UNLIMITED, 1).enter().await.unwrap();
        let other = bench.process(Rate::UNLIMITED, patience);
        let waiting = async {
            tokio::join!(turn.request(time::sleep(Duration::from_secs(20))), other.enter())
        };
        assert_eq!(told_to_wait(waiting).await, expect, "with {patience} s of patience");
    };
    check(1, 0).await;
    check(9, 1).await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_longer_than_a_second_for_a_slot_is_told_once() {
    let check = async |idle: u64, expect: usize| {
        let bench = Bench::new();
        let turn = bench.process(Rate::UNATTENDED, 60).enter().await.unwrap();
        send(&turn, 20).await;
        time::sleep(Duration::from_secs(idle)).await;
        assert_eq!(told_to_wait(turn.request(async {})).await, expect, "after {idle} s");
    };
    check(0, 1).await;
    check(8, 1).await;
    check(9, 0).await;
    check(10, 0).await;
}

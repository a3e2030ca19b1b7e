use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use proptest::prelude::*;
use tokio::{task::JoinSet, time};

use super::*;
use crate::FastClock;

struct Bench {
    records: Records,
    clock: Arc<dyn Clock>,
}

impl Bench {
    fn new() -> Self {
        let clock = Arc::new(FastClock::starting_at(Timestamp::UNIX_EPOCH, 1));
        Self { records: Records::in_memory(), clock }
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
    assert_eq!(held.unwrap_err().kind(), ErrorKind::Held);
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
async fn requests_ahead_of_a_clock_that_was_set_back_do_not_count() {
    let bench = Bench::new();
    let noon: Timestamp = "2030-01-01T12:00:00Z".parse().unwrap();
    let patience = Patience(Duration::from_secs(1));
    for noon in [noon, noon - SignedDuration::from_hours(1)] {
        let clock = Arc::new(FastClock::starting_at(noon, 1));
        let line = Line::new(bench.records.clone(), clock, "gateway", Rate::UNATTENDED, patience);
        let line = Arc::new(line);
        let turn = line.enter().await.unwrap();
        for _ in 0..16 {
            turn.request(async {}).await.unwrap();
        }
        turn.leave().await.unwrap();
    }
}

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

/// The end of time, in seconds: what a clock cannot pass.
const END: i64 = 253_402_207_200;

#[test]
fn what_lies_beyond_time_is_its_end() {
    let check = |start: Timestamp, by: i64, expect: Timestamp| {
        assert_eq!(shifted(start, SignedDuration::from_secs(by)), expect, "{start} by {by} s");
        if let Ok(wait) = by.try_into() {
            assert_eq!(later(start, Duration::from_secs(wait)), expect, "{by} s after {start}");
        }
    };
    let second = |second| Timestamp::from_second(second).unwrap();
    check(second(0), 0, second(0));
    check(second(0), 90, second(90));
    check(second(0), -90, second(-90));
    check(second(0), END + 90, Timestamp::MAX);
    check(second(0), i64::MAX, Timestamp::MAX);
    check(second(0), i64::MIN, Timestamp::MIN);
    check(Timestamp::MAX, 1, Timestamp::MAX);
    check(Timestamp::MIN, -1, Timestamp::MIN);
    assert_eq!(later(second(0), Duration::MAX), Timestamp::MAX);
}

#[tokio::test(start_paused = true)]
async fn a_fast_clock_lives_an_hour_a_minute() {
    let start = "2026-03-01T12:00:00Z".parse().unwrap();
    let clock = FastClock::starting_at(start, 60);
    let begun = Instant::now();
    assert_eq!(clock.now(), start);
    clock.sleep(HOUR).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(60));
    assert_eq!(clock.now(), later(start, HOUR));
}

#[tokio::test(start_paused = true)]
async fn a_fast_clock_without_speed_runs_as_others_do() {
    let clock = FastClock::starting_at(Timestamp::UNIX_EPOCH, 0);
    clock.sleep(HOUR).await;
    assert_eq!(clock.now(), later(Timestamp::UNIX_EPOCH, HOUR));
}

#[tokio::test(start_paused = true)]
async fn a_fast_clock_stops_at_the_end_of_time() {
    let clock = FastClock::starting_at(Timestamp::MAX, 1);
    time::sleep(HOUR).await;
    assert_eq!(clock.now(), Timestamp::MAX);
}

#[tokio::test(start_paused = true)]
async fn the_system_clock_shows_the_hour_of_the_machine_and_waits() {
    #[expect(clippy::disallowed_methods, reason = "what it is compared with")]
    let now = Timestamp::now();
    assert!(
        SystemClock.now() >= now - SignedDuration::from_mins(1),
        "{} at {now}",
        SystemClock.now()
    );
    let begun = Instant::now();
    SystemClock.sleep(HOUR).await;
    assert_eq!(begun.elapsed(), HOUR);
}

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::constant(1_782_034_200, 0);

fn at(seconds: f64) -> Timestamp {
    START + SignedDuration::from_secs_f64(seconds)
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

const READ: Outcome = Outcome::Read { bearable: Duration::ZERO };
const FAILED: Outcome = Outcome::Failed { retry_at: None };

fn until(retry_at: f64) -> Outcome {
    Outcome::Failed { retry_at: Some(at(retry_at)) }
}

/// A poll `every` so many seconds is due at the start and ends with this `outcome` at `ended`: when
/// is the next one?
#[track_caller]
fn check(every: f64, outcome: Outcome, ended: f64, expect: f64) {
    let pace = Pace::starting(seconds(every), START).after(outcome, at(ended));
    let due = START.duration_until(pace.due()).as_secs_f64();
    assert!((due - expect).abs() < 1e-6, "due after {due} s, not {expect}");
}

#[test]
fn good_polls_stay_on_the_grid() {
    check(60.0, READ, 0.0, 60.0);
    check(60.0, READ, 2.5, 60.0);
    check(60.0, READ, 59.999, 60.0);
    check(60.0, READ, 60.0, 120.0);
    check(10.0, READ, 44.0, 50.0);
    check(86_400.0, READ, 1.0, 86_400.0);
}

#[test]
fn a_gateway_that_bears_less_is_asked_less() {
    let read = |bearable| Outcome::Read { bearable: seconds(bearable) };
    check(10.0, read(24.0), 1.0, 24.0);
    check(10.0, read(24.0), 25.0, 48.0);
    check(60.0, read(24.0), 1.0, 60.0);
}

#[test]
fn a_machine_that_slept_polls_once_and_goes_on() {
    check(60.0, READ, 8.0 * 3_600.0 + 2.0, 8.0 * 3_600.0 + 60.0);
    check(3_600.0, FAILED, 8.0 * 3_600.0, 8.0 * 3_600.0 + 15.0);
}

#[test]
fn a_clock_that_was_set_back_delays_nothing() {
    check(60.0, READ, -3_600.0, -3_540.0);
    check(60.0, FAILED, -3_600.0, -3_540.0);
    check(3_600.0, FAILED, -3_600.0, -3_540.0);
}

#[test]
fn while_nothing_can_be_read_polls_are_a_minute_apart() {
    for every in [10.0, 60.0, 3_600.0] {
        check(every, FAILED, 0.0, 60.0);
        check(every, FAILED, 10.0, 60.0);
        check(every, FAILED, 45.0, 60.0);
        check(every, FAILED, 95.0, 110.0);
    }
}

#[test]
fn a_time_that_is_named_is_kept_to_if_it_is_near() {
    check(3_600.0, until(20.0), 1.0, 20.0);
    check(60.0, until(60.5), 1.0, 60.5);
    check(60.0, until(1.5), 1.0, 11.0);
    check(60.0, until(0.5), 1.0, 60.0);
    check(60.0, until(3_600.0), 1.0, 60.0);
    check(60.0, until(-3_600.0), 1.0, 60.0);
}

#[derive(Debug, Clone)]
struct Poll {
    takes: Duration,
    outcome: Ending,
}

#[derive(Debug, Clone)]
enum Ending {
    Read { bearable: Duration },
    Failed,
    FailedUntil(Duration),
}

impl Ending {
    fn at(&self, now: Timestamp) -> Outcome {
        match *self {
            Self::Read { bearable } => Outcome::Read { bearable },
            Self::Failed => FAILED,
            Self::FailedUntil(wait) => Outcome::Failed { retry_at: Some(later(now, wait)) },
        }
    }
}

fn span(longest: u64) -> impl Strategy<Value = Duration> {
    (0..longest * 1_000).prop_map(Duration::from_millis)
}

fn polls() -> impl Strategy<Value = Vec<Poll>> {
    let outcome = prop_oneof![
        span(90).prop_map(|bearable| Ending::Read { bearable }),
        Just(Ending::Failed),
        span(7_200).prop_map(Ending::FailedUntil),
    ];
    let poll = (span(150), outcome).prop_map(|(takes, outcome)| Poll { takes, outcome });
    prop::collection::vec(poll, 1..60)
}

/// When the polls begin, each on time.
fn begun(every: Duration, polls: &[Poll]) -> Vec<Timestamp> {
    let mut pace = Pace::starting(every, START);
    let step = |poll: &Poll| {
        let begun = pace.due();
        let now = later(begun, poll.takes);
        pace = pace.after(poll.outcome.at(now), now);
        assert!(pace.due() > now, "polls overlap");
        begun
    };
    polls.iter().map(step).collect()
}

proptest! {
    #[test]
    fn whatever_happens_polls_begin_at_least_ten_seconds_apart(
        every in (10_u64..7_200).prop_map(Duration::from_secs),
        polls in polls(),
    ) {
        let begun = begun(every, &polls);
        for pair in begun.windows(2) {
            prop_assert!(pair[0].duration_until(pair[1]) >= SignedDuration::from_secs(10));
        }
    }

    #[test]
    fn a_gateway_that_is_back_is_found_within_a_minute_of_the_last_try(
        every in (10_u64..7_200).prop_map(Duration::from_secs),
        before in polls(),
        takes in span(45),
    ) {
        let failing = Poll { takes, outcome: Ending::Failed };
        let last = Poll { takes: Duration::ZERO, outcome: Ending::Failed };
        let polls = [before, vec![failing, last]].concat();
        let begun = begun(every, &polls);
        let [.., failed, next] = begun[..] else { unreachable!("there are two more") };
        prop_assert!(failed.duration_until(next) <= SignedDuration::from_secs(60));
    }

    #[test]
    fn good_polls_are_never_further_apart_than_the_interval_and_what_was_missed(
        every in (10_u64..7_200).prop_map(Duration::from_secs),
        takes in span(150),
    ) {
        let poll = Poll { takes, outcome: Ending::Read { bearable: Duration::ZERO } };
        let begun = begun(every, &[poll.clone(), poll]);
        let apart = Duration::try_from(begun[0].duration_until(begun[1])).unwrap();
        prop_assert!(apart <= takes + every);
        prop_assert_eq!(apart.as_nanos() % every.as_nanos(), 0);
    }
}

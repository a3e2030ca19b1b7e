use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

const H: i64 = 3600;
const DAY: i64 = 24 * H;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn of_life(seconds: i64) -> Validity {
    Validity { issued_at: at(0), expires_at: Some(at(seconds)) }
}

#[test]
fn a_renewal_is_due_in_the_first_third_of_its_window() {
    let check = |life, share, expect| {
        assert_eq!(Renewal::draw(&of_life(life), share).due(), at(expect), "{life} s, {share}");
    };
    check(365 * DAY, 0.0, 335 * DAY);
    check(365 * DAY, 0.5, 340 * DAY);
    check(365 * DAY, 1.0, 345 * DAY);
    check(12 * H, 0.0, 8 * H);
    check(12 * H, 1.0, 8 * H + 80 * 60);
    check(900, 1.0, 900);
    check(12 * H, -1.0, 8 * H);
    check(12 * H, 7.0, 8 * H + 80 * 60);
    let endless = Validity { issued_at: at(0), expires_at: None };
    assert_eq!(Renewal::draw(&endless, 0.5).due(), Timestamp::MAX);
}

#[test]
fn that_a_renewal_is_late_is_told_once() {
    let validity = of_life(12 * H);
    let mut renewal = Renewal::draw(&validity, 0.0);
    let mut told = Vec::new();
    for hour in 8..12 {
        let (next, is_news) = renewal.tried(&validity, at(hour * H));
        renewal = next;
        told.push(is_news);
    }
    assert_eq!(told, [false, false, true, false]);
}

#[test]
fn failures_in_a_row_are_rarer_and_rarer() {
    let (first, longest) = (Duration::from_secs(600), Duration::from_secs(4 * 3600));
    let minutes: Vec<_> =
        (0..9).map(|count| retry_after(count, first, longest).as_secs() / 60).collect();
    assert_eq!(minutes, [10, 10, 20, 40, 80, 160, 240, 240, 240]);
    assert_eq!(retry_after(u32::MAX, first, longest), longest);
    assert_eq!(retry_after(5, first, Duration::ZERO), first);
}

#[test]
fn tries_at_a_cloud_that_is_down_are_few_and_none_is_late() {
    let (first, longest) = (Duration::from_secs(600), Duration::from_secs(4 * 3600));
    let mut tries = vec![0];
    for count in 1..100 {
        tries.push(tries[tries.len() - 1] + retry_after(count, first, longest).as_secs());
    }
    let within = |span: u64| {
        let from =
            |begin: &u64| tries.iter().filter(|at| (*begin..begin + span).contains(at)).count();
        tries.iter().map(from).max().unwrap()
    };
    assert!(within(3600) <= 6, "C7: {} within an hour", within(3600));
    assert!(within(86_400) <= 10, "B1: {} within a day", within(86_400));
    assert!(tries.windows(2).all(|pair| pair[1] - pair[0] <= 6 * 3600), "C8");
}

proptest! {
    /// Whatever is drawn, the renewal begins within its window, and before it is late.
    #[test]
    fn no_draw_is_early_or_late(life in H..1000 * DAY, share in 0.0..1.0) {
        let validity = of_life(life);
        let due = Renewal::draw(&validity, share).due();
        prop_assert!(due >= validity.fresh_until());
        prop_assert!(!validity.is_renewal_late(due));
        prop_assert!(due < at(life) - SignedDuration::from_secs(1));
    }
}

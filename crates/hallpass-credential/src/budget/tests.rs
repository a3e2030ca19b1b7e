use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A history of `(second, outcome)` with one and the same password.
fn history(attempts: &[(i64, Outcome)]) -> History {
    let mut history = History::default();
    for (second, outcome) in attempts {
        history.begin("mark", at(*second));
        history.end(at(*second), *outcome, None);
    }
    history
}

/// Asks at `now` as a program; `Some` gives the kind and the second from which it may.
fn check(attempts: &[(i64, Outcome)], now: i64, held: Option<(ErrorKind, Option<i64>)>) {
    let answer = history(attempts).may_log_in("mark", Asker::Program, at(now));
    let answer = answer.err().map(|e| (e.kind(), e.retry_at().map(Timestamp::as_second)));
    assert_eq!(answer, held, "{attempts:?} at {now}");
}

const MINUTE: i64 = 60;
const H: i64 = 3600;

#[test]
fn rests_follow_the_cause() {
    use Outcome::*;
    check(&[], 0, None);
    check(&[(0, Accepted)], 1, None);
    check(&[(0, Rejected)], 1, Some((ErrorKind::Rejected, Some(5 * MINUTE))));
    check(&[(0, Rejected)], 5 * MINUTE, None);
    check(&[(0, Rejected), (300, Rejected)], 301, Some((ErrorKind::Rejected, Some(300 + H))));
    check(&[(0, Blocked)], 23 * H, Some((ErrorKind::Blocked, Some(24 * H))));
    check(&[(0, OneTimeCode)], 40 * H, Some((ErrorKind::OneTimeCode, None)));
    check(&[(0, Failed)], 1, Some((ErrorKind::CloudUnreachable, Some(MINUTE))));
    check(&[(0, NotSent), (60, NotSent)], 61, Some((ErrorKind::CloudUnreachable, Some(180))));
    check(&[(0, Sent)], 1, Some((ErrorKind::CloudUnreachable, Some(MINUTE))));
    check(&[(0, Rejected), (300, Accepted)], 301, None);
    check(&[(0, Blocked), (H, NotSent)], 2 * H, Some((ErrorKind::Blocked, Some(24 * H))));
    check(&[(0, Blocked), (H, Failed)], H + 1, Some((ErrorKind::Blocked, Some(24 * H))));
    check(&[(0, Rejected), (300, Failed)], 301, Some((ErrorKind::CloudUnreachable, Some(360))));
    check(&[(0, OneTimeCode), (H, NotSent)], 2 * H, Some((ErrorKind::OneTimeCode, None)));
    check(
        &[(0, Rejected), (300, Rejected), (400, NotSent)],
        1000,
        Some((ErrorKind::Rejected, Some(300 + H))),
    );
    check(&[(10 * H, Failed)], 0, Some((ErrorKind::CloudUnreachable, Some(10 * H + MINUTE))));
    check(&[(48 * H, Failed)], 0, Some((ErrorKind::CloudUnreachable, Some(MINUTE))));
}

#[test]
fn two_histories_together_leave_no_more_than_either() {
    use Outcome::*;
    let check = |one: &[_], other: &[_], together: &[_]| {
        assert_eq!(
            history(one).and(history(other)).attempts,
            history(together).attempts,
            "{one:?} and {other:?}"
        );
    };
    check(&[], &[], &[]);
    check(&[(1, Accepted)], &[], &[(1, Accepted)]);
    check(&[], &[(1, Rejected)], &[(1, Rejected)]);
    check(&[(1, Rejected), (2, Accepted)], &[(1, Rejected)], &[(1, Rejected), (2, Accepted)]);
    // Another machine's clock may be behind.
    check(&[(2, Accepted)], &[(1, OneTimeCode)], &[(2, Accepted), (1, OneTimeCode)]);
    // A backup from the middle of a login knows less of it.
    check(&[(1, Blocked)], &[(1, Sent)], &[(1, Blocked)]);
}

#[test]
fn ceilings_hold_whatever_the_outcome() {
    let hourly: Vec<_> = (0..4).map(|n| (n * 600, Outcome::Accepted)).collect();
    check(&hourly, 1801, Some((ErrorKind::NeedsLogin, Some(H))));
    check(&hourly, H, None);
    let daily: Vec<_> = (0..10).map(|n| (n * H, Outcome::Accepted)).collect();
    check(&daily, 10 * H, Some((ErrorKind::NeedsLogin, Some(24 * H))));
    let failed: Vec<_> = (0..4).map(|n| (n * 600, Outcome::Failed)).collect();
    check(&failed, 1801, Some((ErrorKind::CloudUnreachable, Some(H))));
    let unsent: Vec<_> = (0..20).map(|n| (n, Outcome::NotSent)).collect();
    check(&unsent, 2 * H, None);
}

#[test]
fn four_rejections_a_day_are_the_most() {
    let rejected: Vec<_> = (0..4).map(|n| (n * 6 * H, Outcome::Rejected)).collect();
    let mut history = history(&rejected);
    history.begin("mark", at(18 * H + 1));
    history.end(at(18 * H + 1), Outcome::Accepted, None);
    let held = history.may_log_in("another", Asker::Person, at(19 * H)).unwrap_err();
    assert_eq!(held.retry_at(), Some(at(24 * H)));
}

#[test]
fn a_changed_password_lifts_a_cool_down_and_the_same_one_does_not() {
    let rejected = history(&[(0, Outcome::Rejected)]);
    assert!(rejected.may_log_in("another", Asker::Program, at(1)).is_ok());
    assert!(rejected.may_log_in("mark", Asker::Program, at(1)).is_err());
}

#[test]
fn two_wrong_passwords_do_not_lift_each_other() {
    let mut history = History::default();
    for (second, mark) in [(0, "one"), (1, "two")] {
        assert!(history.may_log_in(mark, Asker::Program, at(second)).is_ok());
        history.begin(mark, at(second));
        history.end(at(second), Outcome::Rejected, None);
    }
    assert!(history.may_log_in("one", Asker::Program, at(2)).is_err());
    assert!(history.may_log_in("two", Asker::Program, at(2)).is_err());
    assert!(history.may_log_in("three", Asker::Program, at(2)).is_ok());
}

#[test]
fn another_password_lifts_nothing_but_a_rejection() {
    for outcome in [Outcome::Blocked, Outcome::OneTimeCode, Outcome::Failed] {
        let answer = history(&[(0, outcome)]).may_log_in("another", Asker::Program, at(1));
        assert!(answer.is_err(), "{outcome:?}");
    }
}

#[test]
fn the_second_form_of_a_login_passes_a_cool_down_and_no_ceiling() {
    assert!(history(&[(0, Outcome::Failed)]).may_go_on(at(0)).is_ok());
    assert!(history(&[(0, Outcome::Failed); 4]).may_go_on(at(0)).is_err());
}

#[test]
fn a_person_skips_a_cool_down_once_a_minute_and_never_a_ceiling() {
    let rejected = history(&[(0, Outcome::Rejected)]);
    assert!(rejected.may_log_in("mark", Asker::Person, at(59)).is_err());
    assert!(rejected.may_log_in("mark", Asker::Person, at(60)).is_ok());
    let code = history(&[(0, Outcome::OneTimeCode)]);
    assert!(code.may_log_in("mark", Asker::Person, at(60)).is_ok());
    let often = history(&[(0, Outcome::Failed); 4]);
    assert!(often.may_log_in("mark", Asker::Person, at(H - 1)).is_err());
}

#[test]
fn the_cloud_s_own_patience_is_kept() {
    let mut history = History::default();
    history.begin("mark", at(0));
    history.end(at(0), Outcome::Failed, Some(at(2 * H)));
    let held = history.may_log_in("mark", Asker::Program, at(H)).unwrap_err();
    assert_eq!(held.retry_at(), Some(at(2 * H)));
}

/// Attempts at `attempts`, the clock then set so that it shows `now`, in sight of what vouches for it
/// or not: how many logins are left this hour and today.
fn check_step(attempts: &[(i64, Outcome)], now: i64, trust: Trust, left: (usize, usize)) {
    let mut history = history(attempts);
    history.settle(at(now), trust);
    assert_eq!(history.left(at(now)), left, "{attempts:?} at {now}, {trust:?}");
}

#[test]
fn a_clock_that_is_set_neither_clears_the_budget_nor_locks_it() {
    use Trust::*;
    let often: Vec<_> = (0..4).map(|n| (n * 60, Outcome::Accepted)).collect();
    check_step(&often, 180, Believed, (0, 6));
    // Time that has passed.
    check_step(&often, 2 * H, Believed, (4, 6));
    check_step(&often, 2 * H, Doubted, (4, 6));
    check_step(&often, 48 * H, Believed, (4, 10));
    // Two years that nothing vouches for, and an hour back: no time has passed.
    check_step(&often, 2 * 365 * 24 * H, Doubted, (0, 6));
    check_step(&often, -H, Believed, (0, 6));
    check_step(&often, -2 * 365 * 24 * H, Doubted, (0, 6));
}

#[test]
fn a_history_is_stored_anew_where_a_step_has_moved_it() {
    let check = |now: i64, trust, expect| {
        let mut history = history(&[(0, Outcome::Accepted)]);
        assert_eq!(history.settle(at(now), trust), expect, "at {now}, {trust:?}");
    };
    check(60, Trust::Believed, false);
    check(48 * H, Trust::Believed, false);
    check(48 * H, Trust::Doubted, true);
    check(-H, Trust::Believed, false);
    check(-48 * H, Trust::Believed, true);
}

#[test]
fn what_was_written_while_the_clock_was_wrong_ends_in_its_time() {
    let ahead = 2 * 365 * 24 * H;
    let mut history = history(&[(0, Outcome::Accepted); 2]);
    for (now, trust) in [(ahead, Trust::Doubted), (ahead + 60, Trust::Doubted)] {
        history.settle(at(now), trust);
        history.begin("mark", at(now));
        history.end(at(now), Outcome::Accepted, None);
    }
    assert_eq!(history.left(at(ahead + 60)), (0, 6));
    // Back again, and on from there.
    history.settle(at(H), Trust::Believed);
    assert_eq!(history.left(at(H)), (0, 6));
    assert_eq!(history.left(at(2 * H)), (4, 6));
    assert_eq!(history.left(at(25 * H)), (4, 10));
}

#[test]
fn back_an_hour_and_right_again_is_no_hour() {
    let mut history = history(&[(10 * H, Outcome::Accepted); 4]);
    for now in [9 * H, 9 * H + 60, 10 * H + 120] {
        history.settle(at(now), Trust::Believed);
        assert_eq!(history.left(at(now)), (0, 6), "{now}");
    }
    assert_eq!(history.left(at(11 * H)), (4, 6));
}

#[test]
fn a_rest_goes_on_when_the_clock_is_set_back() {
    let check = |back: i64, until: i64| {
        let mut history = history(&[(100 * H, Outcome::Rejected)]);
        let now = (100 - back) * H;
        history.settle(at(now), Trust::Believed);
        let held = history.may_log_in("mark", Asker::Program, at(now + 60)).unwrap_err();
        assert_eq!(held.retry_at(), Some(at(until)), "{back} h");
        assert!(history.may_log_in("mark", Asker::Program, at(until)).is_ok(), "{back} h");
    };
    check(1, 100 * H + 300);
    check(48, 52 * H + 300);
}

#[test]
fn what_only_a_person_can_help_is_remembered_until_then() {
    let daily: Vec<_> = (0..9).map(|day| (day * 25 * H, Outcome::Rejected)).collect();
    check(&daily, 201 * H, Some((ErrorKind::Rejected, Some(224 * H))));
    let code = [(0, Outcome::OneTimeCode), (100 * H, Outcome::Failed), (200 * H, Outcome::Failed)];
    check(&code, 300 * H, Some((ErrorKind::OneTimeCode, None)));
    assert_eq!(history(&code).attempts().len(), 2, "the first failure helps nobody any more");
    let often: Vec<_> = (0..1000).map(|day| (day * 25 * H, Outcome::Rejected)).collect();
    assert!(history(&often).attempts().len() <= TROUBLES + 1);
    let lifted = [(0, Outcome::OneTimeCode), (1, Outcome::Accepted), (100 * H, Outcome::Accepted)];
    assert_eq!(history(&lifted).attempts().len(), 1);
}

#[test]
fn what_became_of_a_login_is_known_though_the_clock_was_set_meanwhile() {
    let mut history = History::default();
    history.begin("mark", at(100 * H));
    history.settle(at(9 * H), Trust::Believed);
    history.end(at(100 * H), Outcome::Blocked, None);
    assert_eq!(history.attempts()[0].outcome, Outcome::Blocked);
    assert_eq!(history.attempts()[0].at, at(9 * H));
}

fn outcome() -> impl Strategy<Value = Outcome> {
    use Outcome::*;
    prop::sample::select(vec![Sent, Accepted, Rejected, OneTimeCode, Blocked, Failed, NotSent])
}

proptest! {
    /// Whatever the cloud answers and whoever asks, however eagerly, the ceilings hold.
    #[test]
    fn no_eagerness_exceeds_the_ceilings(
        asks in prop::collection::vec((0..2 * H, outcome(), any::<bool>(), 0..3u8), 1..200)
    ) {
        let mut history = History::default();
        let mut logins: Vec<i64> = Vec::new();
        let mut now = 0;
        for (wait, outcome, person, password) in asks {
            now += wait / 10;
            let asker = if person { Asker::Person } else { Asker::Program };
            let mark = password.to_string();
            if history.may_log_in(&mark, asker, at(now)).is_ok() {
                history.begin(&mark, at(now));
                history.end(at(now), outcome, None);
                if outcome != Outcome::NotSent { logins.push(now) }
            }
            for (window, ceiling) in [(H, PER_HOUR), (24 * H, PER_DAY)] {
                let recent = logins.iter().filter(|login| now - **login < window).count();
                prop_assert!(recent <= ceiling, "{recent} logins within {window} s");
            }
        }
    }
}

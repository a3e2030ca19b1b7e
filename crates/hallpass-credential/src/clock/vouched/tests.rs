use super::*;

const H: i64 = 3600;
const DAY: i64 = 24 * H;
const YEAR: i64 = 365 * DAY;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// What the clock is worth at `now` after other clocks were heard: `(witness, now)` each.
fn check(heard: &[(i64, i64)], now: i64, expect: Trust) {
    let vouched = heard
        .iter()
        .fold(Vouched::default(), |vouched, (witness, now)| vouched.and(at(*witness), at(*now)));
    assert_eq!(vouched.trust(at(now)), expect, "{heard:?} at {now}");
}

#[test]
fn a_clock_is_believed_within_a_day_of_what_vouched_for_it() {
    use Trust::*;
    check(&[], 0, Doubted);
    check(&[(0, 0)], 0, Believed);
    check(&[(DAY, 0)], 0, Believed);
    check(&[(DAY + 1, 0)], 0, Doubted);
    check(&[(-2 * DAY, 0)], 0, Doubted);
    check(&[(0, 0)], DAY, Believed);
    check(&[(0, 0)], DAY + 1, Doubted);
    // Set ahead by two years: neither the hour that was saved nor the device agrees.
    check(&[(0, 0), (H, 2 * YEAR + H)], 2 * YEAR + H, Doubted);
    check(&[(0, 0), (H, 2 * YEAR + H)], 2 * H, Believed);
    // Off for a week, and the device agrees.
    check(&[(0, 0), (7 * DAY, 7 * DAY)], 7 * DAY, Believed);
    // The device is two days behind; the cloud is not.
    check(&[(-2 * DAY, 0), (60, 0)], 0, Believed);
}

#[test]
fn what_is_believed_goes_on_and_is_saved_once_an_hour() {
    let vouched = Vouched::default().and(at(0), at(0));
    assert_eq!(vouched.going_on(at(H - 1)), vouched);
    assert_eq!(vouched.going_on(at(H)).trust(at(DAY + H)), Trust::Believed);
    assert_eq!(vouched.and(at(H - 1), at(H - 1)), vouched);
    assert_eq!(vouched.and(at(-H), at(-H)).trust(at(-DAY - H)), Trust::Believed);
}

#[test]
fn only_a_step_moves_what_is_written_down() {
    let check = |(seen, before), (now, trust), step, leap| {
        let (seen, now) = (Seen::at(at(seen), before), Seen::at(at(now), trust));
        let moved = (seen.step(now).as_secs(), seen.leap(now).as_secs());
        assert_eq!(moved, (step, leap), "{seen:?} to {now:?}");
    };
    use Trust::*;
    check((0, Believed), (0, Believed), 0, 0);
    check((0, Believed), (7 * DAY, Believed), 0, 0);
    check((0, Believed), (8 * H, Doubted), 0, 0);
    check((0, Believed), (2 * YEAR, Doubted), 2 * YEAR, 2 * YEAR);
    check((0, Believed), (DAY, Doubted), 0, 0);
    check((0, Believed), (DAY + 1, Doubted), DAY + 1, DAY + 1);
    check((0, Doubted), (2 * YEAR, Believed), 2 * YEAR, 2 * YEAR);
    check((0, Doubted), (8 * H, Believed), 0, 0);
    check((0, Believed), (-H, Believed), -H, 0);
    check((0, Believed), (-H, Doubted), -H, 0);
    check((0, Believed), (-DAY, Believed), -DAY, 0);
    check((0, Believed), (-DAY - 1, Believed), -DAY - 1, -DAY - 1);
    check((0, Believed), (-2 * DAY, Doubted), -2 * DAY, -2 * DAY);
    check((0, Believed), (-1, Believed), 0, 0);
}

#[test]
fn a_look_goes_on_with_the_clock_s_worth() {
    for trust in [Trust::Believed, Trust::Doubted] {
        assert_eq!(Seen::at(at(0), trust).going_on(at(H)), Seen::at(at(H), trust));
    }
}

#[test]
fn what_was_kept_by_another_clock_is_moved_beside_ours_unless_both_are_believed() {
    let check = |(own, trust), (other, their_trust), expect| {
        let (own, other) = (Seen::at(at(own), trust), Seen::at(at(other), their_trust));
        assert_eq!(own.align(other).as_secs(), expect, "{other:?} beside {own:?}");
    };
    use Trust::*;
    check((100, Believed), (40, Believed), 0);
    check((100, Believed), (40, Doubted), 60);
    check((40, Doubted), (100, Believed), -60);
    check((40, Doubted), (100, Doubted), -60);
}

#[tokio::test]
async fn all_who_share_a_store_share_what_vouched() {
    let records = Records::in_memory();
    assert_eq!(Vouched::look(&records, at(0)).await.unwrap(), Trust::Doubted);
    Vouched::hear(&records, at(5), at(0)).await.unwrap();
    for hour in 0..100 {
        assert_eq!(Vouched::look(&records, at(hour * H)).await.unwrap(), Trust::Believed, "{hour}");
    }
    assert_eq!(Vouched::look(&records, at(2 * YEAR)).await.unwrap(), Trust::Doubted);
}

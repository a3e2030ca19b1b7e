use super::*;

const H: i64 = 3600;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// What a device can show.
#[derive(Debug, Clone, Copy)]
enum Shown {
    Lost,
    Answered,
    Runs(&'static str),
    Refused(u64),
    Accepted,
    RefusedNew,
    AcceptedNew,
}

use Shown::*;

fn evidence(shown: &[(i64, Shown)]) -> Evidence {
    let mut evidence = Evidence::default();
    for (second, shown) in shown {
        let now = at(*second);
        evidence.settle(now, Trust::Believed);
        match shown {
            Lost => evidence.lost(now),
            Answered => evidence.answered(now),
            Runs(firmware) => evidence.runs(firmware, now),
            Refused(generation) => evidence.refused(*generation, now),
            Accepted => evidence.accepted(now),
            RefusedNew => evidence.refused_new(now),
            AcceptedNew => evidence.accepted_new(),
        }
    }
    evidence
}

/// Asks at `now`; `Some` gives the second from which it may.
fn check(shown: &[(i64, Shown)], why: Reason, now: i64, held_until: Option<i64>) {
    let answer = may_ask_cloud(&evidence(shown), why, at(now)).err();
    if let Some(error) = &answer {
        assert_eq!(error.kind(), ErrorKind::NeedsLogin);
    }
    let until = answer.map(|error| error.retry_at().unwrap().as_second());
    assert_eq!(until, held_until, "{shown:?}, {why:?} at {now}");
}

#[test]
fn a_device_without_a_token_or_near_its_end_may_at_once() {
    for why in [Reason::Missing, Reason::Expired, Reason::Aging, Reason::Wanted] {
        check(&[], why, 0, None);
        check(&[(0, Lost), (10, Answered)], why, 11, None);
        check(&[(0, Refused(1))], why, 1, None);
    }
}

#[test]
fn two_refusals_of_one_token_a_minute_apart_are_definite() {
    let seven = Reason::Refused(7);
    check(&[], seven, 0, Some(60));
    check(&[(0, Refused(7))], seven, 0, Some(60));
    check(&[(0, Refused(7))], seven, 600, Some(600));
    check(&[(0, Refused(7)), (59, Refused(7))], seven, 59, Some(60));
    check(&[(0, Refused(7)), (60, Refused(7))], seven, 60, None);
    check(&[(0, Refused(7)), (30, Refused(7)), (61, Refused(7))], seven, 61, None);
    check(&[(0, Refused(6)), (60, Refused(7))], seven, 60, Some(120));
    check(&[(0, Refused(7)), (60, Refused(7))], Reason::Refused(8), 60, Some(120));
    check(&[(0, Refused(7)), (30, Accepted), (60, Refused(7))], seven, 60, Some(120));
}

#[test]
fn what_is_refused_soon_after_an_outage_is_not_believed() {
    let one = Reason::Refused(1);
    let refused = |outage: &[(i64, Shown)], ended: i64| {
        [outage, &[(ended + 1, Refused(1)), (ended + 90, Refused(1))]].concat()
    };
    let outage = [(0, Lost), (100, Lost), (600, Answered), (600, Answered)];
    check(&refused(&outage, 600), one, 690, Some(900));
    check(&refused(&outage, 600), one, 900, None);
    // The firmware changed with it, which is found out a little later.
    let update = [(-60, Runs("7.6")), (0, Lost), (600, Answered), (601, Runs("8.2"))];
    check(&refused(&update, 601), one, 691, Some(720));
    check(&refused(&update, 601), one, 720, None);
    // It did not.
    let same = [(-60, Runs("7.6")), (0, Lost), (600, Runs("7.6"))];
    check(&refused(&same, 600), one, 899, Some(900));
    // It changed while nobody looked.
    let unseen = [(-60, Runs("7.6")), (600, Runs("8.2"))];
    check(&refused(&unseen, 600), one, 690, Some(720));
    let again = [(-60, Runs("7.6")), (0, Lost), (9, Runs("7.6")), (600, Runs("8.2"))];
    check(&refused(&again, 600), one, 690, Some(720));
    // Nobody knew the firmware before.
    let first = [(0, Lost), (600, Runs("8.2"))];
    check(&refused(&first, 600), one, 899, Some(900));
}

#[test]
fn what_is_refused_before_an_outage_does_not_count_after_it() {
    let shown = [(0, Refused(1)), (30, Lost), (60, Answered), (400, Refused(1))];
    check(&shown, Reason::Refused(1), 400, Some(460));
}

#[test]
fn a_device_that_is_away_is_no_reason_to_ask() {
    let shown = [(0, Refused(1)), (60, Refused(1)), (70, Lost)];
    check(&shown, Reason::Refused(1), 700, Some(1000));
}

#[test]
fn a_new_token_that_is_refused_rests_longer_and_longer() {
    for why in [Reason::Missing, Reason::Aging, Reason::Expired] {
        let mut shown = vec![(0, RefusedNew)];
        check(&shown, why, 0, Some(15 * 60));
        check(&shown, why, 15 * 60, None);
        shown.push((15 * 60, RefusedNew));
        check(&shown, why, 16 * 60, Some(15 * 60 + H));
        shown.push((2 * H, RefusedNew));
        check(&shown, why, 2 * H, Some(8 * H));
        shown.push((8 * H, RefusedNew));
        check(&shown, why, 8 * H, Some(14 * H));
        // That the old one is taken says nothing of the new ones.
        shown.push((9 * H, Accepted));
        check(&shown, why, 9 * H, Some(14 * H));
        check(&shown, Reason::Wanted, 9 * H, None);
        shown.push((9 * H, AcceptedNew));
        check(&shown, why, 9 * H, None);
    }
    let shown = [(0, RefusedNew), (1, Refused(1)), (61, Refused(1))];
    check(&shown, Reason::Refused(1), 61, Some(15 * 60));
}

#[test]
fn a_clock_that_is_set_makes_no_proof_and_takes_none() {
    let year = 365 * 24 * H;
    let one = Reason::Refused(1);
    let after = |shown: &[(i64, Shown)], now: i64, trust| {
        let mut evidence = evidence(shown);
        evidence.settle(at(now), trust);
        evidence.refused(1, at(now));
        may_ask_cloud(&evidence, one, at(now)).err().and_then(|held| held.retry_at())
    };
    // A second, told as two years.
    assert_eq!(after(&[(0, Refused(1))], year, Trust::Doubted), Some(at(year + 60)));
    // An hour back: half of the minute has passed.
    let half = [(H, Refused(1)), (H + 30, Refused(1))];
    assert_eq!(after(&half, 0, Trust::Believed), Some(at(30)));
    let outage = [(0, Lost), (H, Answered), (H + 1, Refused(1)), (H + 90, Refused(1))];
    assert_eq!(after(&outage, 0, Trust::Believed), Some(at(300 - 90)));
    assert_eq!(after(&[(H, RefusedNew)], 0, Trust::Believed), Some(at(900)));
}

#[test]
fn the_last_outage_is_told() {
    let check = |shown: &[_], expect: Option<(i64, Option<i64>)>| {
        let expect = expect.map(|(began, ended)| (at(began), ended.map(at)));
        assert_eq!(evidence(shown).last_outage(), expect, "{shown:?}");
    };
    check(&[(0, Answered)], None);
    check(&[(0, Runs("7.6")), (5, Runs("7.6"))], None);
    check(&[(0, Runs("7.6")), (5, Runs("8.2"))], Some((5, Some(5))));
    check(&[(0, Lost), (5, Lost)], Some((0, None)));
    check(&[(0, Lost), (5, Answered), (6, Answered)], Some((0, Some(5))));
    check(&[(0, Lost), (5, Answered), (6, Lost)], Some((6, None)));
}

#[test]
fn a_device_checks_a_token_once_a_minute() {
    let check = |times: &[(i64, Trust)], expect: &[bool]| {
        let mut evidence = Evidence::default();
        let may = times.iter().map(|(second, trust)| {
            evidence.settle(at(*second), *trust);
            evidence.may_check(at(*second))
        });
        assert_eq!(may.collect::<Vec<_>>(), expect, "{times:?}");
    };
    use Trust::*;
    check(&[(0, Believed), (59, Believed), (60, Believed)], &[true, false, true]);
    check(&[(H, Believed), (0, Believed), (60, Believed)], &[true, false, true]);
    let year = 365 * 24 * H;
    check(&[(0, Believed), (year, Doubted), (year + 60, Doubted)], &[true, false, true]);
    check(&[(0, Doubted), (year, Believed), (year + 60, Believed)], &[true, false, true]);
}

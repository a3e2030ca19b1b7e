use super::*;

const DAY: i64 = 86_400;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// What a login is for after a token of so many days was accepted at 0 and refused at these seconds.
fn check(days: i64, refusals: &[i64], login: i64, expect: Cause) {
    let mut trust = Trust::default();
    trust.accept(Life { issued: at(0), expires: at(days * DAY) });
    refusals.iter().for_each(|second| trust.refuse(at(*second)));
    assert_eq!(
        trust.cause(&Presence::default(), at(login)),
        expect,
        "{days} days, refused at {refusals:?}, login at {login}"
    );
}

#[test]
fn a_good_token_is_no_cause_until_its_last_days() {
    check(365, &[], 100, Cause::Nothing);
    check(365, &[], 334 * DAY, Cause::Nothing);
    check(365, &[], 334 * DAY + 1, Cause::Sound);
    check(365, &[], 400 * DAY, Cause::Sound);
    check(9, &[], 5 * DAY, Cause::Nothing);
    check(9, &[], 5 * DAY + 1, Cause::Sound);
}

#[test]
fn two_refusals_a_minute_apart_are_a_cause() {
    check(365, &[100], 110, Cause::OneRefusal);
    check(365, &[100, 101, 102], 110, Cause::OneRefusal);
    check(365, &[100, 160], 161, Cause::Sound);
}

#[test]
fn an_accepted_token_makes_refusals_forgotten() {
    let mut trust = Trust::default();
    assert_eq!(trust.cause(&Presence::default(), at(0)), Cause::Sound);
    trust.refuse(at(0));
    assert_eq!(trust.cause(&Presence::default(), at(0)), Cause::Sound);
    trust.refuse(at(60));
    trust.accept(Life { issued: at(0), expires: at(365 * DAY) });
    assert_eq!(trust.cause(&Presence::default(), at(61)), Cause::Nothing);
}

#[test]
fn a_gateway_that_is_away_or_just_back_is_a_cause_for_nothing() {
    let mut trust = Trust::default();
    trust.accept(Life { issued: at(0), expires: at(365 * DAY) });
    let mut presence = Presence::default();
    presence.turned_away(at(100));
    assert_eq!(trust.cause(&presence, at(340 * DAY)), Cause::Away);
    presence.met((7, 6, 175), at(200));
    (200..400).step_by(60).for_each(|second| trust.refuse(at(second)));
    assert_eq!(trust.cause(&presence, at(494)), Cause::Settling);
    assert_eq!(trust.cause(&presence, at(495)), Cause::Sound);
}

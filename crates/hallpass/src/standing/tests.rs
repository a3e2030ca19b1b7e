use hallpass_credential::{ErrorKind, Validity};
use jiff::{SignedDuration, Timestamp};

use super::{Facts, Standing};

const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);

const LOGGED_OUT: Facts = Facts {
    is_suspended: false,
    unreachable: None,
    has_account: false,
    takes_password: false,
    token: None,
    held_back: None,
};

fn check(facts: Facts, expect: Standing, exit: u8) {
    let standing = Standing::of(&facts, NOW);
    assert_eq!(standing, expect, "{facts:?}");
    assert_eq!(standing.exit().code(), exit);
}

/// A token for a year that ends so many days from now.
fn token(days: i64) -> Option<Validity> {
    let end = NOW + SignedDuration::from_hours(24 * days);
    Some(Validity { issued_at: end - SignedDuration::from_hours(24 * 365), expires_at: Some(end) })
}

#[test]
fn a_token_decides_from_firmware_7_on() {
    check(LOGGED_OUT, Standing::LoggedOut, 3);
    let with = |token, has_account| Facts { token, has_account, ..LOGGED_OUT };
    check(with(token(300), false), Standing::LoggedIn, 0);
    check(with(token(10), false), Standing::LoggedIn, 0);
    check(with(token(10), true), Standing::Renewing, 0);
    check(with(token(-1), true), Standing::Renewing, 0);
    check(with(token(-1), false), Standing::NeedsLogin, 3);
}

#[test]
fn an_account_that_was_refused_does_not_renew() {
    let held_back = Some(ErrorKind::Rejected);
    let refused = Facts { token: token(-1), has_account: true, held_back, ..LOGGED_OUT };
    check(refused, Standing::NeedsLogin, 3);
    check(Facts { token: token(10), ..refused }, Standing::LoggedIn, 0);
    let held_back = Some(ErrorKind::CloudUnreachable);
    check(Facts { held_back, ..refused }, Standing::Renewing, 0);
}

#[test]
fn a_password_alone_decides_before_firmware_7() {
    let old = Facts { takes_password: true, ..LOGGED_OUT };
    check(old, Standing::LoggedOut, 3);
    check(Facts { has_account: true, ..old }, Standing::LoggedIn, 0);
}

#[test]
fn identity_is_worse_than_absence_and_absence_than_logins() {
    let gone = Facts { unreachable: Some(ErrorKind::Unreachable), ..LOGGED_OUT };
    check(gone, Standing::Unreachable, 4);
    check(Facts { is_suspended: true, ..gone }, Standing::Suspended, 7);
    let other = Facts { unreachable: Some(ErrorKind::IdentityChanged), ..LOGGED_OUT };
    check(other, Standing::Suspended, 7);
}

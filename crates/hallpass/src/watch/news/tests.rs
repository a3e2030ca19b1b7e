use hallpass_credential::{self as credential, ErrorKind};
use jiff::tz::Offset;

use super::*;
use crate::{exit::Exit, problem::OrAbout};

/// Half past eleven in the morning of 21 June 2026, two hours east of Greenwich.
const NOW: Timestamp = Timestamp::constant(1_782_034_200, 0);

#[track_caller]
fn check(news: &News<'_>, expect: &str) {
    let zone = TimeZone::fixed(Offset::constant(2));
    assert_eq!(news.words(NOW, &zone), expect);
}

fn error(kind: ErrorKind, text: &str) -> Error {
    let error: Result<(), _> = Err(credential::Error::new(kind, text));
    error.or_about("read", "roof").unwrap_err()
}

#[test]
fn times_are_local_and_have_a_date_where_it_is_another_one() {
    let until = |until: &str| News::Asleep { until: until.parse().unwrap() };
    check(&until("2026-06-21T21:12:40Z"), "the sun is down: asleep until 23:12");
    check(&until("2026-06-22T03:12:40Z"), "the sun is down: asleep until 2026-06-22 05:12");
    check(&until("2027-01-15T10:40:00Z"), "the sun is down: asleep until 2027-01-15 12:40");
}

#[test]
fn an_outage_is_told_with_what_helps() {
    let away = error(ErrorKind::Unreachable, "the gateway cannot be reached");
    check(
        &News::Lost { error: &away, helps: Helps::Waiting },
        "cannot read roof: the gateway cannot be reached; it is tried again once a minute",
    );
    let refused = error(ErrorKind::NeedsLogin, "nobody has logged in");
    check(
        &News::Lost { error: &refused, helps: Helps::Person(Exit::NeedsLogin) },
        "cannot read roof: nobody has logged in; run `hallpass login roof`",
    );
    let back = News::Back { name: "roof", after: Duration::from_secs(754) };
    check(&back, "roof is read again, after 12 min 34 s");
}

#[test]
fn a_token_that_is_not_renewed_is_told_with_what_helps() {
    let refused = credential::Error::new(ErrorKind::Rejected, "the cloud refuses the password");
    let refused: Result<(), _> = Err(refused);
    check(
        &News::Overdue { error: &refused.or_about("renew the token of", "roof").unwrap_err() },
        "cannot renew the token of roof: the cloud refuses the password; while the old one lasts, \
         reading goes on; check the user name and the password (those of the cloud can be tried in \
         a browser at https://enlighten.enphaseenergy.com), then run `hallpass login roof`",
    );
}

#[test]
fn a_slower_pace_is_told() {
    check(
        &News::Slowed { to: Duration::from_secs(24) },
        "the gateway bears such a poll each 24 s; that is how often it is read",
    );
}

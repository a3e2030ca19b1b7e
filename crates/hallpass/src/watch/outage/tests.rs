use hallpass_credential::{ErrorKind, later, store::StoreErrorKind};

use super::*;

const NOW: Timestamp = Timestamp::constant(1_782_034_200, 0);

/// What helps against an error of this kind that may be worth trying again after so many seconds.
#[track_caller]
fn check(kind: ErrorKind, retry_after: Option<u64>, expect: Helps) {
    let error = Error::new(kind, "it does not work");
    let error = match retry_after {
        Some(seconds) => error.until(later(NOW, Duration::from_secs(seconds))),
        None => error,
    };
    assert_eq!(helps(&error.into(), NOW), expect, "{kind:?} {retry_after:?}");
}

#[test]
fn a_device_that_does_not_answer_will_answer_again() {
    check(ErrorKind::Unreachable, None, Helps::Waiting);
    check(ErrorKind::NotADevice, None, Helps::Waiting);
    check(ErrorKind::NotUnderstood, None, Helps::Waiting);
    check(ErrorKind::Held, Some(20), Helps::Waiting);
    check(ErrorKind::Store(StoreErrorKind::Busy), None, Helps::Waiting);
}

#[test]
fn a_person_helps_where_no_near_time_is_named() {
    check(ErrorKind::Blocked, Some(86_400), Helps::Person(Exit::NeedsLogin));
    check(ErrorKind::CloudUnreachable, Some(3_600), Helps::Person(Exit::CloudUnreachable));
    check(ErrorKind::Forbidden, None, Helps::Person(Exit::Forbidden));
    check(ErrorKind::Store(StoreErrorKind::NotWritable), None, Helps::Person(Exit::Failed));
    check(ErrorKind::NeedsLogin, Some(60), Helps::Waiting);
    check(ErrorKind::CloudUnreachable, Some(10), Helps::Waiting);
}

#[test]
fn an_outage_is_told_once_for_each_thing_that_helps() {
    let mut outage = Outage::beginning(NOW);
    let cloud = Helps::Person(Exit::CloudUnreachable);
    let told = [Helps::Waiting, Helps::Waiting, cloud, Helps::Waiting, cloud];
    assert_eq!(told.map(|helps| outage.is_news(helps)), [true, false, true, false, false]);
}

#[test]
fn an_outage_lasts_until_it_ends_whatever_the_clock_does() {
    let outage = Outage::beginning(NOW);
    assert_eq!(outage.lasted(later(NOW, Duration::from_secs(61))), Duration::from_secs(61));
    assert_eq!(outage.lasted(Timestamp::UNIX_EPOCH), Duration::ZERO);
}

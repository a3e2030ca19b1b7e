use std::error::Error as _;

use super::*;

#[test]
fn an_answer_is_lost_where_the_next_may_come() {
    let check = |kind: ErrorKind, expect| assert_eq!(kind.is_one_answer_lost(), expect, "{kind:?}");
    check(ErrorKind::NotADevice, true);
    check(ErrorKind::NotUnderstood, true);
    check(ErrorKind::Unreachable, true);
    check(ErrorKind::Forbidden, false);
    check(ErrorKind::Held, false);
    check(ErrorKind::IdentityChanged, false);
    check(ErrorKind::NeedsLogin, false);
    check(ErrorKind::Rejected, false);
    check(ErrorKind::Store(StoreErrorKind::Busy), false);
    check(ErrorKind::Untrusted, false);
}

#[test]
fn an_error_tells_its_clause_its_time_and_what_is_below_it() {
    let retry_at = Timestamp::UNIX_EPOCH;
    let below = StoreError::new(StoreErrorKind::Busy, "it is locked");
    let plain = Error::new(ErrorKind::Held, "somebody else is in");
    assert!(plain.source().is_none() && plain.retry_at().is_none());

    let shared = plain.clone();
    let full = shared.until(retry_at).because(below);
    assert_eq!((full.kind(), full.retry_at()), (ErrorKind::Held, Some(retry_at)));
    assert_eq!(full.to_string(), "somebody else is in");
    assert_eq!(full.source().unwrap().to_string(), "it is locked");
    assert!(plain.source().is_none() && plain.retry_at().is_none(), "the other one is as it was");
}

#[test]
fn a_store_s_error_keeps_its_kind_and_its_cause() {
    let below = StoreError::new(StoreErrorKind::Corrupt, "no database");
    let store = StoreError::new(StoreErrorKind::Sealed, "another key").with_source(below);
    let error = Error::from(store);
    assert_eq!(error.kind(), ErrorKind::Store(StoreErrorKind::Sealed));
    assert_eq!(error.to_string(), "another key");
    let cause = error.source().unwrap();
    assert_eq!(cause.to_string(), "another key");
    assert_eq!(cause.source().unwrap().to_string(), "no database");
}

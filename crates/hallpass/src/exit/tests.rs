use std::io;

use hallpass_credential::{
    self as credential, ErrorKind,
    store::{StoreError, StoreErrorKind},
};
use hallpass_store::DirectoryError;
use http::StatusCode;

use super::Exit;
use crate::{
    output::OutputClosed,
    problem::{OrAbout, Problem},
};

#[test]
fn each_kind_of_failure_has_its_exit_code() {
    let check = |kind, expect: u8| assert_eq!(Exit::of_kind(kind).code(), expect, "{kind:?}");
    check(ErrorKind::Held, 1);
    check(ErrorKind::NotADevice, 1);
    check(ErrorKind::NotUnderstood, 1);
    check(ErrorKind::Untrusted, 1);
    check(ErrorKind::Store(StoreErrorKind::Corrupt), 1);
    check(ErrorKind::Invalid, 2);
    check(ErrorKind::Blocked, 3);
    check(ErrorKind::NeedsLogin, 3);
    check(ErrorKind::OneTimeCode, 3);
    check(ErrorKind::Rejected, 3);
    check(ErrorKind::Unreachable, 4);
    check(ErrorKind::CloudUnreachable, 5);
    check(ErrorKind::Forbidden, 6);
    check(ErrorKind::IdentityChanged, 7);
}

#[test]
fn the_outermost_opinion_decides() {
    let check = |error: anyhow::Error, expect: u8| assert_eq!(Exit::of(&error).code(), expect);
    check(anyhow::anyhow!("anything"), 1);
    check(Problem::usage("typed wrongly").into(), 2);
    let store = || StoreError::new(StoreErrorKind::Busy, "busy");
    check(store().into(), 1);
    check(DirectoryError::Store(store()).into(), 1);
    check(DirectoryError::NotEnrolled { serial_number: "1".to_owned() }.into(), 3);
    let unreachable = || credential::Error::new(ErrorKind::Unreachable, "gone");
    check(Err::<(), _>(unreachable()).or_about("read", "roof").unwrap_err(), 4);
    let context = anyhow::Error::from(unreachable()).context(Problem::usage("typed wrongly"));
    check(Err::<(), _>(context).or_about("read", "roof").unwrap_err(), 2);
    let because = credential::Error::new(ErrorKind::NeedsLogin, "no").because(unreachable());
    check(because.into(), 3);
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let closed = |kind| OutputClosed(io::Error::from(kind)).into();
    assert_eq!(Exit::of(&closed(io::ErrorKind::BrokenPipe)), Exit::Done);
    assert_eq!(Exit::of(&closed(io::ErrorKind::StorageFull)), Exit::Failed);
    // The same of a device is one.
    assert_eq!(Exit::of(&io::Error::from(io::ErrorKind::BrokenPipe).into()), Exit::Failed);
}

#[test]
fn an_answer_has_an_exit_code_too() {
    let check = |status: u16, expect: u8| {
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(Exit::of_answer(status).code(), expect, "{status}");
    };
    check(200, 0);
    check(204, 0);
    check(301, 1);
    check(401, 6);
    check(403, 6);
    check(404, 1);
    check(503, 1);
}

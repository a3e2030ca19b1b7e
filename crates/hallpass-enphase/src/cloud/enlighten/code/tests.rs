use super::*;
use crate::cloud::tests::{at, reply};

/// What an answer to a code means: the session's id, none for a wrong code, or outcome and kind.
fn check(status: u16, body: &str, expect: Result<Option<&str>, (Outcome, ErrorKind)>) {
    let understood = understand(&reply(status, &[], body), at(0));
    let understood =
        understood.map(|session| session.map(|session| session.id.expose().to_owned()));
    let understood = understood.map_err(|refusal| (refusal.outcome, refusal.error.kind()));
    assert_eq!(understood, expect.map(|id| id.map(str::to_owned)), "{status} {body}");
}

#[test]
fn an_answer_to_a_code_is_a_session_or_wrong_or_a_reason() {
    let blocked = Err((Outcome::Blocked, ErrorKind::Blocked));
    let failed = Err((Outcome::OneTimeCode, ErrorKind::CloudUnreachable));
    check(
        200,
        r#"{"message":"success","session_id":"abc","isValidMobileNumber":true}"#,
        Ok(Some("abc")),
    );
    check(200, r#"{"isValid":false,"isBlocked":false}"#, Ok(None));
    check(200, r#"{"isValid":false,"isBlocked":true}"#, blocked);
    check(422, r#"{"isBlocked":true}"#, blocked);
    check(200, "<html>", blocked);
    for status in [400, 404, 409, 422] {
        check(status, "", Ok(None));
    }
    for status in [301, 401, 403, 429, 500, 503] {
        check(status, "", failed);
    }
    for body in ["", "{}", "null", r#"{"session_id":""}"#, r#"{"session_id":7}"#] {
        check(200, body, failed);
    }
}

use super::*;
use crate::cloud::tests::{at, reply};

/// What an answer means: the token, or whether the session was refused and when to try again.
fn check(status: u16, body: &str, expect: Result<&str, (bool, Option<i64>)>) {
    let understood = understand(&reply(status, &[], body), at(0));
    let understood = understood.map(|token| token.expose().to_owned());
    let understood = understood.map_err(|attempt| match attempt {
        Attempt::Refused(error) => (true, error.retry_at().map(Timestamp::as_second)),
        Attempt::Failed(error) => (false, error.retry_at().map(Timestamp::as_second)),
    });
    assert_eq!(understood, expect.map(str::to_owned), "{status} {body}");
}

#[test]
fn both_shapes_of_a_token_are_taken_and_nothing_else() {
    let rest = Some(600);
    check(200, "aa.bb.cc", Ok("aa.bb.cc"));
    check(200, " aa.bb.cc\n", Ok("aa.bb.cc"));
    check(200, "\"aa.bb.cc\"", Ok("aa.bb.cc"));
    check(200, r#"{"generation_time":1,"token":"aa.bb.cc","expires_at":2}"#, Ok("aa.bb.cc"));
    check(200, "", Err((false, rest)));
    check(200, "aa.bb", Err((false, rest)));
    check(200, "{}", Err((false, rest)));
    check(200, r#"{"token":null}"#, Err((false, rest)));
    check(200, "<html>a.b.c</html>", Err((false, rest)));
    check(200, "<textarea>Error: no such gateway</textarea>", Err((false, rest)));
    check(400, "", Err((false, rest)));
    check(403, "", Err((false, rest)));
    check(500, "aa.bb.cc", Err((false, rest)));
    check(503, "", Err((false, Some(900))));
    check(401, "", Err((true, None)));
}

#[test]
fn the_request_names_session_serial_number_and_account() {
    let session = CloudSession { id: "s\"1".into(), is_consumer: None, manager_claims: None };
    let request = tokens_request(&session, "a@b.example", "122100001613").unwrap();
    let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
    let expect = json!({
        "session_id": "s\"1", "serial_num": "122100001613", "username": "a@b.example",
    });
    assert_eq!(body, expect);
}

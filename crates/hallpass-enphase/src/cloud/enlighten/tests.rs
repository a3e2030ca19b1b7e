use super::*;
use crate::cloud::tests::{at, reply};

/// What an answer with `status` and `body` means: the session's id, or outcome and kind.
fn check(status: u16, body: &str, expect: Result<&str, (Outcome, ErrorKind)>) {
    let understood = understand(&reply(status, &[], body), at(0));
    let understood = understood.map(|session| session.id.expose().to_owned());
    let understood = understood.map_err(|refusal| (refusal.outcome, refusal.error.kind()));
    assert_eq!(understood, expect.map(str::to_owned), "{status} {body}");
}

#[test]
fn a_login_answer_is_a_session_or_a_reason() {
    let rejected = Err((Outcome::Rejected, ErrorKind::Rejected));
    let blocked = Err((Outcome::Blocked, ErrorKind::Blocked));
    let code = Err((Outcome::OneTimeCode, ErrorKind::OneTimeCode));
    let failed = Err((Outcome::Failed, ErrorKind::CloudUnreachable));
    check(200, r#"{"message":"success","session_id":"abc","manager_token":"x.y.z"}"#, Ok("abc"));
    check(200, r#"{"session_id":"abc","is_consumer":true,"new":[1]}"#, Ok("abc"));
    check(401, r#"{"message":"Invalid"}"#, rejected);
    check(401, "<html>", rejected);
    check(200, r#"{"success":true,"isBlocked":false}"#, code);
    check(200, r#"{"requires_mfa":true}"#, code);
    check(200, r#"{"success":false,"isBlocked":false}"#, blocked);
    check(200, r#"{"isBlocked":true}"#, blocked);
    check(200, r#"{"message":"Too many active sessions on this account"}"#, blocked);
    check(429, "too many active sessions", blocked);
    check(200, "<!DOCTYPE html><title>Log in</title>", blocked);
    check(200, "  \n<html>", blocked);
    check(200, "", failed);
    check(200, "null", failed);
    check(200, "{}", failed);
    check(200, r#"{"session_id":7}"#, failed);
    check(200, r#"{"session_id":""}"#, failed);
    check(200, r#"{"session_id":"abc""#, failed);
    check(200, &"[".repeat(10_000), failed);
    check(301, "", failed);
    check(400, "", failed);
    check(500, "", failed);
}

#[test]
fn an_empty_answer_is_read_from_its_cookie() {
    let cookies = [("set-cookie", "_enlighten_4_session=abc; HttpOnly; Secure")];
    let session = understand(&reply(200, &cookies, ""), at(0)).unwrap();
    assert_eq!(session.id.expose(), "abc");
}

#[test]
fn only_a_4xx_that_is_no_clear_answer_is_sent_once_more_in_another_way() {
    for (status, expect) in [
        (400, "multipart"),
        (403, "multipart"),
        (415, "multipart"),
        (406, "form"),
        (401, "nothing"),
        (429, "nothing"),
        (500, "nothing"),
    ] {
        let refusal = understand(&reply(status, &[], ""), at(0)).unwrap_err();
        let remedy = match refusal.remedy {
            Remedy::Multipart => "multipart",
            Remedy::Form => "form",
            _ => "nothing",
        };
        assert_eq!(remedy, expect, "{status}");
    }
}

#[test]
fn the_form_leads_on_with_a_session_or_back_to_the_login() {
    let check = |status, headers: &[(&'static str, &'static str)], body, expect| {
        let understood = understand_form(&reply(status, headers, body), at(0));
        let understood = understood.map(|session| session.id.expose().to_owned());
        let understood = understood.map_err(|refusal| refusal.outcome);
        assert_eq!(understood, expect, "{status} {headers:?} {body}");
    };
    let cookie = ("set-cookie", "_enlighten_4_session=abc; HttpOnly");
    check(302, &[("location", "/"), cookie], "", Ok("abc".to_owned()));
    check(302, &[("location", "/")], "", Err(Outcome::Failed));
    check(302, &[("location", "/login"), cookie], "", Err(Outcome::Blocked));
    check(302, &[cookie], "", Err(Outcome::Failed));
    check(401, &[cookie], "", Err(Outcome::Rejected));
    check(200, &[cookie], "<html>", Err(Outcome::Blocked));
    check(200, &[], r#"{"session_id":"abc"}"#, Ok("abc".to_owned()));
}

#[test]
fn a_cloud_that_asks_for_patience_gets_it() {
    let refusal = understand(&reply(503, &[("retry-after", "60")], ""), at(0)).unwrap_err();
    assert_eq!(refusal.error.retry_at(), Some(at(60)));
}

#[test]
fn the_cloud_s_own_token_is_read_where_it_is_one() {
    let claims = |token| unverified_claims(token).map(|claims| claims.to_string());
    assert_eq!(claims("e30.eyJkYXRhIjp7fX0.x").as_deref(), Some(r#"{"data":{}}"#));
    // {"data":{"session_id":"x","user_id":1}}
    let with_session = "e30.eyJkYXRhIjp7InNlc3Npb25faWQiOiJ4IiwidXNlcl9pZCI6MX19.x";
    assert_eq!(claims(with_session).as_deref(), Some(r#"{"data":{"user_id":1}}"#));
    for odd in ["", "a", "a.b", "a.!.c", "a.e3s.c"] {
        assert_eq!(claims(odd), None, "{odd}");
    }
}

#[test]
fn passwords_of_any_characters_are_sent_as_they_are() {
    let password = "p%&+= \"ü\u{1f511}";
    let account = Account { username: "a+b@c.example".to_owned(), password: password.into() };
    let request = urlencoded(&account).unwrap();
    let fields: Vec<_> = form_urlencoded::parse(request.body()).into_owned().collect();
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(fields, [field(EMAIL_FIELD, "a+b@c.example"), field(PASSWORD_FIELD, password)]);

    let request = multipart(&account).unwrap();
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    assert!(body.contains(&format!("name=\"user[password]\"\r\n\r\n{password}\r\n--")));
}

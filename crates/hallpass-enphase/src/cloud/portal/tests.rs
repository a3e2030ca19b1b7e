use hallpass_credential::budget::Outcome;

use super::*;
use crate::cloud::tests::{at, reply};

/// What an answer means: the session's id, or the kind of failure.
fn check(status: u16, body: &str, expect: Result<&str, ErrorKind>) {
    let cookies = [("set-cookie", "SESSION=abc; Path=/; Secure; HttpOnly; SameSite=Lax")];
    let understood = understand(&reply(status, &cookies, body), at(0));
    let understood = understood.map(|session| session.id.expose().to_owned());
    let understood = understood.map_err(|refusal| refusal.error.kind());
    assert_eq!(understood, expect.map(str::to_owned), "{status} {body}");
}

#[test]
fn the_page_behind_the_login_tells_whether_it_was_right() {
    let login = "<title>Enphase Authentication | Login page</title>";
    let wrong = format!("{login}<p class=\"error\">Wrong username or password</p>");
    let select = "<title>Enphase Authentication | Select Gateway</title>\
        <form action=\"/entrez_tokens\" method=\"post\">";
    check(200, select, Ok("abc"));
    check(200, &format!("<script>{}</script>{select}", " ".repeat(100_000)), Ok("abc"));
    check(200, &wrong, Err(ErrorKind::Rejected));
    check(200, login, Err(ErrorKind::Blocked));
    check(200, "Too many active sessions", Err(ErrorKind::Blocked));
    check(200, "", Err(ErrorKind::CloudUnreachable));
    check(200, "<html>maintenance</html>", Err(ErrorKind::CloudUnreachable));
    check(404, select, Err(ErrorKind::CloudUnreachable));
    check(302, "", Err(ErrorKind::CloudUnreachable));
}

#[test]
fn a_page_without_a_session_is_no_login() {
    let page = reply(200, &[], "<form action=\"/entrez_tokens\">");
    assert_eq!(understand(&page, at(0)).unwrap_err().outcome, Outcome::Failed);
}

#[test]
fn passwords_of_any_characters_are_sent_as_they_are() {
    let password = "p%&+= \"ü\u{1f511}";
    let account = Account { username: "a+b@c.example".to_owned(), password: password.into() };
    let request = login_request(&account).unwrap();
    let fields: Vec<_> = form_urlencoded::parse(request.body()).into_owned().collect();
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expect = [
        field("username", "a+b@c.example"),
        field("password", password),
        field("authFlow", "entrezSession"),
    ];
    assert_eq!(fields, expect);
}

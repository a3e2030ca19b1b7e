use http::header::SET_COOKIE;

use super::*;

fn jar(answers: &[&[&'static str]]) -> Jar {
    let mut jar = Jar::default();
    for cookies in answers {
        let headers = cookies.iter().map(|cookie| (SET_COOKIE, HeaderValue::from_static(cookie)));
        jar.take(&headers.collect());
    }
    jar
}

#[test]
fn cookies_are_kept_and_sent_together() {
    let check = |answers: &[&[&'static str]], expect: &str| {
        let header = jar(answers).header().unwrap();
        assert_eq!(header, expect, "{answers:?}");
        assert!(header.is_sensitive());
    };
    check(&[&["a=1; path=/; HttpOnly", "b=2=3; Secure"]], "a=1; b=2=3");
    check(&[&["a=1", "b=2"], &["b=4; path=/"]], "a=1; b=4");
    check(&[&["nonsense", "a=1"]], "a=1");
    check(&[], "");
}

#[test]
fn a_token_against_forged_requests_is_found_by_its_name() {
    let check = |answers: &[&[&'static str]], expect: Option<&str>| {
        let token = jar(answers).csrf_token().unwrap();
        assert_eq!(token.as_ref().map(|token| token.to_str().unwrap()), expect, "{answers:?}");
    };
    check(&[&["a=1", "XSRF-TOKEN=abc"]], Some("abc"));
    check(&[&["BP-Xsrf-Token=abc"]], Some("abc"));
    check(&[&["a=1"]], None);
}

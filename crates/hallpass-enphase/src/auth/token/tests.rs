use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_700_000_000;
const SERIAL: &str = "122100001613";

fn token(claims: Value) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(json!({"alg": "ES256"})), part(claims))
}

fn claims() -> Value {
    json!({"aud": SERIAL, "iss": "Entrez", "enphaseUser": "owner", "exp": NOW + 1000, "iat": NOW,
        "jti": "j", "username": "a@b.example"})
}

/// The claims with one of them changed, or removed by null.
fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    if claims[name].is_null() {
        claims.as_object_mut().unwrap().remove(name);
    }
    token(claims)
}

fn admit(text: &str) -> Result<Token> {
    Token::admit(text, SERIAL, &[], Timestamp::from_second(NOW).unwrap())
}

fn refused(text: &str, kind: ErrorKind, context: &str) {
    let error = admit(text).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(context), "{error}");
}

#[test]
fn a_token_for_the_gateway_is_admitted() {
    let admitted = admit(&token(claims())).unwrap();
    assert_eq!(admitted.role(), &Role::Owner);
    assert_eq!(admitted.expires_at().as_second(), NOW + 1000);
    assert!(!admitted.is_verified(), "nobody's signature");
    assert!(admit(&with("aud", json!("un-commissioned"))).is_ok());
    assert!(admit(&with("iat", Value::Null)).is_ok());
    assert!(admit(&with("jti", Value::Null)).is_ok());
    assert!(admit(&with("iat", json!(NOW + 3600))).is_ok(), "an hour is a clock that is off");
}

#[test]
fn roles_are_read_from_the_token_and_unknown_ones_kept() {
    let role = |name| admit(&with("enphaseUser", json!(name))).unwrap().role().clone();
    assert_eq!(role("installer"), Role::Installer);
    assert_eq!(role("OEM"), Role::Other("OEM".to_owned()));
    assert_eq!(serde_json::to_value(role("OEM")).unwrap(), "OEM");
}

#[test]
fn what_no_gateway_should_see_is_refused() {
    refused(&with("aud", json!("999")), ErrorKind::Rejected, "for the gateway 999");
    refused(&with("iss", json!("Somebody")), ErrorKind::Rejected, "Entrez");
    refused(&with("exp", json!(NOW)), ErrorKind::NeedsLogin, "expired at 2023-11-14T22:13:20Z");
    refused(&with("exp", json!((NOW + 1000) * 1000)), ErrorKind::Rejected, "century");
    refused(&with("exp", json!(i64::MAX)), ErrorKind::Rejected, "century");
    refused(&with("exp", Value::Null), ErrorKind::Rejected, "claims");
    refused(&with("exp", json!("soon")), ErrorKind::Rejected, "claims");
    refused(&with("iat", json!(NOW + 100_000)), ErrorKind::Rejected, "future");
    refused(&with("enphaseUser", Value::Null), ErrorKind::Rejected, "claims");
    refused("not.a.token", ErrorKind::Rejected, "token");
    refused("", ErrorKind::Rejected, "white space");
}

#[test]
fn nothing_of_a_token_is_printed() {
    let text = token(claims());
    let printed = format!("{:?}", admit(&text).unwrap());
    assert!(!printed.contains(&text[..20]), "{printed}");
}

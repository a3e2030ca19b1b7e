use serde::{Deserialize, Serialize};

use super::*;

#[test]
fn a_secret_is_not_printed() {
    assert_eq!(format!("{:?}", Secret::from("hunter2")), "[secret]");
}

#[test]
fn a_mark_tells_secrets_apart_and_nothing_of_them() {
    // SHA-256 of "abc" (FIPS 180-4, appendix B.1 of the older 180-2), in base64url.
    assert_eq!(Secret::from("abc").mark(), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    assert_ne!(Secret::from("abd").mark(), Secret::from("abc").mark());
}

#[test]
fn a_secret_is_covered_wherever_it_is_told() {
    let check = |secret: &str, text: &str, expect: Option<&str>| {
        assert_eq!(Secret::from(secret).cover(text).as_deref(), expect, "{secret} in {text}");
    };
    check("hunter2", "hunter2 and hunter2", Some("xxxxxxx and xxxxxxx"));
    check("hunter", "hunter2", Some("xxxxxx2"));
    check("über-secret", "is über-secret", Some("is xxxxxxxxxxx"));
    check("hunter2", "hunter3", None);
    // So short that it is in anything.
    check("hunte", "hunter", None);
    check("", "hunter", None);
}

#[test]
fn only_a_secret_without_text_is_empty() {
    assert!(Secret::from("").is_empty());
    assert!(!Secret::from(" ").is_empty());
}

#[test]
fn what_is_sealed_is_read_back() {
    #[derive(Serialize, Deserialize)]
    struct Words(#[serde(with = "sealed")] Secret);

    let text = serde_json::to_string(&Words("open sesame".into())).unwrap();
    assert_eq!(text, "\"open sesame\"");
    let Words(secret) = serde_json::from_str(&text).unwrap();
    assert_eq!(secret.expose(), "open sesame");
}

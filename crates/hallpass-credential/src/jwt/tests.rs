use proptest::prelude::*;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

use super::*;

/// RFC 7515, appendix A.3: header, payload, signature and key of the ES256 example.
const RFC_7515: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0\
    dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTj\
    Dxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

fn rfc_7515_key() -> PublicKey {
    let coordinate = |text| URL_SAFE_NO_PAD.decode(text).unwrap();
    let x = coordinate("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    let y = coordinate("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    let spki = [&SPKI_PREFIX[..], &[4], &x, &y].concat();
    PublicKey::from_pem(&STANDARD.encode(spki)).unwrap()
}

fn sign(header: Value, claims: Value) -> (String, PublicKey) {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random)
        .unwrap();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = pair.sign(&random, signed.as_bytes()).unwrap();
    let key = PublicKey { point: pair.public_key().as_ref().try_into().unwrap() };
    (format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)), key)
}

fn refused(text: &str) -> String {
    let error = Jwt::parse(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    error.to_string()
}

#[test]
fn the_token_of_rfc_7515_verifies() {
    let token = Jwt::parse(RFC_7515).unwrap();
    assert!(token.is_signed_by(&[rfc_7515_key()]));
    assert_eq!(token.claims::<Value>().unwrap()["iss"], "joe");
}

#[test]
fn a_changed_token_does_not_verify() {
    let changed = RFC_7515.replace("ImpvZSI", "ImpvZWk");
    let changed = changed.replacen("eyJpc3MiOiJqb2Ui", "eyJpc3MiOiJqb2Ei", 1);
    assert_ne!(changed, RFC_7515);
    assert!(!Jwt::parse(&changed).unwrap().is_signed_by(&[rfc_7515_key()]));
}

#[test]
fn any_of_several_keys_may_have_signed() {
    let (text, key) = sign(json!({"alg": "ES256", "kid": "k"}), json!({"a": 1}));
    let token = Jwt::parse(&text).unwrap();
    assert!(token.is_signed_by(&[rfc_7515_key(), key]));
    assert!(!token.is_signed_by(&[rfc_7515_key()]));
    assert!(!token.is_signed_by(&[]));
    assert_eq!(token.key_id(), Some("k"));
}

#[test]
fn a_wrapped_paste_is_accepted() {
    let (head, tail) = RFC_7515.split_at(40);
    let token = Jwt::parse(&format!("  {head}\r\n  {tail}\n")).unwrap();
    assert!(token.is_signed_by(&[rfc_7515_key()]));
}

#[test]
fn only_es256_is_a_token() {
    for alg in ["none", "HS256", "es256", "RS256", ""] {
        let (text, _) = sign(json!({"alg": alg}), json!({}));
        assert_eq!(refused(&text), "the token is not signed with ES256", "alg {alg}");
    }
}

#[test]
fn what_is_no_token_is_refused_with_a_reason() {
    assert_eq!(refused(" \n"), "there is no token, only white space");
    assert!(refused("<html>Error</html>").contains("three parts"));
    assert!(refused("a.b").contains("three parts"));
    assert!(refused("a.b.c.d").contains("three parts"));
    assert!(refused("!.?.*").contains("base64url"));
    assert!(refused(&"a".repeat(1_000_000)).contains("longer"));
    assert!(refused("e30.e30.e30").contains("header"));
}

#[test]
fn a_token_has_at_most_sixteen_kibibytes() {
    let of_length = |length: usize| {
        let head = "eyJhbGciOiJFUzI1NiJ9.";
        format!("{head}{}.", "A".repeat(length - head.len() - 1))
    };
    assert!(Jwt::parse(&of_length(16_384)).is_ok());
    assert!(refused(&of_length(16_385)).contains("longer"));
}

#[test]
fn the_key_is_a_p256_key_or_refused() {
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode([&SPKI_PREFIX[..], &[4; 65]].concat())
    );
    assert!(PublicKey::from_pem(&pem).is_ok());
    for bad in ["", "%%%", "AAAA", &STANDARD.encode([&SPKI_PREFIX[..], &[4; 64]].concat())] {
        assert_eq!(PublicKey::from_pem(bad).unwrap_err().kind(), ErrorKind::Invalid, "{bad:?}");
    }
    assert_eq!(format!("{:?}", rfc_7515_key()), "PublicKey { .. }");
}

#[test]
fn nothing_of_a_token_is_printed() {
    let token = Jwt::parse(RFC_7515).unwrap();
    assert_eq!(format!("{token:?}"), "Jwt { key_id: None, .. }");
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _ = Jwt::parse(&text);
    }

    #[test]
    fn no_three_parts_panic(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 3)) {
        let text: Vec<_> = parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
        let _ = Jwt::parse(&text.join("."));
    }
}

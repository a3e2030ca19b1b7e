//! A token as a person pastes it or a cloud sends it, and the claims in one.
#![no_main]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hallpass_credential::jwt::{Jwt, PublicKey};
use hallpass_enphase::{ENTREZ_KEY, Token};
use jiff::Timestamp;

libfuzzer_sys::fuzz_target!(|text: &str| {
    admit(text);
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    admit(&format!("{}.{}.{}", part(r#"{"alg":"ES256"}"#), part(text), part(text)));
    admit(&format!("{}.{}.{}", part(text), part("{}"), part("")));
});

fn admit(text: &str) {
    let key = PublicKey::from_pem(ENTREZ_KEY).expect("a key");
    if let Ok(jwt) = Jwt::parse(text) {
        jwt.key_id();
    }
    if let Ok(token) = Token::admit(text, "122100001613", &[key], Timestamp::UNIX_EPOCH) {
        assert!(token.expires_at() > Timestamp::UNIX_EPOCH, "{:?} has expired", token.claims());
    }
}

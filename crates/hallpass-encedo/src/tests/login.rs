//! Groups `login`, `published`, `accept`, `negative`, `client_negative`, `bearer` and `nonce`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::vectors::{bytes, group, key, list, number, text};
use crate::{
    Bearer, Call, Challenge, CheckIns, Drift, Eid, ErrorKind, Kdf, Nonce, PublicKey, Recovery,
    Refusal, Scope, Secret, SharedKey, Step, Wish, jws::Jws, speaker::Speaker,
};

#[test]
fn every_login_is_answered_byte_for_byte() {
    for vector in list("login").iter().chain(&list("published")) {
        let (input, output) = (&vector["input"], &vector["output"]);
        let kdf: Kdf = text(input, "kdf").parse().expect("a derivation");
        let eid = Eid::parse(text(&input["challenge"], "eid")).expect("an eid");
        let user = kdf.derive(&text(input, "passphrase").into(), &eid).expect("a key");
        assert_eq!(user.public().as_bytes()[..], bytes(text(output, "public_key")));
        let now = Timestamp::from_second(number(input, "iat")).expect("a time");
        let challenge = Challenge::read(input["challenge"].to_string().as_bytes(), now);
        let admitted = challenge.expect("a challenge").admit(&eid, None).expect("it is admitted");
        let life = number(input, "exp") - number(input, "iat");
        let wish = Wish::new(Scope::parse(text(input, "scope")).expect("a scope"));
        let wish = wish.lasting(Duration::from_secs(life.unsigned_abs())).expect("a life");
        let wish = match input["ctx"].as_str() {
            Some(remark) => wish.remarking(remark).expect("a remark"),
            None => wish,
        };
        let answer = admitted.answer(&user, &wish, now).expect("an answer");
        let body = format!(r#"{{"auth":"{}"}}"#, text(output, "auth"));
        assert_eq!(answer.body().expose(), body, "{}", vector["name"]);
    }
}

#[test]
fn answers_written_in_other_ways_are_signed_all_the_same() {
    let logins = list("login");
    for vector in list("accept") {
        let shared = device_shares(&logins, &vector, text(&vector, "auth"));
        assert!(jws(text(&vector, "auth")).expect("a JWS").is_signed_with(&shared), "{vector}");
    }
}

/// What each negative means to us, who never send such a thing: either its signature is wrong, or
/// our own types refuse it before it is sent, or the status is told for what it is.
#[test]
fn every_negative_means_what_it_should() {
    for vector in list("negative") {
        let name = text(&vector, "name");
        let statuses = vector["expect_status"].as_array().expect("a list");
        let last = statuses.last().and_then(Value::as_u64).expect("a status");
        let refusal = Refusal::of(Call::Answer, u16::try_from(last).expect("a status"));
        let expected = match name {
            "challenge on the last second" => None,
            "bad bodies" | "not a JWS" | "scope of 128 characters" => Some(Refusal::BadForm),
            "clock not set" => Some(Refusal::ClockUnset),
            "not initialised" | "self-test failure latched" => Some(Refusal::NotReady),
            _ => Some(Refusal::Proof),
        };
        assert_eq!(refusal, expected, "{name}");
        if let Some(refusal) = refusal {
            check_that_one_post_is_enough(refusal, name);
        }
    }
}

#[test]
fn signatures_that_a_device_refuses_are_wrong_to_us_too() {
    let logins = list("login");
    let wrong = [
        "tampered scope, old signature",
        "tampered exp, old signature",
        "one signature bit flipped",
    ];
    for vector in list("negative") {
        let name = text(&vector, "name");
        let Some(auths) = vector["auth"].as_array() else { continue };
        for auth in auths.iter().filter_map(Value::as_str) {
            let Ok(message) = jws(auth) else {
                assert!(["alg none", "header without alg", "not a JWS"].contains(&name), "{name}");
                continue;
            };
            if name == "iss of order one" {
                let issuer = issuer(auth).expect("a key");
                let kind = crate::PrivateKey::random().shared_with(&issuer).unwrap_err().kind();
                assert_eq!(kind, ErrorKind::NotUnderstood);
                continue;
            }
            let is_signed = message.is_signed_with(&device_shares(&logins, &vector, auth));
            assert_eq!(is_signed, !wrong.contains(&name), "{name}");
        }
    }
}

#[test]
fn what_a_device_would_refuse_is_not_sent() {
    assert_eq!(Scope::parse(&"s".repeat(128)).unwrap_err().kind(), ErrorKind::Invalid);
    assert!(Scope::parse(&"s".repeat(127)).is_ok());
    let wish = Wish::new(Scope::parse("keymgmt:list").expect("a scope"));
    assert_eq!(wish.clone().lasting(Duration::ZERO).unwrap_err().kind(), ErrorKind::Invalid);
    for (late, expected) in [(60, None), (61, Some(ErrorKind::Unreachable))] {
        let received_at = Timestamp::from_second(1_700_000_000).expect("a time");
        let now = received_at + SignedDuration::from_secs(late);
        let answer = admitted(received_at).answer(&crate::PrivateKey::random(), &wish, now);
        assert_eq!(answer.err().map(|error| error.kind()), expected, "{late} s late");
    }
}

#[test]
fn challenges_that_nobody_should_answer_are_not_answered() {
    for vector in list("client_negative") {
        let name = text(&vector, "name");
        let now = Timestamp::UNIX_EPOCH;
        let read = Challenge::read(vector["challenge"].to_string().as_bytes(), now);
        let eid = Eid::parse(text(&vector["challenge"], "eid")).expect("an eid");
        let wish = Wish::new(Scope::parse("system:config").expect("a scope"));
        let answer = read
            .and_then(|challenge| challenge.admit(&eid, None))
            .and_then(|admitted| admitted.answer(&crate::PrivateKey::random(), &wish, now));
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::NotUnderstood, "{name}");
    }
}

#[test]
fn a_token_says_what_it_is_for_and_until_when() {
    let Some(vector) = group("bearer") else { return };
    let claims = &vector["claims"];
    let token = read(text(&vector, "token")).expect("a token");
    assert_eq!(token.scope().as_str(), text(claims, "scope"));
    assert_eq!(token.role().to_string(), "user");
    assert_eq!(token.expires_at().as_second(), number(claims, "exp"));
    assert_eq!(token.life(), Duration::from_secs(3600));
    for case in vector["cases"].as_array().expect("a list") {
        check_bearer(case);
    }
}

fn check_bearer(case: &Value) {
    let name = text(case, "name");
    let device_now = Timestamp::from_second(number(case, "device_now")).expect("a time");
    let Ok(token) = read(text(case, "token")) else {
        assert_eq!(name, "garbage");
        return;
    };
    let status = u16::try_from(number(case, "expect_status")).expect("a status");
    let refusal = Refusal::of(Call::WithToken, status);
    let wanted = match text(case, "path") {
        "/api/keymgmt/list" => "keymgmt:list",
        _ => "logger:get",
    };
    let reaches = token.scope().reaches(&Scope::parse(wanted).expect("a scope"));
    assert_eq!(reaches, refusal != Some(Refusal::Scope), "{name}");
    let is_over = token.usable_until(Drift::default()) <= device_now;
    assert_eq!(is_over, name.starts_with("expired"), "{name}");
    if name.starts_with("expired") || name.starts_with("exp raised") {
        assert_eq!(refusal, Some(Refusal::Token), "{name}");
    }
}

#[test]
fn a_nonce_tells_the_time_of_its_device() {
    for vector in list("nonce") {
        let made_at = Nonce::parse(text(&vector, "jti")).and_then(|nonce| nonce.made_at());
        let second = made_at.map(Timestamp::as_second);
        assert_eq!(second, Some(number(&vector, "time")), "{vector}");
    }
    assert_eq!(Nonce::parse("0123456789abcdef").and_then(|nonce| nonce.made_at()), None);
}

/// With a clock that is right, no refusal leads to a second proof but through a check-in.
fn check_that_one_post_is_enough(refusal: Refusal, name: &str) {
    let mut recovery = Recovery::new(CheckIns::Automatic);
    let step = recovery.after(refusal, Drift::default(), Timestamp::UNIX_EPOCH);
    match step {
        Step::CheckIn => assert_eq!(refusal, Refusal::ClockUnset, "{name}"),
        Step::AskAgain => panic!("{name} is shown again"),
        Step::GiveUp(error) if refusal == Refusal::Proof => {
            assert_eq!(error.kind(), ErrorKind::Rejected, "{name}");
        }
        Step::GiveUp(_) => {}
    }
}

/// What the device of a vector shares with who claims to have written `auth`.
fn device_shares(logins: &[Value], vector: &Value, auth: &str) -> SharedKey {
    let login = logins.iter().find(|login| login["name"] == vector["vector"]).expect("a login");
    let session = key(&login["input"], "session_private");
    session.shared_with(&issuer(auth).expect("a key")).expect("a shared key")
}

fn issuer(auth: &str) -> Option<PublicKey> {
    let claims: Value = jws(auth).ok()?.claims("the answer").ok()?;
    PublicKey::parse(claims["iss"].as_str()?).ok()
}

fn jws(auth: &str) -> crate::Result<Jws<'_>> {
    Jws::parse(Speaker::Device, "the answer", auth)
}

fn read(token: &str) -> crate::Result<Bearer> {
    Bearer::read(json!({ "token": token }).to_string().as_bytes())
}

fn admitted(received_at: Timestamp) -> crate::Admitted {
    let spk = crate::PrivateKey::random().public().to_string();
    let body = json!({"exp": 1_700_000_060, "spk": spk, "jti": "n", "eid": "e"}).to_string();
    let challenge = Challenge::read(body.as_bytes(), received_at).expect("a challenge");
    challenge.admit(&Eid::parse("e").expect("an eid"), None).expect("it is admitted")
}

#[test]
fn passphrases_are_taken_as_they_were_typed() {
    let eid = Eid::parse("XzWfXsfH+YKj94ZguziaPDDkXev7r0/FN4tfX2ItW3s=").expect("an eid");
    let key = |passphrase: &str| {
        Kdf::Pbkdf2Of2022.derive(&Secret::from(passphrase), &eid).expect("a key").public()
    };
    assert_ne!(key("hunter2"), key("hunter2 "));
    assert_ne!(key("\u{e9}"), key("e\u{301}"));
}

//! Vectors of our own, made up and computed without this crate: see `data/vectors.py`. Those of the
//! reference are compared in the crate itself.

use std::time::Duration;

use hallpass_encedo::{
    Challenge, Kdf, Scope, Wish,
    log::{Event, Fault, Log, LogKey},
};
use jiff::Timestamp;
use serde_json::Value;

#[test]
fn logins_are_answered_as_computed_elsewhere() {
    for vector in vectors()["logins"].as_array().expect("a list") {
        let text = |name: &str| vector[name].as_str().expect(name);
        let second = vector["now"].as_i64().expect("seconds");
        let now = Timestamp::from_second(second).expect("a time");
        let challenge = Challenge::read(vector["challenge"].to_string().as_bytes(), now);
        let challenge = challenge.expect("a challenge");
        assert_eq!(challenge.label(), "Kasia");
        assert_eq!(challenge.nonce().made_at(), Some(now));
        assert!(!challenge.drift().explains_refusal());

        let eid = challenge.eid().clone();
        let kdf: Kdf = text("kdf").parse().expect("a derivation");
        let key = kdf.derive(&text("passphrase").into(), &eid).expect("a key");
        let life = Duration::from_secs(vector["life"].as_u64().expect("seconds"));
        let wish = Wish::new(Scope::parse(text("scope")).expect("a scope"));
        let mut wish = wish.lasting(life).expect("a life");
        if let Some(remark) = vector["remark"].as_str() {
            wish = wish.remarking(remark).expect("a remark");
        }
        let admitted = challenge.admit(&eid, None).expect("it is admitted");
        let answer = admitted.answer(&key, &wish, now).expect("an answer");
        assert_eq!(answer.body().expose(), text("answer"), "{}", text("name"));
    }
}

#[test]
fn a_log_is_verified_and_a_login_found_in_it() {
    let vector = &vectors()["log"];
    let key = LogKey::read(vector["proof"].to_string().as_bytes()).expect("it is proven");
    let text = vector["text"].as_str().expect("a text");
    let log = Log::read(text.as_bytes(), &key);
    assert_eq!(log.breaches(), []);
    let logins: Vec<_> = log.entries().iter().filter(|one| one.event == Event::Login).collect();
    assert_eq!(logins.len(), 1);
    assert_eq!((logins[0].number, logins[0].source.as_str()), (3, "U"));
}

#[test]
fn any_change_of_a_log_is_noticed() {
    let vector = &vectors()["log"];
    let key = LogKey::read(vector["proof"].to_string().as_bytes()).expect("it is proven");
    let text = vector["text"].as_str().expect("a text");
    let first = text.find("0|").expect("a line");
    for at in first..text.len() - 1 {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] ^= 1;
        let log = Log::read(&bytes, &key);
        assert!(!log.breaches().is_empty(), "{}", String::from_utf8_lossy(&bytes));
    }
    for line in 2..=4 {
        let lines = text.lines().enumerate().filter(|(index, _)| *index != line);
        let less: Vec<&str> = lines.map(|(_, line)| line).collect();
        let log = Log::read(less.join("\n").as_bytes(), &key);
        let gap = |fault: &Fault| matches!(fault, Fault::Gap { .. });
        assert!(log.is_authentic() && log.breaches().iter().all(|breach| gap(&breach.fault)));
        assert_eq!(log.breaches().len(), 1, "{less:?}");
    }
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("data/vectors.json")).expect("the vectors are JSON")
}

//! What is no answer at all, and what is always true.

use hallpass_encedo::{
    Bearer, Call, Challenge, Check, CheckIns, CheckedIn, Drift, Eid, Error, ErrorKind, Kdf, KeyId,
    NewDevice, NewKey, PrivateKey, Recovery, Refusal, Scope, Step, Throttle, Wish,
    log::{Log, LogKey},
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn what_answers_like_no_hem_is_told_for_what_it_is() {
    let page = "<!doctype html><title>It works!</title>";
    let huge = format!(r#"{{"lbl":"{}"}}"#, "x".repeat(1 << 20));
    let cases = [
        (page, ErrorKind::NotADevice),
        ("", ErrorKind::NotUnderstood),
        (r#"{"exp":1700000060,"spk":"b3pRvOn"#, ErrorKind::NotUnderstood),
        (&huge, ErrorKind::NotUnderstood),
        ("[]", ErrorKind::NotUnderstood),
        ("null", ErrorKind::NotUnderstood),
    ];
    for (body, expected) in cases {
        let body = body.as_bytes();
        let now = Timestamp::UNIX_EPOCH;
        let errors = [
            Challenge::read(body, now).unwrap_err(),
            NewDevice::read(body, now).unwrap_err(),
            Bearer::read(body).unwrap_err(),
            Check::read(body).unwrap_err(),
            CheckedIn::read(body).unwrap_err(),
            NewKey::read(body).unwrap_err(),
            LogKey::read(body).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), expected, "{error}");
        }
    }
}

#[test]
fn a_challenge_is_of_who_was_enrolled_and_new() {
    let spk = PrivateKey::random().public().to_string();
    let body = json!({"exp": 60, "spk": spk, "jti": "one", "lbl": "a\u{1b}[31mb", "eid": "me"});
    let read = || Challenge::read(body.to_string().as_bytes(), Timestamp::UNIX_EPOCH).expect("one");
    let me = Eid::parse("me").expect("an eid");
    let other = Eid::parse("other").expect("an eid");
    let kind = |error: Error| error.kind();
    assert_eq!(read().admit(&other, None).map_err(kind).err(), Some(ErrorKind::IdentityChanged));
    let nonce = read().nonce().clone();
    let replayed = read().admit(&me, Some(&nonce)).map_err(kind).err();
    assert_eq!(replayed, Some(ErrorKind::NotUnderstood));
    assert!(read().admit(&me, None).is_ok());
    assert_eq!(read().label(), "a[31mb");
}

/// Faults H1 and H4, by what the device says and what its clock shows.
#[test]
fn a_wrong_clock_is_told_from_a_wrong_passphrase() {
    let minutes = |minutes: i64| {
        Drift::between(
            Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes),
            Timestamp::UNIX_EPOCH,
        )
    };
    let first = |check_ins, refusal, drift| {
        Recovery::new(check_ins).after(refusal, drift, Timestamp::UNIX_EPOCH)
    };
    let check = |refusal, drift, expected| match first(CheckIns::Automatic, refusal, drift) {
        Step::GiveUp(error) => assert_eq!(Some(error.kind()), expected, "{refusal:?} {drift:?}"),
        step => assert!(expected.is_none(), "{refusal:?} {drift:?} {step:?}"),
    };
    check(Refusal::Proof, minutes(1), Some(ErrorKind::Rejected));
    check(Refusal::Proof, minutes(2), None);
    check(Refusal::Proof, minutes(-2), None);
    check(Refusal::ClockUnset, minutes(0), None);
    check(Refusal::NotReady, minutes(60), Some(ErrorKind::Unreachable));
    for refusal in [Refusal::Proof, Refusal::ClockUnset] {
        let Step::GiveUp(error) = first(CheckIns::Declined, refusal, minutes(60)) else { panic!() };
        assert_eq!(error.kind(), ErrorKind::Unreachable);
    }
}

#[test]
fn a_challenge_that_came_too_late_is_asked_for_anew_once() {
    let mut recovery = Recovery::new(CheckIns::Automatic);
    let mut late = || recovery.after_late(Error::new(ErrorKind::Unreachable, "too late"));
    assert!(matches!(late(), Step::AskAgain));
    assert!(matches!(late(), Step::GiveUp(_)));
}

#[test]
fn the_broker_takes_no_letter_from_the_future() {
    let drift = |seconds| Drift::between(Timestamp::constant(seconds, 0), Timestamp::UNIX_EPOCH);
    let refused = [-16, -15, 0, 2, 3].map(|ahead| drift(ahead).explains_brokers_refusal());
    assert_eq!(refused, [true, false, false, false, true]);
}

#[test]
fn not_ready_is_not_asked_again_for_ten_minutes() {
    let error = Refusal::NotReady.error(Timestamp::UNIX_EPOCH);
    let rest = SignedDuration::from_mins(10);
    assert_eq!(error.retry_at(), Some(Timestamp::UNIX_EPOCH + rest));
}

#[test]
fn a_second_wrong_derivation_makes_the_third_wait() {
    let at = |second| Timestamp::from_second(second).expect("a time");
    let mut throttle = Throttle::default();
    throttle.note_failure(at(0));
    assert_eq!(throttle.free_from(at(1)), at(1));
    throttle.note_failure(at(1));
    assert_eq!(throttle.free_from(at(2)), at(16));
    assert_eq!(throttle.free_from(at(20)), at(20));
    throttle.note_failure(at(20));
    assert_eq!(throttle.free_from(at(21)), at(21));
    assert_eq!(Kdf::AUTO.len(), 3);
}

#[test]
fn a_scope_reaches_what_begins_like_it_and_one_key_only() {
    let reaches = |has: &str, wanted: &str| {
        Scope::parse(has).expect("a scope").reaches(&Scope::parse(wanted).expect("a scope"))
    };
    assert!(reaches("storage:disk0:rw", "storage:disk0"));
    assert!(!reaches("storage:disk0", "storage:disk0:rw"));
    let key = KeyId::parse("7CA9712A85B74E071247614B3C35486B").expect("a key");
    let used = Scope::using(&key);
    assert_eq!(used.as_str(), "keymgmt:use:7ca9712a85b74e071247614b3c35486b");
    assert!(reaches(used.as_str(), used.as_str()));
    assert!(!reaches(&format!("{used}0"), used.as_str()));
}

#[test]
fn no_secret_is_printed() {
    let eid = Eid::parse("AAAA").expect("an eid");
    let passphrase = "hunter2 hunter2".into();
    let key = Kdf::Pbkdf2Of2022.derive(&passphrase, &eid).expect("a key");
    let spk = PrivateKey::random().public().to_string();
    let body = json!({"exp": 60, "spk": spk, "jti": "one", "eid": "AAAA"}).to_string();
    let challenge = Challenge::read(body.as_bytes(), Timestamp::UNIX_EPOCH).expect("one");
    let admitted = challenge.admit(&eid, None).expect("it is admitted");
    let wish = Wish::new(Scope::parse("logger:get").expect("a scope"));
    let answer = admitted.answer(&key, &wish, Timestamp::UNIX_EPOCH).expect("an answer");
    let shown = format!("{passphrase:?} {key:?} {answer:?}");
    assert_eq!(shown, "[secret] [private key] Answer { body: [secret], nonce: Nonce(\"one\") }");
}

proptest! {
    #[test]
    fn nothing_that_is_said_makes_a_reader_panic(body in any::<Vec<u8>>()) {
        let now = Timestamp::UNIX_EPOCH;
        let key = LogKey::parse(&PrivateKey::random().public().to_string()).expect("a key");
        let _ = (Challenge::read(&body, now), Bearer::read(&body), Check::read(&body));
        let _ = (Log::read(&body, &key), NewKey::read(&body), LogKey::read(&body));
    }

    /// Whatever a device says: a login costs at most one check-in.
    #[test]
    fn a_login_ends(says in prop::collection::vec((400_u16..=409, -300_i64..300), 8..40)) {
        let mut recovery = Recovery::new(CheckIns::Automatic);
        let mut check_ins = 0;
        for (status, seconds) in says {
            let Some(refusal) = Refusal::of(Call::Answer, status) else { continue };
            let shown = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
            let drift = Drift::between(shown, Timestamp::UNIX_EPOCH);
            match recovery.after(refusal, drift, Timestamp::UNIX_EPOCH) {
                Step::CheckIn => check_ins += 1,
                Step::GiveUp(_) => break,
                step => prop_assert!(false, "{:?}", step),
            }
        }
        prop_assert!(check_ins <= 1);
    }

    #[test]
    fn every_status_means_something_to_every_call(status in any::<u16>()) {
        for call in Call::ALL {
            let refusal = Refusal::of(call, status);
            prop_assert_eq!(refusal.is_none(), (200..300).contains(&status));
            if let Some(refusal) = refusal {
                prop_assert!(!refusal.error(Timestamp::MAX).to_string().is_empty());
            }
        }
    }

    #[test]
    fn a_device_s_time_is_ours_less_its_drift(theirs in any::<i32>(), ours in any::<i32>()) {
        let at = |second: i32| Timestamp::from_second(second.into()).expect("a time");
        let drift = Drift::between(at(theirs), at(ours));
        prop_assert_eq!(drift.ours(at(theirs)), at(ours));
    }

    #[test]
    fn a_guesser_never_meets_the_throttle(waits in prop::collection::vec(0_i64..20, 1..50)) {
        let mut throttle = Throttle::default();
        let mut now = Timestamp::UNIX_EPOCH;
        let mut failures: Vec<Timestamp> = Vec::new();
        for wait in waits {
            now = throttle.free_from(now + SignedDuration::from_secs(wait));
            failures.push(now);
            throttle.note_failure(now);
            let in_a_row = failures.windows(2).rev()
                .take_while(|pair| pair[1].duration_since(pair[0]) < SignedDuration::from_secs(15));
            prop_assert!(in_a_row.count() + 1 < 3);
        }
    }
}

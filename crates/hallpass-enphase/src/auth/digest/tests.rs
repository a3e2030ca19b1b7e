use super::*;

#[test]
fn the_default_passwords_are_those_of_the_reference() {
    for (serial_number, installer) in [
        ("121426016034", "B285db82"),
        ("122112123456", "d525d2jh"),
        ("202439990001", "959ahD5b"),
        ("121430030548", "34Be4859"),
        ("122100001613", "6kjC4h8B"),
        ("122100011164", "aEhDcgCf"),
        ("122100011874", "h2DgCcfc"),
        ("122038015273", "a942f4C6"),
        ("121621012167", "2eDhg4Ce"),
        ("1234", "5c4D5b2C"),
        ("122302045041", "63e22668"),
    ] {
        let computed = default_password("installer", serial_number).unwrap();
        assert_eq!(computed.expose(), installer, "installer of {serial_number}");
    }
    assert_eq!(computed_password("envoy", "122038015273"), "f9dg3A47");
    assert_eq!(default_password("envoy", "121426016034").unwrap().expose(), "016034");
    assert_eq!(default_password("envoy", "é1").unwrap().expose(), "é1");
    assert!(default_password("somebody", "121426016034").is_none());
}

fn challenge(value: &[u8]) -> Option<Challenge> {
    let mut headers = HeaderMap::new();
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_bytes(value).unwrap());
    Challenge::find(&headers)
}

#[test]
fn the_recorded_challenges_are_understood() {
    let third =
        challenge(b"Digest qop=\"auth\", realm=\"enphaseenergy.com\", nonce=\"1703033831\"");
    assert_eq!(third.unwrap().nonce, "1703033831");
    let fourth = b"Digest qop=\"auth\", realm=\"enphaseenergy.com\", \
        nonce=\"Td4AZZWMIuPzNdOwn+N1MAFCm9k=\"";
    assert_eq!(challenge(fourth).unwrap().nonce, "Td4AZZWMIuPzNdOwn+N1MAFCm9k=");
}

#[test]
fn what_cannot_be_answered_is_no_challenge() {
    for odd in [
        &b"\xd8\xc9\xc6\x41"[..],
        b"",
        b"Digest",
        b"Basic realm=\"x\"",
        b"Digest realm=\"x\"",
        b"Digest nonce=\"x\"",
        b"Digest realm=\"x\", nonce=\"y\", qop=\"auth-conf\"",
        b"Digest realm=\"x\", nonce=\"y\", algorithm=SHA-512",
        b"Digest realm=\"x, nonce=y",
        b"Digest =,=,=",
    ] {
        assert_eq!(challenge(odd), None, "{odd:?}");
    }
}

fn account(username: &str, password: &str) -> Account {
    Account { username: username.to_owned(), password: password.into() }
}

fn get(path: &str) -> Request<Bytes> {
    Request::get(path).body(Bytes::new()).unwrap()
}

/// RFC 2617, section 3.5.
#[test]
fn the_answer_of_the_rfc_is_given() {
    let challenge = challenge(
        b"Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
          nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
    );
    let mut answers = Answers::to(challenge.unwrap());
    let mufasa = account("Mufasa", "Circle Of Life");
    let answer = answers.next(&mufasa, &get("/dir/index.html"), "0a4f113b").unwrap();
    assert!(answer.is_sensitive());
    let answer = answer.to_str().unwrap();
    assert!(answer.contains("response=\"6629fae49393a05397450978507c4ef1\""), "{answer}");
    assert!(answer.contains("nc=00000001") && answer.contains("opaque=\"5ccc"), "{answer}");
    let second = answers.next(&mufasa, &get("/dir/index.html"), "0a4f113b").unwrap();
    assert!(second.to_str().unwrap().contains("nc=00000002"));
}

/// Computed with Python's hashlib by the formulas of RFC 2617, section 3.2.2.
#[test]
fn the_other_forms_are_answered_too() {
    let answer = |challenge: &[u8]| {
        let mut answers = Answers::to(self::challenge(challenge).unwrap());
        let answer = answers.next(&account("envoy", "016034"), &get("/x?y=1"), "c").unwrap();
        answer.to_str().unwrap().to_owned()
    };
    let without_qop = answer(b"Digest realm=\"enphaseenergy.com\", nonce=\"n\"");
    assert!(without_qop.contains("response=\"3e032bf00abf881f4349f7d2fb58169b\""), "{without_qop}");
    let session =
        answer(b"Digest realm=\"enphaseenergy.com\", nonce=\"n\", qop=auth, algorithm=MD5-sess");
    assert!(session.contains("response=\"9bd9ac5940e840ca23fc84f2c9fd4079\""), "{session}");
    let body = answer(b"Digest realm=\"enphaseenergy.com\", nonce=\"n\", qop=\"auth-int\"");
    assert!(body.contains("response=\"c603b0f04e6b3a78fb609c0f89a5282d\""), "{body}");
}

#[test]
fn a_challenge_says_whether_only_the_nonce_was_too_old() {
    let check = |stale: &str, expect: bool| {
        let text = format!("Digest realm=\"x\", nonce=\"y\", qop=\"auth\"{stale}");
        assert_eq!(challenge(text.as_bytes()).unwrap().is_stale(), expect, "{stale}");
    };
    check("", false);
    check(", stale=false", false);
    check(", stale=true", true);
    check(", stale=\"TRUE\"", true);
}

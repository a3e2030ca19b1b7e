//! Groups `log`, `log_key_proof` and `genuine`: what a device has signed.

use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
    },
};
use serde_json::{Value, json};

use super::vectors::{group, list, number, text};
use crate::{
    Attestation, ErrorKind, Scheme, Verdict, VerifyingKey,
    log::{Breach, Event, Fault, Log, LogKey},
};

#[test]
fn a_log_is_worth_what_its_lines_and_their_numbers_are() {
    for vector in list("log") {
        let name = text(&vector, "name");
        let key = LogKey::parse(text(&vector, "key")).expect("a key");
        let log = Log::read(text(&vector, "text").as_bytes(), &key);
        assert_eq!(log.is_authentic(), vector["valid"] == true, "{name}: {:?}", log.breaches());
        assert_eq!(log.title(), "Encedo HEM v0.9.77 (#ff0a263)");
        let expected = match name {
            "documented sample" => vec![],
            "one field changed" => vec![Breach { line: 6, fault: Fault::ForgedLine }],
            "a line removed" => {
                vec![Breach { line: 5, fault: Fault::Gap { expected: 3, found: 4 } }]
            }
            "wrong key" => continue,
            other => panic!("a vector that is not known here: {other}"),
        };
        assert_eq!(log.breaches(), expected, "{name}");
    }
}

#[test]
fn a_log_says_what_was_done_and_when() {
    let Some(sample) = list("log").into_iter().next() else { return };
    let key = LogKey::parse(text(&sample, "key")).expect("a key");
    let log = Log::read(text(&sample, "text").as_bytes(), &key);
    assert_eq!(log.entries().len() as i64, number(&sample, "records"));
    let events: Vec<Event> = log.entries().iter().map(|entry| entry.event).collect();
    let expected = [
        Event::Key,
        Event::Startup,
        Event::SelfTest,
        Event::ClockSet,
        Event::Initialised,
        Event::Configuration,
        Event::Reboot,
    ];
    assert_eq!(events, expected);
    assert_eq!(log.entries()[4].source, "M");
    assert_eq!(log.entries()[6].at.as_second(), 0x6231_0c0c);
}

#[test]
fn a_device_proves_its_log_key() {
    let Some(proof) = group("log_key_proof") else { return };
    let key = LogKey::read(proof.to_string().as_bytes()).expect("it is proven");
    assert_eq!(key.to_string(), text(&proof, "key"));
    let mut other: Value = proof.clone();
    other["nonce"] = json!("AAAA");
    let error = LogKey::read(other.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IdentityChanged);
}

#[test]
fn an_attestation_is_verified_by_its_certificate() {
    let Some(vector) = group("genuine") else { return };
    let (word, certificate) = (text(&vector, "genuine"), text(&vector, "crt"));
    let attestation = Attestation::verify(word, certificate).expect("it is genuine");
    assert_eq!(attestation.device, text(&vector, "genuine_id"));
    assert_eq!(attestation.key, text(&vector, "key_id"));
    assert_eq!(attestation.given_at.as_second(), number(&vector, "time"));
    assert_eq!(attestation.issuer, "Encedo Custody CA");

    let later = word.replace("MTY0NzY0MTI4NQ==", "MTY0NzY0MTI4Ng==");
    let error = Attestation::verify(&later, certificate).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IdentityChanged);
    let other_key = word.replace("qgJJ", "qgJK");
    let error = Attestation::verify(&other_key, certificate).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IdentityChanged);
    let error = Attestation::verify(word, &certificate[4..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotUnderstood);
}

/// RFC 8032, section 7.1, test 2.
#[test]
fn signatures_are_verified_by_type_of_key() {
    let key = VerifyingKey::parse("ED25519", "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=");
    let signature = super::vectors::bytes(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    let key = key.expect("a key");
    let verify = |message: &[u8]| key.verify(Scheme::Ed25519, message, &signature);
    assert_eq!(verify(b"\x72"), Verdict::Genuine);
    assert_eq!(verify(b"\x73"), Verdict::Forged);
    assert_eq!(key.verify(Scheme::Ed448, b"\x72", &signature), Verdict::Unsupported);
    let error = VerifyingKey::parse("CURVE25519", "AA==").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[test]
fn a_point_may_come_without_the_byte_of_its_form() {
    let curves = [
        ("PKEY,ECDH,ExDSA,SECP256R1", &ECDSA_P256_SHA256_ASN1_SIGNING, Scheme::Sha256WithEcdsa),
        ("SECP384R1", &ECDSA_P384_SHA384_ASN1_SIGNING, Scheme::Sha384WithEcdsa),
    ];
    let random = SystemRandom::new();
    for (kind, algorithm, scheme) in curves {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key");
        let signature = pair.sign(&random, b"message").expect("a signature");
        let point = pair.public_key().as_ref();
        for point in [point, &point[1..]] {
            let key = VerifyingKey::parse(kind, &crate::encoding::encode(point)).expect("a key");
            assert_eq!(key.usual_scheme(), scheme);
            let verify = |message| key.verify(scheme, message, signature.as_ref());
            assert_eq!(verify(b"message"), Verdict::Genuine, "{kind}");
            assert_eq!(verify(b"another"), Verdict::Forged, "{kind}");
        }
    }
}

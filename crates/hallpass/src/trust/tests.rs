use hallpass_store::Pin;
use hallpass_transport::KeyPin;

use super::{Shown, Verdict, Vouching, judge};
use crate::exit::Exit;

const NOTHING: Vouching = Vouching { pin: None, trust_new: false };
const TRUST_NEW: Vouching = Vouching { pin: None, trust_new: true };

fn key(digit: char) -> KeyPin {
    format!("sha256:{}", String::from(digit).repeat(64)).parse().unwrap()
}

fn pin(digit: char) -> Vouching {
    Vouching { pin: Some(key(digit)), trust_new: false }
}

fn shown(key: Option<KeyPin>) -> Shown {
    Shown { serial_number: "122100001613".to_owned(), key }
}

fn known(digit: char) -> Pin {
    shown(Some(key(digit))).pin()
}

fn check(shown: &Shown, known: Option<Pin>, vouching: Vouching, expect: Result<Verdict, Exit>) {
    let verdict = judge(shown, known.as_ref(), vouching).map_err(|error| Exit::of(&error));
    assert_eq!(verdict, expect, "{shown:?} {known:?} {vouching:?}");
}

#[test]
fn a_new_device_needs_somebody_who_vouches_for_it() {
    let device = shown(Some(key('a')));
    check(&device, None, NOTHING, Ok(Verdict::AskPerson));
    check(&device, None, TRUST_NEW, Ok(Verdict::Trusted));
    check(&device, None, pin('a'), Ok(Verdict::Trusted));
    check(&device, None, pin('b'), Err(Exit::IdentityChanged));
}

#[test]
fn a_known_pin_is_never_replaced() {
    let device = shown(Some(key('a')));
    for vouching in [NOTHING, TRUST_NEW, pin('a')] {
        check(&device, Some(known('a')), vouching, Ok(Verdict::Trusted));
        check(&device, Some(known('b')), vouching, Err(Exit::IdentityChanged));
    }
    check(&device, Some(known('a')), pin('b'), Err(Exit::IdentityChanged));
}

#[test]
fn a_serial_number_alone_vouches_for_no_key() {
    let device = shown(Some(key('a')));
    check(&device, Some(Pin::SerialNumber), NOTHING, Ok(Verdict::AskPerson));
    check(&device, Some(Pin::SerialNumber), TRUST_NEW, Ok(Verdict::Trusted));
    check(&device, Some(Pin::SerialNumber), pin('a'), Ok(Verdict::Trusted));
    check(&device, Some(Pin::SerialNumber), pin('b'), Err(Exit::IdentityChanged));
}

#[test]
fn without_a_certificate_there_is_only_the_serial_number() {
    let device = shown(None);
    check(&device, None, NOTHING, Ok(Verdict::AskPerson));
    check(&device, None, TRUST_NEW, Ok(Verdict::Trusted));
    check(&device, None, pin('a'), Err(Exit::Usage));
    check(&device, Some(Pin::SerialNumber), NOTHING, Ok(Verdict::Trusted));
    check(&device, Some(known('a')), TRUST_NEW, Err(Exit::IdentityChanged));
}

#[test]
fn a_pin_survives_the_store() {
    assert_eq!(super::key(&known('c')), Some(key('c')));
    assert_eq!(super::key(&Pin::SerialNumber), None);
}

//! Groups `checkin` and `captured_authreq`: letters that we carry, and one that proves an identity.

use serde_json::{Value, json};

use super::vectors::{group, key, list, number, text};
use crate::{Check, Checked, CheckedIn, Eid, ErrorKind, Order, PrivateKey, Probe};

#[test]
fn letters_are_handed_on_as_they_came() {
    for vector in list("checkin") {
        let output = &vector["output"];
        let check = json!({ "check": output["check"] }).to_string();
        let checked = json!({ "checked": output["checked"] }).to_string();
        let letter = Check::read(check.as_bytes()).expect("a letter");
        assert_eq!(letter.body(), check.as_bytes());
        let answer = Checked::read(checked.as_bytes(), &letter).expect("an answer");
        assert_eq!(answer.body(), checked.as_bytes());
        assert_eq!(answer.time().as_second(), number(&vector["expect"], "device_now"));
        assert_eq!(answer.order(), None);
        let end = CheckedIn::read(vector["expect"]["body"].to_string().as_bytes());
        assert_eq!(end.expect("an end").status, "OK");
    }
}

#[test]
fn an_answer_to_another_letter_is_not_handed_on() {
    let claims =
        |jti: &str, iss: &str, aud: &str| json!({"jti": jti, "iss": iss, "aud": aud, "iat": 1});
    let [device, backend] = [(); 2].map(|()| PrivateKey::random());
    let shared = device.shared_with(&backend.public()).expect("a shared key");
    let (device, backend) = (device.public().to_string(), backend.public().to_string());
    let letter = |name: &str, claims: &Value| {
        json!({ name: crate::jws::sign(claims, &shared) }).to_string().into_bytes()
    };
    let check = Check::read(&letter("check", &claims("a", &device, &backend))).expect("a letter");
    let answered = |jti: &str, iss: &str, aud: &str| {
        let answer = Checked::read(&letter("checked", &claims(jti, iss, aud)), &check);
        answer.map(drop).map_err(|error| error.kind())
    };
    assert_eq!(answered("a", &backend, &device), Ok(()));
    let refused = Err(ErrorKind::CloudUnreachable);
    assert_eq!(answered("b", &backend, &device), refused);
    assert_eq!(answered("a", &device, &device), refused);
    assert_eq!(answered("a", &backend, &backend), refused);
}

#[test]
fn the_vendor_s_orders_are_told() {
    let order = |status: &str| {
        let body = json!({ "status": status }).to_string();
        CheckedIn::read(body.as_bytes()).expect("an end").order()
    };
    assert_eq!(order("OK"), None);
    assert_eq!(order("W"), Some(Order::Wipe));
}

#[test]
fn a_captured_request_proves_whose_it_is() {
    let Some(vector) = group("captured_authreq") else { return };
    let probe = Probe::with_key(key(&vector, "requester_private"));
    let eid = Eid::parse(text(&vector, "eid")).expect("an eid");
    let body = json!({ "authreq": vector["authreq"] }).to_string();
    probe.require(&eid, body.as_bytes()).expect("it is proven");

    let refused =
        |probe: &Probe, eid: &Eid| probe.require(eid, body.as_bytes()).unwrap_err().kind();
    assert_eq!(refused(&Probe::new(), &eid), ErrorKind::IdentityChanged);
    let other = Eid::parse(&PrivateKey::random().public().to_string()).expect("an eid");
    assert_eq!(refused(&probe, &other), ErrorKind::IdentityChanged);
}

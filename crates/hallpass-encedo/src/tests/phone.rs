//! Group `ext`: a phone is paired and approves. What is sealed for the phone is not ours to open.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::vectors::{key, list, text};
use crate::{
    Eid, ErrorKind, KeyId, PublicKey, Role, Scope,
    jws::Jws,
    phone::{
        Acceptance, ApprovalRequest, ApprovalSession, Contact, Decision, Event, Invitation, Note,
        Paired, PairingSession, Phone, Registration,
    },
    speaker::Speaker,
};

#[test]
fn a_phone_is_paired() {
    for vector in list("ext") {
        let (input, output) = (&vector["input"], &vector["output"]);
        let eid = Eid::parse(text(output, "eid")).expect("an eid");
        let session = json!({"epk": output["epk"], "exp": 1, "paired": false}).to_string();
        let session = PairingSession::read(session.as_bytes(), eid).expect("a session");
        assert_eq!(parsed(&session.invite()), json!({ "epk": output["epk"] }));
        let body = json!({"request": output["request"], "eid": output["eid"]}).to_string();
        let invitation = Invitation::read(body.as_bytes(), session).expect("an invitation");
        let expected =
            json!({"request": output["request"], "eid": output["eid"], "epk": output["epk"]});
        assert_eq!(parsed(&invitation.register()), expected);

        let registration = Registration::read(br#"{"rid":"r-1","link":"https://b.test/r-1"}"#);
        let code = invitation.code(&registration.expect("one"), &Contact::default());
        assert_eq!(parsed(&code)["link"], "https://b.test/r-1");

        let reply = json!({"pid": input["pid"], "reply": output["reply"]}).to_string();
        let read = |status| Acceptance::read(status, reply.as_bytes(), &invitation);
        assert!(read(202).expect("nothing").is_none());
        let acceptance = read(200).expect("an acceptance").expect("it is there");
        assert_eq!(acceptance.label(), text(input, "label"));
        assert_eq!(acceptance.body(), reply);

        let paired = json!({"kid": output["kid"], "code": output["code"]}).to_string();
        let end = Paired::read(paired.as_bytes()).expect("an end");
        assert_eq!(end.key().to_string(), text(output, "kid"));
        assert_eq!(parsed(&end.body()), parsed(&paired));
    }
}

#[test]
fn a_phone_approves() {
    for vector in list("ext") {
        let output = &vector["output"];
        let request = request(output).expect("a request");
        assert_eq!(request.phones(), 1);
        let expected = json!({"authreq": output["authreq"], "epk": output["epk"]});
        assert_eq!(parsed(&request.event()), expected);
        let decision = json!({ "authreply": output["authreply"] }).to_string();
        let read = |status, body: &str| Decision::read(status, body.as_bytes(), &request);
        assert!(matches!(read(202, ""), Ok(Decision::Pending)));
        assert!(matches!(read(404, ""), Ok(Decision::Expired)));
        assert!(matches!(read(200, r#"{"deny":true}"#), Ok(Decision::Denied)));
        let Ok(Decision::Approved(approval)) = read(200, &decision) else { panic!("{vector}") };
        assert_eq!(approval.body().expose(), decision);

        let claims = &output["token_claims"];
        let role = Role::of_subject(text(claims, "sub"));
        assert_eq!(role, Role::Phone(KeyId::parse(text(output, "kid")).expect("a key")));
        Scope::parse(text(claims, "scope")).expect("a scope");
    }
}

#[test]
fn the_approval_of_another_request_is_not_handed_on() {
    let vectors = list("ext");
    let [one, other] = &vectors[..] else { return };
    let request = request(&one["output"]).expect("a request");
    let body = json!({ "authreply": other["output"]["authreply"] }).to_string();
    let error = Decision::read(200, body.as_bytes(), &request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CloudUnreachable);
    let session = json!({ "epk": one["output"]["epk"] }).to_string();
    let session = ApprovalSession::read(session.as_bytes()).expect("a session");
    let eid = Eid::parse(text(&other["output"], "eid")).expect("an eid");
    let body = json!({ "authreq": one["output"]["authreq"] }).to_string();
    let error = ApprovalRequest::read(body.as_bytes(), session, &eid).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IdentityChanged);
}

/// What device, broker and phone write to each other is signed as the reference says.
#[test]
fn every_letter_is_signed_by_who_wrote_it() {
    for vector in list("ext") {
        let (input, output) = (&vector["input"], &vector["output"]);
        let [device, broker, phone] =
            ["eid_private", "broker_private", "app_private"].map(|name| key(input, name));
        let to_broker = device.shared_with(&broker.public()).expect("a shared key");
        let to_device = phone.shared_with(&device.public()).expect("a shared key");
        let letters = [
            ("request", &to_broker),
            ("reply", &to_device),
            ("authreq", &to_broker),
            ("authreply", &to_device),
        ];
        for (name, shared) in letters {
            let letter = Jws::parse(Speaker::Device, name, text(output, name)).expect(name);
            assert!(letter.is_signed_with(shared), "{name}");
        }
        let reply = text(output, "reply");
        let mac = |text: &str| crate::encoding::decode(text).expect("base64");
        assert!(to_broker.has_signed(reply.as_bytes(), &mac(text(output, "code"))));
        let to_app = phone.shared_with(&PublicKey::parse(text(output, "epk")).expect("a key"));
        let message = format!("{reply}{}", text(input, "push_token"));
        let app_mac = mac(text(output, "app_mac"));
        assert!(to_app.expect("a shared key").has_signed(message.as_bytes(), &app_mac));
    }
}

#[test]
fn an_approval_for_another_device_is_not_handed_on() {
    for vector in list("ext") {
        let output = &vector["output"];
        let request = request(output).expect("a request");
        let asked = Jws::parse(Speaker::Device, "", text(output, "authreq")).expect("a letter");
        let jti = &asked.claims::<Value>("").expect("claims")["jti"];
        let shared = crate::PrivateKey::random()
            .shared_with(&PublicKey::parse(text(output, "epk")).expect("a key"))
            .expect("a shared key");
        let read = |aud: &Value| {
            let reply = crate::jws::sign(&json!({"aud": aud, "jti": jti}), &shared);
            let body = json!({ "authreply": reply }).to_string();
            Decision::read(200, body.as_bytes(), &request)
        };
        assert!(matches!(read(&output["eid"]), Ok(Decision::Approved(_))));
        let error = read(&output["epk"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CloudUnreachable);
    }
}

#[test]
fn without_a_phone_nobody_waits() {
    let device = crate::PrivateKey::random();
    let broker = crate::PrivateKey::random().public();
    let (iss, aud) = (device.public().to_string(), broker.to_string());
    let claims = json!({"iss": iss, "aud": aud, "iat": 1, "exp": 2, "jti": "j", "scope": {}});
    let shared = device.shared_with(&broker).expect("a shared key");
    let body = json!({ "authreq": crate::jws::sign(&claims, &shared) }).to_string();
    let session = ApprovalSession::read(json!({ "epk": aud }).to_string().as_bytes());
    let eid = Eid::parse(&iss).expect("an eid");
    let error = ApprovalRequest::read(body.as_bytes(), session.expect("one"), &eid).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NeedsLogin);
}

#[test]
fn what_the_broker_says_stands_in_no_path_unseen() {
    for id in ["", "../x", "a/b", "a?b", "a b", "a\r\nb"] {
        let body = json!({"eventid": id, "sentcnt": 1}).to_string();
        assert!(Event::read(body.as_bytes()).is_err(), "{id:?}");
        let body = json!({"rid": id, "link": "https://b.test"}).to_string();
        assert!(Registration::read(body.as_bytes()).is_err(), "{id:?}");
    }
}

#[test]
fn a_paired_phone_is_known_by_the_description_of_its_key() {
    let key = KeyId::parse("7ca9712a85b74e071247614b3c35486b").expect("a key");
    let described = |text: &[u8]| Phone::described(key, &crate::encoding::encode(text));
    let description = [&b"EXTAID"[..], &[7; 32]].concat();
    let id = crate::encoding::encode(&[7; 32]);
    assert_eq!(described(&description).map(|phone| phone.id), Some(id));
    assert_eq!(described(b"EXTAID"), None);
    assert_eq!(described(b"anything else"), None);
}

fn request(output: &Value) -> crate::Result<ApprovalRequest> {
    let session = json!({ "epk": output["epk"] }).to_string();
    let session = ApprovalSession::read(session.as_bytes())?;
    let question = session.request(&Scope::parse("keymgmt:list")?, &Note::parse("from here")?);
    assert_eq!(
        parsed(&question),
        json!({"epk": output["epk"], "scope": "keymgmt:list", "note": "from here"})
    );
    let body = json!({"authreq": output["authreq"], "epk": output["epk"]}).to_string();
    let request =
        ApprovalRequest::read(body.as_bytes(), session, &Eid::parse(text(output, "eid"))?)?;
    let received_at = Timestamp::from_second(1_790_000_060).expect("a time");
    assert_eq!(request.drift(received_at), crate::Drift::default());
    assert_eq!(request.expires_at().as_second(), 1_790_003_660);
    Ok(request)
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

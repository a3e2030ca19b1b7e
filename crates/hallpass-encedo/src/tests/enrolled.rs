//! Groups `init` and `rotation`: new masters, users and passphrases.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::vectors::{list, number, text};
use crate::{Kdf, NewDevice, NewKey, Settings, Words};

#[test]
fn a_new_device_is_set_up_byte_for_byte() {
    for vector in list("init") {
        let (input, output) = (&vector["input"], &vector["output"]);
        let now = Timestamp::from_second(number(input, "iat")).expect("a time");
        let device = NewDevice::read(input["challenge"].to_string().as_bytes(), now);
        let device = device.expect("a challenge");
        let master = Words::parse(&text(input, "mnemonic").into()).expect("words").key();
        assert_eq!(master.public().to_string(), text(output, "masterkey"));
        let user = Kdf::Pbkdf2.derive(&text(input, "user_passphrase").into(), device.eid());
        let user = user.expect("a key").public();
        assert_eq!(user.to_string(), text(output, "userkey"));
        let settings = &input["cfg_rest"];
        let settings = Settings::of(text(settings, "user"), text(settings, "email"));
        let body = device.set_up(&master, &user, &settings.expect("a user"), now);
        let body: Value = serde_json::from_str(body.expect("a body").expose()).expect("JSON");
        assert_eq!(body, json!({ "init": output["init"] }));
    }
}

#[test]
fn a_new_passphrase_is_proven_byte_for_byte() {
    for vector in list("rotation") {
        let (input, output) = (&vector["input"], &vector["output"]);
        let device = NewKey::read(input.to_string().as_bytes()).expect("a configuration");
        let passphrase = text(input, "passphrase").into();
        let user = Kdf::Pbkdf2.derive(&passphrase, device.eid()).expect("a key");
        let body: Value = serde_json::from_str(&device.body(&user).expect("a body")).expect("JSON");
        assert_eq!(body, output["body"]);
    }
}

#[test]
fn words_are_read_as_people_type_them() {
    let phrase = format!("{} art", ["abandon"; 23].join(" "));
    let key = |text: &str| Words::parse(&text.into()).map(|words| words.key().public());
    let expected = key(&phrase).expect("words");
    let typed = format!("  {}\n", phrase.to_uppercase().replace(' ', "\n\t"));
    assert_eq!(key(&typed).expect("words"), expected);
    for wrong in [phrase.replace("art", "abandon"), phrase.replace(" art", ""), String::new()] {
        assert!(key(&wrong).is_err(), "{wrong}");
    }
    let new = Words::random();
    assert_eq!(key(new.text().expose()).expect("words"), new.key().public());
}

use super::*;

const HEX: &str = "00ff0102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E";
const BASE64: &str = "AP8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4=";

fn check(text: &str, is_key: bool) {
    let key = SealingKey::parse(text.as_bytes());
    assert_eq!(key.is_some(), is_key, "{text:?}");
    if let Some(key) = key {
        assert_eq!(key.as_bytes()[..3], [0x00, 0xff, 0x01], "{text:?}");
    }
}

#[test]
fn a_key_is_32_bytes_as_text_with_at_most_one_line_end() {
    check(HEX, true);
    check(BASE64, true);
    check(&format!("{HEX}\n"), true);
    check(&format!("{BASE64}\r\n"), true);
    check(&format!("{BASE64}\n\n"), false);
    check(&format!(" {BASE64}"), false);
    check("", false);
    check("\n", false);
    check(&HEX[2..], false);
    check(&format!("{HEX}00"), false);
    check(&HEX.replace("00", "0g"), false);
    check(&HEX.replace("00", "+0"), false);
    check(&BASE64[4..], false);
    check(&format!("AAAA{BASE64}"), false);
}

#[test]
fn a_generated_key_is_read_back_and_never_shown() {
    let key = SealingKey::generate().expect("random numbers");
    let line = SealingKey::to_text(&[&key]);
    assert_eq!(SealingKey::parse(line.as_bytes()).map(|key| key.0), Some(key.0.clone()));
    assert_eq!(format!("{key:?}"), "[secret]");
}

#[test]
fn a_text_of_ours_has_a_key_a_line() {
    let [one, other] = [(); 2].map(|()| SealingKey::generate().expect("random numbers"));
    let text = SealingKey::to_text(&[&one, &other]);
    let keys = SealingKey::parse_all(text.as_bytes()).expect("two keys");
    assert_eq!(
        keys.iter().map(SealingKey::as_bytes).collect::<Vec<_>>(),
        [one.as_bytes(), other.as_bytes()]
    );
    assert!(SealingKey::parse_all(b"").is_none());
    assert!(SealingKey::parse_all(&text.as_bytes()[1..]).is_none());
}

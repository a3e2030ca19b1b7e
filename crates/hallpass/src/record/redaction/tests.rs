use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::*;

/// The bodies without what they tell, in their order.
fn redacted(bodies: &[&str], secrets: &[&str]) -> Vec<String> {
    let mut telling = Telling::default();
    bodies.iter().for_each(|body| telling.learn_from(body.as_bytes()));
    let secrets = secrets.iter().map(|secret| Secret::from(*secret)).collect();
    let redaction = telling.redaction(secrets).unwrap();
    let redact = |body: &&str| String::from_utf8(redaction.redact(body.as_bytes())).unwrap();
    bodies.iter().map(redact).collect()
}

#[track_caller]
fn check(body: &str, expect: &str) {
    assert_eq!(redacted(&[body], &[]), [expect]);
}

#[test]
fn what_tells_something_is_replaced_and_the_rest_stays_as_it_is_written() {
    check(
        "[ {\"sn\" :\t\"122012345678\", \"wh\":1.50, \"at\":1693745133}\r\n]",
        "[ {\"sn\" :\t\"120000000001\", \"wh\":1.50, \"at\":1693745133}\r\n]",
    );
    check(r#"{"serialNumber": 122012345678}"#, r#"{"serialNumber": 120000000001}"#);
    check(r#"{"inv": {"482012345678": {}}}"#, r#"{"inv": {"480000000001": {}}}"#);
    check(r#"{"serial_nums": {"ab-123": {}}}"#, r#"{"serial_nums": {"aa-001": {}}}"#);
    check(
        r#"{"user": {"name": 1}, "sn": {"part": 2}}"#,
        r#"{"user": {"name": 1}, "sn": {"part": 2}}"#,
    );
    check(r#"{"pv_serial_nb": ["ab-1", "cd-2"]}"#, r#"{"pv_serial_nb": ["aa-1", "aa-2"]}"#);
    check("<a><sn>122012345678</sn><pn>8</pn>", "<a><sn>120000000001</sn><pn>8</pn>");
    check(r#"{"mac":"00:1D:C0:7F:B6:3B","ip":null}"#, r#"{"mac":"00:0A:A0:0A:A0:0B","ip":null}"#);
    check(r#"{"ip":"192.168.1.20"}"#, r#"{"ip":"192.168.0.11"}"#);
    check(r#"{"load_name":"K\u00fcche"}"#, r#"{"load_name":"Aaaab"}"#);
    check(r#"{"joules_lifetime_pcu": 337342608000}"#, r#"{"joules_lifetime_pcu": 337342608000}"#);
    check(r#"{"latitude": 52.37, "v": 52.37}"#, r#"{"latitude": 10.01, "v": 52.37}"#);
    check(r#"{"site_id": 1234567, "wh": 1234567}"#, r#"{"site_id": 1000001, "wh": 1234567}"#);
    check(r#"{"sn":"122012345678EIM1"}"#, r#"{"sn":"120000000001EIM1"}"#);
    check("", "");
}

#[test]
fn the_same_is_replaced_by_the_same_in_all_answers() {
    let bodies = [
        r#"{"sn": "122012345678"}"#,
        r#"{"x": ["at 122012345678", 122012345678], "y": "122012345679"}"#,
        "<p>122012345678 was here, and 122012345679</p>",
        r#"{"mac": "00:1D:C0:7F:B6:3B"}"#,
        r#"{"arp": "00:1d:c0:7f:b6:3b"}"#,
    ];
    let expect = [
        r#"{"sn": "120000000001"}"#,
        r#"{"x": ["at 120000000001", 120000000001], "y": "120000000002"}"#,
        "<p>120000000001 was here, and 120000000002</p>",
        r#"{"mac": "00:0A:A0:0A:A0:0B"}"#,
        r#"{"arp": "00:0A:A0:0A:A0:0B"}"#,
    ];
    assert_eq!(redacted(&bodies, &[]), expect);
}

#[test]
fn nothing_becomes_what_something_else_was() {
    let expect = [r#"["120000000002", "120000000003"]"#];
    assert_eq!(redacted(&[r#"["122012345678", "120000000001"]"#], &[]), expect);
}

#[test]
fn an_address_is_one_whatever_it_is_called() {
    let bodies =
        [r#"{"address": "192.168.1.20"}"#, "<host>84.12.7.9</host>", "192.168.1.20 84.12.7.9"];
    let expect =
        [r#"{"address": "192.168.0.11"}"#, "<host>10.10.0.1</host>", "192.168.0.11 10.10.0.1"];
    assert_eq!(redacted(&bodies, &[]), expect);
}

#[test]
fn a_name_is_not_mistaken_for_a_word() {
    let bodies = [
        r#"{"ssid": "generator", "load_name": "FRITZ!Box 7590"}"#,
        r#"{"generator": "generator", "log": "joined FRITZ!Box 7590 again", "FRITZ!Box 7590": 1}"#,
    ];
    let expect = [
        r#"{"ssid": "aaaaaaaab", "load_name": "AAAAA!Aaa 0001"}"#,
        r#"{"generator": "generator", "log": "joined AAAAA!Aaa 0001 again", "FRITZ!Box 7590": 1}"#,
    ];
    assert_eq!(redacted(&bodies, &[]), expect);
}

#[test]
fn a_body_that_is_no_json_is_redacted_by_its_looks() {
    check(
        "{\"sn\": \"122012345678\", \"ssid\": \"Our ho",
        "{\"sn\": \"120000000001\", \"ssid\": \"Our ho",
    );
    check(
        "{\"sn\": \"122012345678\", \"ssid\": \"Our house\", [",
        "{\"sn\": \"120000000001\", \"ssid\": \"Aaa aaaab\", [",
    );
    check("NaN 192.168.1.20", "NaN 192.168.0.11");
    check("jane\\u0040example.org", "aaaa@aaaaaaa.aab");
}

#[test]
fn bytes_that_are_no_text_are_kept() {
    let mut telling = Telling::default();
    let body = b"\xff\xfe sn=122012345678 \x00\xd8";
    telling.learn_from(body);
    let redaction = telling.redaction(Vec::new()).unwrap();
    assert_eq!(redaction.redact(body), b"\xff\xfe sn=120000000001 \x00\xd8");
}

#[test]
fn own_secrets_are_covered_in_every_form() {
    let secret = "correct horse/battery";
    for body in [
        "x correct horse/battery x".to_owned(),
        format!("[\"{secret}\"]"),
        r"correct horse\/battery".to_owned(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        format!("[\"{}\"]", STANDARD.encode(format!("ab{secret}c"))),
    ] {
        let redacted = redacted(&[&body], &[secret]).remove(0);
        assert_ne!(redacted, body);
        assert_absent(secret, &redacted);
    }
    check("Bearer eyJhbGciOiJF.eyJzdWIi.c2ln", "Bearer aaAaaAaaAaAA.aaAaaAAa.a0ab");
}

#[test]
fn deep_nesting_is_no_danger() {
    let deep = "[".repeat(100_000) + "\"122012345678\"" + &"]".repeat(100_000);
    assert!(!redacted(&[&deep], &[])[0].contains("122012345678"));
}

/// What of a text must not be found in any form.
#[track_caller]
fn assert_absent(original: &str, text: &str) {
    let percent = utf8_percent_encode(original, NON_ALPHANUMERIC).to_string();
    let escaped = Value::from(original).to_string();
    let mut forms = vec![original.to_owned(), percent, escaped.trim_matches('"').to_owned()];
    for skip in 0..3 {
        let encoded = STANDARD.encode(&original.as_bytes()[skip..]);
        // Without the end, which depends on what follows.
        forms.push(encoded[..encoded.len() - 4].to_owned());
    }
    for form in forms.into_iter().filter(|form| form.len() >= 7) {
        assert!(!text.contains(&form), "{original} is in {text} as {form}");
    }
}

/// Originals of every kind that must not survive anywhere.
fn original() -> impl Strategy<Value = String> {
    prop_oneof![
        "[1-9][0-9]{11}",
        "([0-9A-F]{2}:){5}[1-9A-E]{2}",
        (1..=223_u8, 0..=255_u8, 0..=255_u8, 1..=254_u8)
            .prop_filter("this machine", |(first, ..)| *first != 127)
            .prop_map(|(a, b, c, d)| format!("{a}.{b}.{c}.{d}")),
        "[a-z]{1,8}[.][a-z0-9]{2,6}@[a-z]{2,8}[.](org|com|de)",
        "[2-3][0-9a-f]{3}:[0-9a-f]{1,4}::[1-9a-f][0-9a-f]{0,3}",
    ]
}

/// Where an original may stand in a document.
fn planted(original: &str, form: usize) -> Value {
    let encoded = || STANDARD.encode(format!("key={original}; more"));
    match form {
        0 => json!({"sn": original}),
        1 => json!({"text": format!("seen ({original}) today")}),
        2 => json!({"list": [1, original, null]}),
        3 => json!({"url": format!("/x?y={}&z", utf8_percent_encode(original, NON_ALPHANUMERIC))}),
        4 => json!({"blob": encoded()}),
        5 => json!({"auth": format!("Basic {}", encoded())}),
        6 => json!({ original: {"on": true} }),
        _ => json!({"inner": json!({"said": original}).to_string()}),
    }
}

fn measured() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(|wh| json!({"wattHoursLifetime": wh, "devType": 1})),
        any::<f64>().prop_map(|w| json!({"activePower": w, "measurementType": "net-consumption"})),
        (1_500_000_000..1_900_000_000_u64)
            .prop_map(|t| json!({"timestamp": t, "date": t.to_string()})),
        select(vec![704_643_328_u64, 1_778_385_169])
            .prop_map(|eid| json!({"eid": eid, "state": "enabled"})),
        Just(json!({"mode": "self-consumption", "time_of_use": {"id": "summer", "on": null}})),
    ]
}

/// Documents, and what was planted in them.
fn documents() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let originals = prop::collection::btree_set(original(), 1..6);
    let parts = prop::collection::vec(
        (any::<prop::sample::Index>(), 0..8_usize, 0..3_usize, measured()),
        1..12,
    );
    (originals, parts, any::<bool>()).prop_map(|(originals, parts, pretty)| {
        let originals: Vec<String> = originals.into_iter().collect();
        let mut documents = vec![Vec::new(); 3];
        for (index, form, document, measured) in parts {
            documents[document].push(planted(index.get(&originals).as_str(), form));
            documents[document].push(measured);
        }
        let written = documents.into_iter().map(|parts| match pretty {
            true => serde_json::to_string_pretty(&parts).unwrap(),
            false => Value::from(parts).to_string(),
        });
        (written.collect(), originals)
    })
}

/// Walks two documents side by side: the same but for texts. Notes which text became which.
fn compare(before: &Value, after: &Value, renamed: &mut BTreeSet<(String, String)>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            assert_eq!(before.len(), after.len());
            let values =
                |map: &serde_json::Map<String, Value>| map.values().cloned().collect::<Vec<_>>();
            renamed.extend(before.keys().cloned().zip(after.keys().cloned()));
            compare(&values(before).into(), &values(after).into(), renamed);
        }
        (Value::Array(before), Value::Array(after)) => {
            assert_eq!(before.len(), after.len());
            before.iter().zip(after).for_each(|(before, after)| compare(before, after, renamed));
        }
        (Value::String(before), Value::String(after)) => {
            renamed.insert((before.clone(), after.clone()));
        }
        _ => assert_eq!(before, after),
    }
}

/// What separates, without letters and digits.
fn skeleton(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() { 'x' } else { c }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_original_is_left_in_any_form((documents, originals) in documents()) {
        let documents: Vec<_> = documents.iter().map(|document| &**document).collect();
        let redacted = redacted(&documents, &[]);
        for (original, after) in originals.iter().flat_map(|o| redacted.iter().map(move |after| (o, after))) {
            assert_absent(original, after);
        }
    }

    #[test]
    fn documents_differ_in_names_only((documents, _) in documents()) {
        let documents: Vec<_> = documents.iter().map(|document| &**document).collect();
        let redacted = redacted(&documents, &[]);
        let mut renamed = BTreeSet::new();
        for (before, after) in documents.iter().zip(&redacted) {
            let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            compare(&parse(before), &parse(after), &mut renamed);
        }
        let (before, after): (BTreeSet<_>, BTreeSet<_>) = renamed.iter().cloned().unzip();
        prop_assert_eq!(before.len(), renamed.len(), "the same became different: {:?}", &renamed);
        prop_assert_eq!(after.len(), renamed.len(), "different became the same: {:?}", &renamed);
    }

    #[test]
    fn the_layout_stays((documents, _) in documents()) {
        let documents: Vec<_> = documents.iter().map(|document| &**document).collect();
        for (before, after) in documents.iter().zip(redacted(&documents, &[])) {
            if !before.contains('%') && !before.contains("blob") && !before.contains("Basic") {
                prop_assert_eq!(skeleton(before), skeleton(&after));
            }
        }
    }

    #[test]
    fn twice_is_the_same((documents, _) in documents()) {
        let documents: Vec<_> = documents.iter().map(|document| &**document).collect();
        prop_assert_eq!(redacted(&documents, &[]), redacted(&documents, &[]));
    }

    #[test]
    fn any_bytes_are_kept_where_nothing_is_known(body in prop::collection::vec(any::<u8>(), 0..400)) {
        let redaction = Telling::default().redaction(Vec::new()).unwrap();
        prop_assert_eq!(redaction.redact(&body), body);
    }

    #[test]
    fn any_bytes_can_be_learnt_from(body in "[\\x00-\\x7f\u{fc}]{0,200}", cut in 0..200_usize) {
        let mut telling = Telling::default();
        let broken = format!("{{\"sn\": \"{body}\", \"mac\": [\"{body}\"");
        telling.learn_from(body.as_bytes());
        telling.learn_from(&broken.as_bytes()[..cut.min(broken.len())]);
        telling.learn_from(broken.as_bytes());
        let redaction = telling.redaction(Vec::new()).unwrap();
        redaction.redact(broken.as_bytes());
    }
}

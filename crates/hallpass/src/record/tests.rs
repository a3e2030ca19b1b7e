use std::{
    fs,
    path::{Path, PathBuf},
};

use super::*;

/// The recordings beside the repository; none, said aloud, where they are not there.
fn directories() -> Vec<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/gateways");
    let Ok(entries) = fs::read_dir(&shared) else {
        println!("skipped: no recordings at ../shared/gateways");
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
}

/// Whatever a gateway has ever answered keeps its layout, and loses every number of twelve digits.
#[test]
fn recordings_of_real_gateways_keep_their_layout() {
    for directory in directories() {
        let entries = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
        let bodies: BTreeMap<_, _> = entries
            .filter(|path| !path.to_string_lossy().ends_with(".json"))
            .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
            .collect();
        let mut telling = Telling::default();
        bodies.values().for_each(|body| telling.learn_from(body));
        let redaction = telling.redaction(Vec::new()).unwrap();
        for (name, body) in &bodies {
            let redacted = redaction.redact(body);
            assert_eq!(skeleton(body), skeleton(&redacted), "{name}");
            let redacted = String::from_utf8_lossy(&redacted);
            for number in serial_numbers(&String::from_utf8_lossy(body)) {
                assert!(!redacted.contains(number), "{name}: {number}");
            }
        }
    }
}

/// Every number of twelve digits that is the whole of a string or an element.
fn serial_numbers(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(['"', '<', '>']);
    words.filter(|word| word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

fn skeleton(body: &[u8]) -> String {
    let letter = |byte: &u8| if byte.is_ascii_alphanumeric() { 'x' } else { char::from(*byte) };
    body.iter().map(letter).collect()
}

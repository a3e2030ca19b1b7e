//! The vectors beside this repository, in `../shared/hem`; their README says how they were made.
//! Where they are absent these tests pass and say so.

use std::{fs, path::Path};

use serde_json::Value;
use zeroize::Zeroizing;

use crate::PrivateKey;

/// What a group holds: a list, or one thing.
pub(super) fn group(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/hem/vectors.json");
    let Ok(text) = fs::read(&path) else {
        println!("no vectors at {}: nothing compared", path.display());
        return None;
    };
    let mut all: Value = serde_json::from_slice(&text).expect("the vectors are JSON");
    Some(all[name].take())
}

/// The vectors of a group that is a list.
pub(super) fn list(name: &str) -> Vec<Value> {
    let Some(group) = group(name) else { return Vec::new() };
    let list = group.as_array().expect("the group is a list").clone();
    assert!(!list.is_empty(), "{name} is empty");
    list
}

/// A text of a vector.
pub(super) fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_else(|| panic!("{name} is no text in {of}"))
}

/// A number of a vector.
pub(super) fn number(of: &Value, name: &str) -> i64 {
    of[name].as_i64().unwrap_or_else(|| panic!("{name} is no number in {of}"))
}

/// A private key of a vector, in hexadecimal digits.
pub(super) fn key(of: &Value, name: &str) -> PrivateKey {
    PrivateKey::from_bytes(&Zeroizing::new(bytes(text(of, name)).try_into().expect("32 bytes")))
}

pub(super) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().map(|c| c.to_digit(16).expect("a digit") as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

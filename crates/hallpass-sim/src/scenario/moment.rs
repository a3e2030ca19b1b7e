//! Times and lengths as scenarios write them: `90s`, `1h30m`, `335d`, `2y`.

use std::{fmt::Write, time::Duration};

use crate::span;

/// The sum of numbers with units: ms, s, m, h, d, and y for 365 days.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let unit = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let length = rest[unit..].find(|c: char| !c.is_ascii_alphabetic());
        let (part, after) = rest.split_at(length.map_or(rest.len(), |length| unit + length));
        sum = sum.checked_add(one(part)?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(sum)
}

fn one(part: &str) -> Option<Duration> {
    match part.strip_suffix('y') {
        Some(years) => span::parse(&format!("{years}d"))?.checked_mul(365),
        None => span::parse(part),
    }
}

/// As [`parse`] reads it, in whole seconds.
pub(super) fn display(moment: Duration) -> String {
    let mut left = moment.as_secs();
    let mut text = String::new();
    for (unit, seconds) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
        if left >= seconds {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{unit}", left / seconds);
            left %= seconds;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

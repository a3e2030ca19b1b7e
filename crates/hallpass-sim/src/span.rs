//! Durations as people and other programs write them: a number and ms, s, m, h or d.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error as _};

/// A duration in the arguments of faults and events: `"90s"`, or a plain number of seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span(pub(crate) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Seconds(u64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Seconds(seconds) => Ok(Self(Duration::from_secs(seconds))),
            Written::Text(text) => {
                let wrong = || {
                    D::Error::custom(format!(
                        "not a duration (a number and ms, s, m, h or d): {text:?}"
                    ))
                };
                parse(&text).map(Self).ok_or_else(wrong)
            }
        }
    }
}

/// `None` unless the text is a number, which may have a fraction, and one of the units.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * unit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        let check = |text: &str, expect: Option<u64>| {
            assert_eq!(parse(text), expect.map(Duration::from_millis), "{text}")
        };
        check("250ms", Some(250));
        check("1.5s", Some(1_500));
        check("2m", Some(120_000));
        check("1h", Some(3_600_000));
        check("1d", Some(86_400_000));
        for nonsense in ["", "5", "s", "-1s", "1w", "1.2.3s", "1e300d"] {
            check(nonsense, None);
        }
    }
}

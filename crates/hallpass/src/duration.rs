//! Durations as people write them.

use std::time::Duration;

/// Reads a number and `ms`, `s`, `m`, `h` or `d`; the number may have a fraction.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("`{text}` is no duration: write a number and ms, s, m, h or d, as in 90s");
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit_at);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())
}

/// The two greatest units of a duration, as in `3 d 4 h`.
pub(crate) fn display(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let Some(first) = units.iter().position(|(size, _)| seconds >= *size) else {
        return "0 s".to_owned();
    };
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (size, name) in units.iter().skip(first).take(2) {
        if rest >= *size {
            parts.push(format!("{} {name}", rest / size));
        }
        rest %= size;
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        let check = |text: &str, expect: Option<u64>| {
            assert_eq!(parse(text).ok(), expect.map(Duration::from_millis), "{text}");
        };
        check("250ms", Some(250));
        check("1.5s", Some(1_500));
        check("2m", Some(120_000));
        check("1h", Some(3_600_000));
        check("1d", Some(86_400_000));
        check("0s", Some(0));
        for nonsense in ["", "5", "s", "-1s", "1w", "1.2.3s", "1 s", "1e9d"] {
            check(nonsense, None);
        }
    }

    #[test]
    fn people_are_shown_two_units() {
        let check = |seconds, expect: &str| {
            assert_eq!(display(Duration::from_secs(seconds)), expect);
        };
        check(0, "0 s");
        check(59, "59 s");
        check(3_600, "1 h");
        check(3_661, "1 h 1 min");
        check(365 * 86_400 - 1, "364 d 23 h");
    }
}

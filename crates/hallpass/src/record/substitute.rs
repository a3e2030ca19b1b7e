//! Text that is made up in the place of another, of the same shape.

use std::net::Ipv4Addr;

use super::kind::Kind;

/// The text of this number that can stand for `original`: digits for digits, letters for letters,
/// the rest as it is. As long as there are enough of that length, other numbers give other texts.
pub(super) fn substitute(kind: Kind, original: &str, number: usize) -> String {
    let made = match (kind, original.parse::<Ipv4Addr>()) {
        (Kind::IpAddress, Ok(ip)) => ipv4(ip, number).to_string(),
        (Kind::IpAddress | Kind::HardwareAddress, _) => filled(original, number, Slot::hexadecimal),
        (Kind::SerialNumber, _) if original.len() >= 10 => {
            // The first two digits tell the family of products, and are the same for millions.
            let (family, rest) = original.split_at_checked(2).unwrap_or(("", original));
            family.to_owned() + &filled(rest, number, Slot::alphabetic)
        }
        _ => filled(original, number, Slot::alphabetic),
    };
    if original.parse::<f64>().is_ok() { as_number(original, made) } else { made }
}

/// A number must not begin with a zero where it did not.
fn as_number(original: &str, mut made: String) -> String {
    let is_digit = |c: char| c.is_ascii_digit();
    let first = original.find(is_digit).filter(|first| !original[*first..].starts_with('0'));
    if let Some(first) = first.filter(|first| made[*first..].starts_with('0')) {
        made.replace_range(first..=first, "1");
    }
    made
}

/// Keeps what tells a private address from a public one; the public ones made up are nobody's.
fn ipv4(original: Ipv4Addr, number: usize) -> Ipv4Addr {
    let octets = original.octets();
    let kept: &[u8] = match octets {
        [192, 168, ..] => &[192, 168],
        [169, 254, ..] => &[169, 254],
        [10, ..] => &[10],
        [172, 16..=31, ..] => &octets[..2],
        [0..=9, ..] => &[0],
        [10..=99, ..] => &[10],
        _ => &[240],
    };
    let (mut rest, mut made) = (number, octets);
    for index in (kept.len()..4).rev() {
        let (first, many) = match octets[index] {
            0..=9 => (0, 10),
            10..=99 => (10, 90),
            _ => (100, 156),
        };
        made[index] = first + u8::try_from(rest % many).unwrap_or_default();
        rest /= many;
    }
    made[..kept.len()].copy_from_slice(kept);
    match u32::try_from(number) {
        // There are no more of this length.
        Ok(number) if rest > 0 => Ipv4Addr::from_bits(u32::from_be_bytes([240, 0, 0, 0]) + number),
        _ => made.into(),
    }
}

/// What may stand in the place of one character.
#[derive(Clone, Copy)]
struct Slot {
    first: u8,
    many: usize,
}

impl Slot {
    fn alphabetic(original: char) -> Option<Self> {
        Self::of(original, 26)
    }

    fn hexadecimal(original: char) -> Option<Self> {
        Self::of(original, 6)
    }

    fn of(original: char, letters: usize) -> Option<Self> {
        match original {
            '0'..='9' => Some(Self { first: b'0', many: 10 }),
            _ if original.is_uppercase() => Some(Self { first: b'A', many: letters }),
            _ if original.is_alphanumeric() => Some(Self { first: b'a', many: letters }),
            _ => None,
        }
    }
}

/// `original` with each slot filled, so that the slots from the last on count to `number`. What
/// they cannot hold is added at the end.
fn filled(original: &str, mut number: usize, slot: fn(char) -> Option<Slot>) -> String {
    let fill = |original| match slot(original) {
        Some(Slot { first, many }) => {
            let digit = number % many;
            number /= many;
            // Less than the letters or digits that there are.
            char::from(first + u8::try_from(digit).unwrap_or_default())
        }
        None => original,
    };
    let backwards: String = original.chars().rev().map(fill).collect();
    let mut filled: String = backwards.chars().rev().collect();
    if number > 0 {
        filled += &number.to_string();
    }
    filled
}

#[cfg(test)]
mod tests;

//! What tells something in a text of any form: by how it looks, or by what stands before it.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    ops::Range,
    sync::LazyLock,
};

use regex::{Captures, Regex};

use super::kind::{Kind, Label};

/// A place in a text that tells something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) kind: Kind,
    pub(super) place: Range<usize>,
}

/// Every place in `text` that tells something, in order. Places may overlap.
pub(super) fn findings(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for Looks { kind, pattern, is_meant } in LOOKS.iter() {
        let places = pattern.find_iter(text).map(|found| found.range());
        let places = places.filter(|place| is_meant(text, place));
        found.extend(places.map(|place| Finding { kind: *kind, place }));
    }
    // What is known by its looks is that, whatever it is called.
    found.extend(labelled(text));
    found.extend(URL.captures_iter(text).flat_map(|url| of_url(&url)));
    found.sort_by_key(|found| (found.place.start, usize::MAX - found.place.end));
    found
}

/// How something looks wherever it stands.
struct Looks {
    kind: Kind,
    pattern: Regex,
    is_meant: fn(&str, &Range<usize>) -> bool,
}

/// What stands behind a name: `<sn>..</sn>`, `sn="..."`, `"sn": "..."`, `sn=...`.
fn labelled(text: &str) -> Vec<Finding> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(name) = NAME.captures_at(text, from) {
        let (element, member) = (name.get(1), name.get(2));
        let Some(key) = element.or(member) else { break };
        // An element may have attributes, and what is harmless may have names in it.
        from = key.end();
        let label = Label { key: key.as_str(), within: "" };
        let pattern = if element.is_some() { &CONTENT } else { &VALUE };
        let behind = name.get_match().end();
        if let Some(kind) = Kind::of_label(&label)
            && let Some(place) = value(pattern, text, behind)
            && kind.admits(&label, &text[place.clone()])
        {
            from = place.end;
            found.push(Finding { kind, place });
        }
    }
    found
}

/// What stands at `start` in the form of `pattern`, without the white space at its ends.
fn value(pattern: &Regex, text: &str, start: usize) -> Option<Range<usize>> {
    let captures = pattern.captures(&text[start..])?;
    let value = captures.iter().skip(1).flatten().next()?;
    let inner = value.as_str().trim_start();
    let start = start + value.end() - inner.len();
    Some(start..start + inner.trim_end().len())
}

/// The host of a URL that is not Enphase's or a standard's, and the numbers in its path.
fn of_url(url: &Captures<'_>) -> Vec<Finding> {
    let [Some(host), Some(path)] = [url.get(1), url.get(2)] else { return Vec::new() };
    if PUBLIC.iter().any(|public| host.as_str().ends_with(public)) {
        return numbers_of(path.as_str(), path.start());
    }
    let is_named = host.as_str().bytes().any(|byte| byte.is_ascii_alphabetic());
    let host = is_named.then(|| Finding { kind: Kind::HostName, place: host.range() });
    host.into_iter().chain(numbers_of(path.as_str(), path.start())).collect()
}

/// The numbers in `path`, which stands at `offset`, that are long enough for a site or an account.
fn numbers_of(path: &str, offset: usize) -> Vec<Finding> {
    let numbers = DIGITS.find_iter(path).map(|number| number.range());
    let places = numbers.filter(|number| (5..=11).contains(&number.len()));
    let moved = places.map(|place| place.start + offset..place.end + offset);
    moved.map(|place| Finding { kind: Kind::Account, place }).collect()
}

fn is_serial_number(text: &str, place: &Range<usize>) -> bool {
    let is_fraction = text[..place.start].ends_with('.');
    place.len() == 12 && !is_fraction && text[place.clone()].bytes().any(|digit| digit != b'0')
}

fn is_ip(text: &str, place: &Range<usize>) -> bool {
    let (before, after) = (&text[..place.start], &text[place.end..]);
    let is_part = before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '.')
        || after.starts_with(|c: char| c.is_ascii_alphanumeric())
        || after
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if is_part {
        return false;
    }
    let text = &text[place.clone()];
    // Nobody's own: any address, this machine, netmasks.
    let v4 = text.parse::<Ipv4Addr>().is_ok_and(|ip| !matches!(ip.octets()[0], 0 | 127 | 255));
    let v6 = text.parse::<Ipv6Addr>().is_ok_and(|ip| !ip.is_unspecified() && !ip.is_loopback());
    v4 || v6
}

fn is_hardware_address(text: &str, place: &Range<usize>) -> bool {
    let digits = text[place.clone()].bytes().filter(u8::is_ascii_hexdigit);
    let is_part = text[..place.start].ends_with(|c: char| c.is_ascii_hexdigit())
        || text[place.end..].starts_with(|c: char| c.is_ascii_hexdigit());
    !is_part && digits.clone().any(|b| b != b'0') && digits.clone().any(|b| b != b'f' && b != b'F')
}

fn is_private_host(text: &str, place: &Range<usize>) -> bool {
    // The name that every gateway has of itself.
    !text[place.clone()].starts_with("envoy")
}

fn always(_: &str, _: &Range<usize>) -> bool {
    true
}

#[expect(clippy::expect_used, reason = "the patterns are constants, and tested")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours is one")
}

static LOOKS: LazyLock<Vec<Looks>> = LazyLock::new(|| {
    let looks = |kind, text, is_meant| Looks { kind, pattern: pattern(text), is_meant };
    vec![
        looks(Kind::Secret, r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,2}", always),
        looks(
            Kind::EmailAddress,
            r#"[^\x00-\x20"'<>()\[\]\\,;:@&=/?%]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"#,
            always,
        ),
        looks(
            Kind::HardwareAddress,
            "[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?:(?:[:-][0-9A-Fa-f]{2}){2})?",
            is_hardware_address,
        ),
        looks(Kind::IpAddress, r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", is_ip),
        looks(
            Kind::IpAddress,
            r"(?:\b[0-9A-Fa-f]{1,4}|:)(?::[0-9A-Fa-f]{0,4}){1,6}(?::[0-9A-Fa-f]{1,4}|::)",
            is_ip,
        ),
        looks(
            Kind::HostName,
            r"[A-Za-z0-9][A-Za-z0-9.-]*\.(?:local|lan|internal|localdomain|fritz\.box)\b",
            is_private_host,
        ),
        looks(Kind::SerialNumber, r"[0-9]+", is_serial_number),
    ]
});

static URL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"[a-z]+://(?:[^/@\s"'<>]*@)?([^/:?#\s"'<>\\]+)([^\s"'<>\\]*)"#));

static DIGITS: LazyLock<Regex> = LazyLock::new(|| pattern("[0-9]+"));

/// The name of an element, or of what follows a colon or an equals sign.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    let name = "([A-Za-z_][A-Za-z0-9_.-]*)";
    pattern(&format!(r#"<{name}(?:\s[^<>]*)?>|{name}["']?\s*[:=]\s*"#))
});

/// What an element holds.
static CONTENT: LazyLock<Regex> = LazyLock::new(|| pattern("^([^<>]+)</"));

/// In quotes of either kind, or up to the next punctuation.
static VALUE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^(?:"([^"]+)"|'([^']+)'|([^\s"'<>&,;{}\[\]]+))"#));

/// Hosts that everybody's gateway knows.
const PUBLIC: &[&str] = &["enphaseenergy.com", "enphase.com", "envoy.local", "localhost", "w3.org"];

#[cfg(test)]
mod tests;

//! Text of others that a person will see.

/// The text without control characters, and no longer than a line.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// Whether it has 1 to `longest` characters, each of them visible ASCII: it may be shown, and stand
/// in names of records.
pub(crate) fn is_visible(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether it can stand in a path as it is: ids of the broker do.
pub(crate) fn is_path_segment(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_plain)
}

/// In characters.
const LONGEST: usize = 128;

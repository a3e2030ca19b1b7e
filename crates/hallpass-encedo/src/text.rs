//! Text of others that a person will see.

/// The text without control characters, and no longer than a line.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// In characters.
const LONGEST: usize = 128;

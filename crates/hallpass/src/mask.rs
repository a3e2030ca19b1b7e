//! What stands in the place of a secret where one is shown. Saved back, it would destroy the secret.

/// Whether `text` is a mask: one sign over and over, or a word that says so.
pub(crate) fn is_mask(text: &str) -> bool {
    let text = text.trim();
    let mut signs = text.chars();
    let is_covered =
        signs.next().is_some_and(|first| SIGNS.contains(first) && signs.all(|sign| sign == first));
    is_covered || is_word(text)
}

fn is_word(text: &str) -> bool {
    let brackets = [('(', ')'), ('[', ']'), ('<', '>'), ('{', '}')];
    let inner = |(open, close)| text.strip_prefix(open)?.strip_suffix(close);
    match brackets.into_iter().find_map(inner) {
        Some(word) => WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)),
        None => text.eq_ignore_ascii_case(REDACTED),
    }
}

/// Why one is refused.
pub(crate) const MASKED: &str = "this is a mask that stands for a secret, not the secret itself";

/// Forms and exports take stars or bullets; recordings of ours take the letter.
const SIGNS: &str = "*\u{2022}\u{25cf}\u{2219}\u{b7}xX";
const REDACTED: &str = "redacted";
const WORDS: [&str; 5] = [REDACTED, "hidden", "masked", "removed", "secret"];

#[cfg(test)]
mod tests;

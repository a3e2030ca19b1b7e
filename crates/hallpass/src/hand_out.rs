//! The one place of the program where a secret leaves it: to the person or program that asked for it.

use hallpass_enphase::Token;

/// The text of a token, to be printed or put in a private file.
pub(crate) fn hand_out(token: &Token) -> &str {
    token.text().expose()
}

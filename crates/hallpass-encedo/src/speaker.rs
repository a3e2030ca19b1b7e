//! Who said something, and reading it.

use hallpass_credential::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;

/// Who said something that must be read: nonsense of a device and of the cloud need different help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// The broker of check-ins and phones.
    Broker,
    /// The HEM.
    Device,
}

impl Speaker {
    /// Reads JSON of the form of `T`; `what` is told in errors.
    ///
    /// # Errors
    /// Of the kind of [`nonsense`](Self::nonsense); [`ErrorKind::NotADevice`] for a web page where
    /// a device should be.
    pub(crate) fn read<T: DeserializeOwned>(self, what: &str, body: &[u8]) -> Result<T> {
        if body.len() > LONGEST {
            return Err(self.nonsense(format!("{what} is longer than any is")));
        }
        serde_json::from_slice(body).map_err(|error| self.unreadable(what, body, &error))
    }

    /// An answer that makes no sense.
    pub(crate) fn nonsense(self, context: impl Into<String>) -> Error {
        let kind = match self {
            Self::Broker => ErrorKind::CloudUnreachable,
            Self::Device => ErrorKind::NotUnderstood,
        };
        Error::new(kind, context)
    }

    /// The position in the text is told, the text is not: it may hold a secret.
    fn unreadable(self, what: &str, body: &[u8], error: &serde_json::Error) -> Error {
        if body.trim_ascii_start().starts_with(b"<") {
            let context = format!("a web page came where {what} should be");
            return match self {
                Self::Broker => self.nonsense(context),
                Self::Device => Error::new(ErrorKind::NotADevice, context),
            };
        }
        if error.is_eof() {
            return self.nonsense(format!("{what} ends too early"));
        }
        let (line, column) = (error.line(), error.column());
        self.nonsense(format!("{what} is not what it should be (line {line}, column {column})"))
    }
}

/// In bytes. The longest answer has a certificate chain in it, and a device takes 7300 bytes.
const LONGEST: usize = 64 * 1024;

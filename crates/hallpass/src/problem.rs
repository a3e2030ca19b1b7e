//! What goes wrong in the program itself rather than in a library below it.

use std::{error::Error as StdError, fmt};

use anyhow::{Error, Result};

use crate::exit::Exit;

/// A failure with its exit code, and with a hint where the usual one would not do.
#[derive(Debug)]
pub(crate) struct Problem {
    exit: Exit,
    text: String,
    hint: Option<String>,
}

impl Problem {
    /// What was typed or configured cannot be meant.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::new(Exit::Usage, text)
    }

    pub(crate) fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, text: text.into(), hint: None }
    }

    /// The work stopped in a place where it never should.
    pub(crate) fn stopped() -> Self {
        Self::new(Exit::Failed, "hallpass stopped where it never should")
            .hint("run it again with -vv, and report what it says: this is a mistake in hallpass")
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn own_hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Problem {}

/// What was being done, and with which device: for the message and for the hint's command.
#[derive(Debug)]
pub(crate) struct About {
    doing: &'static str,
    device: String,
}

impl About {
    pub(crate) fn device(&self) -> &str {
        &self.device
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}", self.doing, self.device)
    }
}

/// Says which device a failure is about.
pub(crate) trait OrAbout<T> {
    /// `doing` completes "cannot ... DEVICE".
    fn or_about(self, doing: &'static str, device: impl Into<String>) -> Result<T>;
}

impl<T, E: Into<Error>> OrAbout<T> for Result<T, E> {
    fn or_about(self, doing: &'static str, device: impl Into<String>) -> Result<T> {
        self.map_err(|error| error.into().context(About { doing, device: device.into() }))
    }
}

//! What a login is to bring.

use std::time::Duration;

use hallpass_credential::{Error, ErrorKind, Result};

use crate::Scope;

/// What a token shall be for, how long it shall live, and a remark for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    scope: Scope,
    life: Duration,
    remark: Option<String>,
}

impl Wish {
    /// A token of the longest life.
    pub fn new(scope: Scope) -> Self {
        Self { scope, life: LONGEST_LIFE, remark: None }
    }

    /// The same with another life, in whole seconds.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for less than a second, and for more than [`LONGEST_LIFE`].
    pub fn lasting(self, life: Duration) -> Result<Self> {
        if life.as_secs() == 0 || life > LONGEST_LIFE {
            let longest = LONGEST_LIFE.as_secs();
            return Err(invalid(format!("a token lives 1 to {longest} seconds")));
        }
        Ok(Self { life, ..self })
    }

    /// The same with a remark (`ctx`) that the device may put into the token.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for more than 63 characters or control characters.
    pub fn remarking(self, remark: &str) -> Result<Self> {
        if remark.chars().count() > LONGEST_REMARK || remark.contains(char::is_control) {
            return Err(invalid(format!("a remark has at most {LONGEST_REMARK} characters")));
        }
        Ok(Self { remark: Some(remark.to_owned()), ..self })
    }

    /// What the token shall be for.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How long the token shall live. A device of firmware 0.9 makes it 8 hours whatever is asked,
    /// so what counts is what the token says.
    pub fn life(&self) -> Duration {
        self.life
    }

    /// The remark, if there is one.
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }
}

/// The longest life that was ever seen granted (firmware 1.2.2); nobody has asked for more.
pub const LONGEST_LIFE: Duration = Duration::from_secs(8 * 3600);

/// In characters (OpenAPI of firmware 1.2.2).
const LONGEST_REMARK: usize = 63;

fn invalid(context: String) -> Error {
    Error::new(ErrorKind::Invalid, context)
}

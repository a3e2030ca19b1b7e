//! The cookies of a login that takes more than one request.

use std::collections::BTreeMap;

use hallpass_credential::{Error, ErrorKind, Result, Secret};
use http::{HeaderMap, HeaderValue, header::SET_COOKIE};

/// What the answers so far have set.
#[derive(Debug, Default)]
pub(super) struct Jar(BTreeMap<String, Secret>);

impl Jar {
    /// Takes in what one more answer sets; later ones replace earlier ones.
    pub(super) fn take(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let pair =
                cookie.to_str().ok().and_then(|text| text.split(';').next()?.split_once('='));
            if let Some((name, value)) = pair {
                self.0.insert(name.trim().to_owned(), value.trim().into());
            }
        }
    }

    /// All of them, as a `Cookie` header.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for what cannot stand in a header.
    pub(super) fn header(&self) -> Result<HeaderValue> {
        let pairs: Vec<_> =
            self.0.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect();
        sensitive(&pairs.join("; "))
    }

    /// The cookie that a request repeats in `X-CSRF-Token`; clouds call it this and that.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for what cannot stand in a header.
    pub(super) fn csrf_token(&self) -> Result<Option<HeaderValue>> {
        let mut cookies = self.0.iter();
        let token = cookies.find(|(name, _)| name.to_ascii_lowercase().contains("xsrf"));
        token.map(|(_, value)| sensitive(value.expose())).transpose()
    }
}

fn sensitive(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|error| {
        Error::new(ErrorKind::Invalid, "the cloud's cookies cannot be sent back").because(error)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests;

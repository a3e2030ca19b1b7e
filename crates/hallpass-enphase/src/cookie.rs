//! The one cookie that counts.

use hallpass_credential::Secret;
use http::{HeaderMap, header::SET_COOKIE};

/// The value of the cookie `name` that an answer sets. nginx takes cookie names in any case.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<Secret> {
    let cookies = headers.get_all(SET_COOKIE).iter();
    cookies.filter_map(|cookie| cookie.to_str().ok()).find_map(|cookie| {
        let (key, value) = cookie.split(';').next()?.split_once('=')?;
        let value = value.trim();
        let is_it = key.trim().eq_ignore_ascii_case(name) && !value.is_empty();
        is_it.then(|| value.into())
    })
}

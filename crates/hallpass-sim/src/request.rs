//! What a request carries: credentials, cookies, form fields.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{Method, header};
use url::form_urlencoded;

use crate::answer::Request;

/// A `Authorization` header by its scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authorization<'a> {
    Bearer(&'a str),
    Digest(&'a str),
    Other(&'a str),
}

pub(crate) fn authorization(request: &Request) -> Option<Authorization<'_>> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    Some(match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Authorization::Bearer(rest.trim()),
        "digest" => Authorization::Digest(rest),
        _ => Authorization::Other(value),
    })
}

pub(crate) fn bearer(request: &Request) -> Option<&str> {
    match authorization(request) {
        Some(Authorization::Bearer(token)) => Some(token),
        _ => None,
    }
}

/// The cookie of this name, which a gateway compares without case.
pub(crate) fn cookie<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    cookies(request).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

pub(crate) fn cookies(request: &Request) -> impl Iterator<Item = (&str, &str)> {
    let headers = request.headers().get_all(header::COOKIE).into_iter();
    let pairs = headers.flat_map(|value| value.to_str().unwrap_or_default().split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('='))
}

/// A field of the query.
pub(crate) fn query(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Whether the request writes.
pub(crate) fn writes(request: &Request) -> bool {
    !matches!(*request.method(), Method::GET | Method::HEAD)
}

/// The fields of a submitted form, decoded.
#[derive(Debug, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    /// Sent as `multipart/form-data`.
    pub(crate) multipart: bool,
}

impl Form {
    /// A body that is neither kind of form has no fields.
    pub(crate) fn of(request: &Request) -> Self {
        let content_type = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        if kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            let boundary =
                parameters.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
            let fields = boundary
                .map(|boundary| multipart(request.body(), boundary.trim_matches('"')))
                .unwrap_or_default();
            return Self { fields, multipart: true };
        }
        let fields = form_urlencoded::parse(request.body()).into_owned().collect();
        Self { fields, multipart: false }
    }

    /// The first field of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same, decoded from base64.
    pub(crate) fn field_base64(&self, name: &str) -> Option<String> {
        let bytes = STANDARD.decode(self.field(name)?).ok()?;
        String::from_utf8(bytes).ok()
    }
}

fn multipart(body: &[u8], boundary: &str) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    let delimiter = format!("--{boundary}");
    text.split(delimiter.as_str()).filter_map(part).collect()
}

fn part(text: &str) -> Option<(String, String)> {
    let (head, value) = text.split_once("\r\n\r\n")?;
    let name = head.split("name=\"").nth(1)?.split('"').next()?;
    Some((name.to_owned(), value.strip_suffix("\r\n").unwrap_or(value).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(content_type: &str, body: &str) -> Form {
        let request = http::Request::post("/").header("content-type", content_type);
        Form::of(&request.body(body.to_owned().into()).unwrap())
    }

    #[test]
    fn awkward_passwords_survive_both_kinds_of_form() {
        let password = "p%&+= é§日";
        let encoded = form_urlencoded::Serializer::new(String::new())
            .append_pair("user[password]", password)
            .finish();
        assert_eq!(
            form("application/x-www-form-urlencoded", &encoded).field("user[password]"),
            Some(password)
        );
        let parts = format!(
            "--b\r\nContent-Disposition: form-data; name=\"user[password]\"\r\n\r\n{password}\r\n--b--\r\n"
        );
        let form = form("multipart/form-data; boundary=b", &parts);
        assert!(form.multipart && form.field("user[password]") == Some(password));
    }

    #[test]
    fn cookies_are_found_among_others() {
        let request = http::Request::get("/")
            .header("cookie", "a=1; sessionid=xyz=; b=")
            .body(Default::default())
            .unwrap();
        assert_eq!((cookie(&request, "sessionId"), cookie(&request, "c")), (Some("xyz="), None));
    }
}

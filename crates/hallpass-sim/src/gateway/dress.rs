//! How answers are dressed: which program of the gateway wrote them, and with what headers each generation sends them.

use bytes::Bytes;
use http::header::{self, HeaderName};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    answer::{Answer, Body, indented},
    cloud::{date, error_page},
    profile::{Generation, Profile},
};

/// Which program of the gateway an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    /// The web interface: compact, in chunks, not to be cached.
    Ruby,
    /// What answers below `/api`: indented by two.
    Api,
    /// The daemons below `/ivp`: indented by four, without a content type.
    Daemon,
}

/// A page before it is dressed.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    program: Program,
    status: u16,
    content_type: Option<&'static str>,
    body: Bytes,
}

impl Page {
    pub(crate) fn ruby(body: &impl Serialize) -> Self {
        Self::of(Program::Ruby, 200, Some("application/json"), compact(body))
    }

    pub(crate) fn ruby_text(content_type: &'static str, body: String) -> Self {
        Self::of(Program::Ruby, 200, Some(content_type), body)
    }

    pub(crate) fn api(body: &impl Serialize) -> Self {
        Self::of(Program::Api, 200, Some("application/json"), indented(body, "  ") + "\n")
    }

    pub(crate) fn daemon(body: &impl Serialize) -> Self {
        Self::of(Program::Daemon, 200, None, indented(body, "    "))
    }

    /// Without any header of its own.
    pub(crate) fn plain(body: String) -> Self {
        Self::of(Program::Daemon, 200, None, body)
    }

    /// As a daemon, but compact.
    pub(crate) fn dense(body: &impl Serialize) -> Self {
        Self::plain(compact(body))
    }

    pub(crate) fn no_content() -> Self {
        Self::of(Program::Daemon, 204, None, "")
    }

    /// What each generation says to a path that it does not have.
    pub(crate) fn not_found(profile: &Profile, path: &str) -> Self {
        let odd = path.starts_with("/ivp/ss/") || path.starts_with("/ivp/sc/");
        match profile.generation {
            Generation::Five if odd => {
                Self::of(Program::Daemon, 404, None, " { \"err\": \"404 - Not Found\" }")
            }
            Generation::Three if path.starts_with("/admin/") => {
                Self::ruby_text("text/html", HTML_NOT_FOUND.to_owned())
            }
            Generation::Three | Generation::Four | Generation::Five => Self::of(
                Program::Daemon,
                404,
                Some("application/json; charset=ISO-8859-4"),
                "{ \"error\" : \"404 - Not Found\" }",
            ),
            Generation::Seven | Generation::Eight => {
                Self::of(Program::Daemon, 404, None, "{\"err\":\"404 - Not Found\"}")
            }
        }
    }

    fn of(
        program: Program,
        status: u16,
        content_type: Option<&'static str>,
        body: impl Into<Bytes>,
    ) -> Self {
        Self { program, status, content_type, body: body.into() }
    }
}

/// JSON without a blank.
fn compact(body: &impl Serialize) -> String {
    // Nothing in it can fail to be written.
    serde_json::to_string(body).unwrap_or_default()
}

/// Firmware 3 says 200 to pages that it does not have.
pub(crate) const HTML_NOT_FOUND: &str = "<!DOCTYPE html PUBLIC \"-//IETF//DTD HTML 2.0//EN\">
<html>
<body>
<center>
<h2>Page Not Found</h2>
<p>The page you tried to view does not exist. Try the <a href=\"/\">home</a> page</p>
</center>
</body>
</html>
";

/// Puts on what this generation sends with such a page.
pub(super) fn dress(profile: &Profile, page: Page, path: &str, now: Timestamp) -> Answer {
    let mut answer = Answer::bare(page.status, page.body.clone());
    answer = match profile.generation {
        Generation::Three if page.program == Program::Api => answer.with(header::DATE, date(now)),
        Generation::Three => answer,
        // The same instant twice in one header, as recorded.
        Generation::Four | Generation::Five if page.program == Program::Api => answer
            .with(header::DATE, format!("{0}, {0}", date(now)))
            .with(header::CONNECTION, "close"),
        Generation::Four | Generation::Five => {
            answer.with(header::DATE, date(now)).with(header::CONNECTION, "close")
        }
        Generation::Seven | Generation::Eight => web_server(answer, now),
    };
    if let Some(content_type) = page.content_type {
        answer = answer.with(header::CONTENT_TYPE, content_type);
    }
    if page.program == Program::Ruby {
        answer = answer
            .with(header::PRAGMA, "no-cache")
            .with(header::EXPIRES, "1")
            .with(header::CACHE_CONTROL, "no-cache");
        let measured = path.starts_with("/info") && !profile.before(Generation::Four);
        answer.body = if measured { Body::Whole(page.body) } else { Body::Chunked(page.body) };
    }
    if page.status == 200 && !profile.before(Generation::Seven) {
        let times = if profile.since == (7, 0, 0) { 2 } else { 1 };
        answer = secured(answer, times);
    }
    answer
}

/// What `check_jwt` says to a good token.
pub(super) fn valid_token(now: Timestamp) -> Answer {
    let answer = web_server(Answer::bare(200, VALID_TOKEN), now);
    secured(answer.with(header::CONTENT_TYPE, "application/octet-stream"), 2)
}

/// The body of it, from 7.0 on.
pub(crate) const VALID_TOKEN: &str = "<!DOCTYPE html><h2>Valid token.</h2>\n";

/// The 401 of firmware 7 and later, to the byte: CRLF after all lines but the last.
pub(super) fn authorization_required(profile: &Profile, now: Timestamp) -> Answer {
    let page = if profile.quirks.login_page { "/login.html" } else { "/home" };
    let body = AUTHORIZATION_REQUIRED.trim_end().replace('\n', "\r\n").replace("PAGE", page) + "\n";
    web_server(Answer::bare(401, body), now).with(header::CONTENT_TYPE, "text/html")
}

const AUTHORIZATION_REQUIRED: &str = "<html>
<head><title>401 Authorization Required</title></head>
<body>
<center><h1>401 Authorization Required</h1></center>
<hr><center>Redirecting to <a id='link' href=''></a></center>
<script>
const redirect_url = window.location.protocol + '//' + window.location.host + 'PAGE';
function redirect() { window.location.href = redirect_url; }
window.onload = function() {
    const link = document.getElementById('link');
    link.href = redirect_url;
    link.text = redirect_url;
    setTimeout(redirect, 500);
}
</script>
</body>
</html>
";

/// The 401 of firmware below 7, still without its challenge.
pub(super) fn unauthorized(profile: &Profile, path: &str) -> Answer {
    if !profile.before(Generation::Four) {
        return Answer::new(
            401,
            "text/html",
            "<html><body><h2>401 Unauthorized</h2></body></html>",
        )
        .with(header::CONNECTION, "close");
    }
    if path.starts_with("/api/v1/production/inverters") {
        return Answer::new(401, "application/json", INVERTERS_UNAUTHORIZED);
    }
    Answer::new(401, "text/plain", "Error: 401")
}

const INVERTERS_UNAUTHORIZED: &str = "{\n  \"status\": 401,\n  \"error\": \"\",\n  \"info\": \"Authentication required\",\n  \"moreInfo\": \"\"\n}\n";

/// Where plain http is sent.
pub(super) fn moved(location: &str, now: Timestamp) -> Answer {
    web_server(error_page(301), now).with(header::LOCATION, location)
}

/// The error page of the web server in front of everything.
pub(super) fn web_server_error(status: u16, now: Timestamp) -> Answer {
    web_server(error_page(status), now)
}

fn web_server(answer: Answer, now: Timestamp) -> Answer {
    answer
        .with(header::SERVER, "openresty/1.17.8.1")
        .with(header::DATE, date(now))
        .with(header::CONNECTION, "keep-alive")
}

fn secured(mut answer: Answer, times: usize) -> Answer {
    let headers: [(HeaderName, &str); 3] = [
        (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubdomains"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in headers.iter().cycle().take(3 * times) {
        answer = answer.with(name.clone(), value);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firmware::Firmware;

    fn profile(version: &str) -> Profile {
        Profile::of(&Firmware::new(version))
    }

    #[test]
    fn refusals_have_their_recorded_lengths() {
        let length = |answer: Answer| answer.body.bytes().len();
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(length(authorization_required(&profile("7.6.175"), now)), 555);
        assert_eq!(length(authorization_required(&profile("8.3.5289"), now)), 561);
        assert_eq!(length(unauthorized(&profile("4.10.35"), "/production")), 51);
        assert_eq!(length(unauthorized(&profile("3.9.36"), "/production")), 10);
        assert_eq!(length(unauthorized(&profile("3.9.36"), "/api/v1/production/inverters")), 90);
        assert_eq!(length(valid_token(now)), 37);
    }

    #[test]
    fn the_401_has_17_lines_with_crlf_after_all_but_the_last() {
        let answer = authorization_required(&profile("7.6.175"), Timestamp::UNIX_EPOCH);
        let text = String::from_utf8(answer.body.bytes().to_vec()).unwrap();
        assert_eq!((text.matches("\r\n").count(), text.matches('\n').count()), (16, 17));
        assert!(
            text.ends_with("</html>\n") && answer.headers.get(header::WWW_AUTHENTICATE).is_none()
        );
    }

    #[test]
    fn missing_pages_have_their_recorded_lengths() {
        let check = |version: &str, path: &str, expect: (u16, usize)| {
            let page = Page::not_found(&profile(version), path);
            assert_eq!((page.status, page.body.len()), expect, "{version} {path}");
        };
        check("3.9.36", "/ivp/meters", (404, 31));
        check("4.10.35", "/ivp/ss/gen_config", (404, 31));
        check("5.0.62", "/ivp/ss/gen_config", (404, 29));
        check("7.6.175", "/ivp/pdm/device_data", (404, 25));
        assert_eq!(Page::not_found(&profile("3.9.36"), "/admin/lib/tariff").status, 200);
    }

    #[test]
    fn check_jwt_sends_its_headers_twice() {
        let headers = valid_token(Timestamp::UNIX_EPOCH).headers;
        for name in ["strict-transport-security", "x-frame-options", "x-content-type-options"] {
            assert_eq!(headers.get_all(name).iter().count(), 2, "{name}");
        }
    }
}

//! The HTML of the clouds' web pages. Clients cut tokens out of it, so titles, names and ids are those of the real ones.

use std::collections::BTreeMap;

use crate::options::AccountKind;

/// The name of the one site.
pub(crate) const SITE: &str = "Simulated home";

/// What Enlighten shows to who is not logged in.
pub(crate) const ENLIGHTEN_LOGIN: &str = "<!DOCTYPE html>
<html lang=\"en\">
<head><title>Log In - Enlighten</title></head>
<body>
<form action=\"/login/login\" method=\"post\">
<input type=\"text\" name=\"user[email]\" id=\"user_email\"/>
<input type=\"password\" name=\"user[password]\" id=\"user_password\"/>
<input type=\"submit\" value=\"Sign In\"/>
</form>
</body>
</html>
";

/// The hidden fields of the login form, in its order.
const HIDDEN: [&str; 9] = [
    "codeChallenge",
    "redirectUri",
    "client",
    "clientId",
    "authFlow",
    "serialNum",
    "grantType",
    "state",
    "invalidSerialNum",
];

pub(crate) fn login(hidden: &BTreeMap<&str, String>, csrf: &str, error: Option<&str>) -> String {
    let field = |name: &&str| {
        let value = hidden.get(name).map_or_else(String::new, |value| escaped(value));
        format!("<input type=\"hidden\" name=\"{name}\" id=\"{name}\" value=\"{value}\"/>\n")
    };
    let hidden: String = HIDDEN.iter().map(field).collect();
    let error = error.map_or_else(String::new, |error| format!("<p class=\"error\">{error}</p>\n"));
    document(
        "Login page",
        &format!(
            "<form action=\"/login\" method=\"post\">
{error}<input type=\"hidden\" name=\"_csrf\" value=\"{csrf}\"/>
{hidden}<input type=\"text\" name=\"username\" id=\"username\"/>
<input type=\"password\" name=\"password\" id=\"password\"/>
<button type=\"submit\">Sign in</button>
</form>"
        ),
    )
}

pub(crate) fn select_gateway(kind: AccountKind, serials: &[String]) -> String {
    let role = if kind == AccountKind::Owner { "owner" } else { "installer" };
    let options: String =
        serials.iter().map(|serial| format!("<option>{}</option>\n", escaped(serial))).collect();
    document(
        "Select Gateway",
        &format!(
            "<script>var role = \"{role}\"; var uncommissionedEnabled = true; var sitesDto = [];</script>
<form action=\"/entrez_tokens\" method=\"post\">
<input type=\"hidden\" name=\"uncommissioned\" id=\"uncommissioned\" value=\"false\"/>
<input type=\"text\" name=\"Site\" id=\"Site\" value=\"{SITE}\"/>
<select name=\"serialNum\" id=\"serialNum\">
{options}</select>
<button type=\"submit\">Create access token</button>
</form>"
        ),
    )
}

pub(crate) fn token(text: &str) -> String {
    document(
        "Token",
        &format!(
            "<p>Copy the access token.</p>
<textarea name=\"accessToken\" id=\"JWTToken\" cols=\"30\" rows=\"10\" >{text}</textarea>"
        ),
    )
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\"/>
<title>Enphase Authentication | {title}</title>
</head>
<body>
{body}
</body>
</html>
"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

use base64::{Engine, engine::general_purpose::STANDARD};
use hallpass_sim::{Account, Options, Sim};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::client::{Reply, ask, bearer, get, plain, request, sim};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

async fn enlighten(sim: &Sim, method: &str, target: &str, headers: &[&str], body: &str) -> Reply {
    plain(|stream| sim.serve_enlighten(stream), &request(method, target, headers, body)).await
}

async fn entrez(sim: &Sim, method: &str, target: &str, headers: &[&str], body: &str) -> Reply {
    plain(|stream| sim.serve_entrez(stream), &request(method, target, headers, body)).await
}

fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn login(sim: &Sim) -> Reply {
    let (username, password) = sim.account();
    let form = encoded(&[("user[email]", username), ("user[password]", password)]);
    enlighten(sim, "POST", "/login/login.json?", &[FORM], &form).await
}

async fn tokens(sim: &Sim, session: &Value) -> Reply {
    let body = json!({"session_id": session, "serial_num": sim.serial_number(0), "username": sim.account().0});
    entrez(sim, "POST", "/tokens", &["Content-Type: application/json"], &body.to_string()).await
}

/// The claim `enphaseUser` of a token that the gateway takes.
async fn role(sim: &Sim, token: &str) -> Value {
    assert_eq!(get(sim, "/auth/check_jwt", &[&bearer(token)]).await.status, 200);
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()["enphaseUser"].clone()
}

#[tokio::test]
async fn a_login_leads_to_a_bare_token_that_opens_the_gateway() {
    let sim = sim("7.6.175");
    let session = login(&sim).await;
    assert_eq!(session.cookie("_enlighten_4_session").unwrap(), session.json()["session_id"]);
    let token = tokens(&sim, &session.json()["session_id"]).await;
    assert_eq!((token.status, role(&sim, &token.text()).await), (200, json!("owner")));
    let counters = sim.control().counters();
    assert_eq!((counters.cloud_logins, counters.token_requests, counters.check_jwt), (1, 1, 1));
}

#[tokio::test]
async fn the_session_cookie_alone_is_enough_for_the_other_route() {
    let sim = sim("7.6.175");
    let target = format!("/entrez-auth-token?serial_num={}", sim.serial_number(0));
    assert_eq!(enlighten(&sim, "GET", &target, &[], "").await.status, 401);
    let session = login(&sim).await.cookie("_enlighten_4_session").unwrap();
    let reply =
        enlighten(&sim, "GET", &target, &[&format!("Cookie: _enlighten_4_session={session}")], "")
            .await
            .json();
    assert_eq!(
        reply["expires_at"].as_i64().unwrap() - reply["generation_time"].as_i64().unwrap(),
        365 * 86_400
    );
    assert_eq!(role(&sim, reply["token"].as_str().unwrap()).await, "owner");
}

#[tokio::test]
async fn the_web_form_of_a_self_installer_gives_an_installer_token() {
    let sim = sim("7.6.175");
    let (username, password) = sim.account();
    let wrong = entrez(
        &sim,
        "POST",
        "/login",
        &[FORM],
        &encoded(&[("username", username), ("password", "x")]),
    )
    .await;
    assert!(
        wrong.status == 200
            && wrong.text().contains("<p class=\"error\">Wrong username or password</p>")
    );
    let page = entrez(
        &sim,
        "POST",
        "/login",
        &[FORM],
        &encoded(&[("username", username), ("password", password)]),
    )
    .await;
    assert!(page.status == 200 && page.text().contains("Enphase Authentication | Select Gateway"));
    let cookie = format!("Cookie: SESSION={}", page.cookie("SESSION").unwrap());
    let form = encoded(&[("serialNum", sim.serial_number(0))]);
    let page = entrez(&sim, "POST", "/entrez_tokens", &[FORM, &cookie], &form).await.text();
    let begin = "<textarea name=\"accessToken\" id=\"JWTToken\" cols=\"30\" rows=\"10\" >";
    let token = page.split_once(begin).unwrap().1.split('<').next().unwrap();
    assert_eq!(role(&sim, token).await, "installer");
    let form = encoded(&[("serialNum", "1")]);
    let page = entrez(&sim, "POST", "/entrez_tokens", &[FORM, &cookie], &form).await.text();
    assert!(page.split_once(begin).unwrap().1.starts_with("Error"));
}

#[tokio::test]
async fn a_code_is_exchanged_at_the_cloud_or_at_the_gateway_once() {
    let sim = sim("7.6.175");
    let (username, password) = sim.account();
    // The verifier of RFC 7636, appendix B, with its challenge.
    let (verifier, challenge) = (
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
    let redirect = "https://envoy.local/auth/callback";
    let code = async || {
        let form = encoded(&[
            ("username", username),
            ("password", password),
            ("codeChallenge", challenge),
            ("redirectUri", redirect),
            ("authFlow", "oauth"),
            ("serialNum", sim.serial_number(0)),
        ]);
        let reply = entrez(&sim, "POST", "/login", &[FORM], &form).await;
        assert_eq!(reply.status, 302);
        reply
            .header("location")
            .unwrap()
            .strip_prefix("https://envoy.local/auth/callback?code=")
            .unwrap()
            .to_owned()
    };
    let first = code().await;
    let form =
        encoded(&[("code", &first), ("code_verifier", verifier), ("redirect_uri", redirect)]);
    let token = entrez(&sim, "POST", "/oauth/token", &[FORM], &form).await.json();
    assert_eq!(role(&sim, token["access_token"].as_str().unwrap()).await, "installer");
    assert_eq!(entrez(&sim, "POST", "/oauth/token", &[FORM], &form).await.status, 400);
    let body = json!({"code": code().await, "code_verifier": verifier, "redirect_uri": redirect})
        .to_string();
    let token = ask(&sim, "POST", "/auth/get_jwt", &[], &body).await.json();
    assert_eq!(role(&sim, token["access_token"].as_str().unwrap()).await, "installer");
}

#[tokio::test]
async fn a_one_time_code_completes_a_login() {
    let sim = sim("7.6.175");
    sim.control().set_fault("mfa", &json!({"code": "424242"})).unwrap();
    let reply = login(&sim).await;
    assert_eq!(reply.json(), json!({"success": true, "isBlocked": false}));
    let (session, nonce) =
        (reply.cookie("_enlighten_4_session").unwrap(), reply.cookie("login_otp_nonce").unwrap());
    let cookie = format!("Cookie: _enlighten_4_session={session}; login_otp_nonce={nonce}");
    let send = async |code: &str| {
        let form = encoded(&[
            ("email", &STANDARD.encode(sim.account().0)),
            ("otp", &STANDARD.encode(code)),
        ]);
        enlighten(&sim, "POST", "/app-api/validate_login_otp", &[FORM, &cookie], &form).await.json()
    };
    assert_eq!(tokens(&sim, &session.clone().into()).await.status, 401);
    assert_eq!(send("000000").await, json!({"isValid": false, "isBlocked": false}));
    let session = send("424242").await["session_id"].clone();
    assert_eq!(tokens(&sim, &session).await.status, 200);
}

#[tokio::test]
async fn awkward_passwords_are_understood() {
    let password = "a%b&c+d=e é§\"'<>日".to_owned();
    let account = Account { password: Some(password), ..Account::default() };
    let sim = Sim::new(Options { account, ..Options::default() }).unwrap();
    assert_eq!(login(&sim).await.status, 200);
    let (username, password) = sim.account();
    let parts = [("user[email]", username), ("user[password]", password)];
    let mut body = String::new();
    for (name, value) in parts {
        body +=
            &format!("--b0\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--b0--\r\n";
    let multipart = ["Content-Type: multipart/form-data; boundary=b0"];
    assert_eq!(enlighten(&sim, "POST", "/login/login.json", &multipart, &body).await.status, 200);
}

#[tokio::test]
async fn logins_fail_in_each_of_the_known_ways() {
    let check = async |fault: &str, arguments: Value, status: u16, contains: &str| {
        let sim = sim("7.6.175");
        sim.control().set_fault(fault, &arguments).unwrap();
        let reply = login(&sim).await;
        assert!(reply.status == status && reply.text().contains(contains), "{fault}: {reply:?}");
    };
    check("wrong_password", json!({}), 401, r#"{"message":"Invalid"}"#).await;
    check("blocked", json!({}), 200, r#""isBlocked":true"#).await;
    check("mfa", json!({"shape": "requires_mfa"}), 200, r#"{"requires_mfa":true}"#).await;
    check("too_many_sessions", json!({}), 200, "Too many active sessions").await;
    check("login_wall", json!({}), 200, "<html").await;
    check("form_login_only", json!({}), 406, "").await;
    check("multipart_only", json!({}), 415, "").await;
    check("rate_limited", json!({"retry_after": "60"}), 429, "").await;
    check("down", json!({}), 503, "").await;
    check("down", json!({"how": "refused"}), 0, "").await;
    check("user_agent_required", json!({}), 403, "").await;
    check("lean_login", json!({}), 200, "session_id").await;
    check("empty_login", json!({}), 200, "").await;
}

#[tokio::test]
async fn tokens_fail_in_each_of_the_known_ways() {
    let check = async |fault: &str,
                       arguments: Value,
                       status: u16,
                       expect: &dyn Fn(&str) -> bool| {
        let sim = sim("7.6.175");
        sim.control().set_fault(fault, &arguments).unwrap();
        let session = login(&sim).await.json()["session_id"].clone();
        let reply = tokens(&sim, &session).await;
        assert!(reply.status == status && expect(&reply.text()), "{fault} {arguments}: {reply:?}");
    };
    check("tokens_json", json!({}), 200, &|text| text.starts_with('{')).await;
    check("tokens_503", json!({}), 503, &|_| true).await;
    check("endpoint_moved", json!({"status": 403}), 403, &|_| true).await;
    check("not_jwt", json!({}), 200, &|text| text.contains(">Error")).await;
    check("not_jwt", json!({"kind": "two_segments"}), 200, &|text| text.split('.').count() == 2)
        .await;
    check("not_jwt", json!({"kind": "empty"}), 200, &str::is_empty).await;
    check("odd_jwt", json!({"kind": "none"}), 200, &|text| text.ends_with('.')).await;
    check("odd_jwt", json!({"kind": "huge"}), 200, &|text| text.len() > 1 << 20).await;
}

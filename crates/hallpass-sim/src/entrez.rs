//! The Entrez cloud: signs tokens for gateways, on request, by its web form, or by OAuth.

pub(crate) mod pages;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    answer::{Answer, Request},
    cloud::error_page,
    enlighten::Enlighten,
    fault::Fault,
    lock::lock,
    request::{Form, cookie, query},
    stage::Stage,
    token::UNCOMMISSIONED,
    tokens::{self, Issue, Route},
};

/// What Entrez remembers: sessions of its form, and codes that wait to be exchanged.
#[derive(Debug, Default)]
pub(crate) struct Entrez {
    sessions: Mutex<BTreeSet<String>>,
    codes: Mutex<BTreeMap<String, Grant>>,
}

/// What a code may be exchanged for.
#[derive(Debug)]
struct Grant {
    challenge: String,
    serial: String,
    redirect_uri: String,
}

impl Entrez {
    pub(crate) fn route(
        &self,
        stage: &Stage,
        enlighten: &Enlighten,
        serials: &[String],
        request: &Request,
    ) -> Answer {
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/tokens") => token_on_request(stage, enlighten, serials, request),
            (&Method::GET, "/login_main_page" | "/login" | "/") => {
                self.login_page(stage, &BTreeMap::new())
            }
            (_, "/login_main_page") => error_page(405),
            (&Method::GET, "/authorize") => self.authorize(stage, request),
            (&Method::POST, "/login") => self.login(stage, serials, request),
            (_, "/entrez_tokens") => self.token_page(stage, serials, request),
            (&Method::POST, "/oauth/token") => self.exchange_form(stage, serials, request),
            (&Method::POST, "/logout") => self.logout(request),
            (&Method::GET, path) if path.starts_with("/site/") => self.sites(serials, request),
            _ => error_page(404),
        }
    }

    fn login_page(&self, stage: &Stage, hidden: &BTreeMap<&str, String>) -> Answer {
        page(pages::login(hidden, &stage.plain(36), None))
            .with_cookie(&session_cookie(&stage.secret("portal session", stage.plain(48))))
    }

    fn authorize(&self, stage: &Stage, request: &Request) -> Answer {
        let of = |name: &str| query(request, name).unwrap_or_default();
        let hidden = BTreeMap::from([
            ("codeChallenge", of("code_challenge")),
            ("redirectUri", of("redirect_uri")),
            ("client", "envoy-ui".to_owned()),
            ("clientId", of("client_id")),
            ("authFlow", "oauth".to_owned()),
            ("serialNum", of("scope")),
            ("grantType", "authorize".to_owned()),
            ("state", of("state")),
        ]);
        self.login_page(stage, &hidden)
    }

    /// Answers 200 whether the password was right or not; only OAuth redirects.
    fn login(&self, stage: &Stage, serials: &[String], request: &Request) -> Answer {
        let form = Form::of(request);
        let wall = |fault: &Fault| {
            matches!(fault, Fault::WrongPassword {} | Fault::Blocked {} | Fault::LoginWall {})
                .then_some(())
        };
        let given = (form.field("username"), form.field("password"));
        let right =
            given == (Some(stage.account.username.as_str()), Some(stage.account.password.as_str()));
        if !right || stage.faults.find(stage.scene("entrez", "/login"), wall).is_some() {
            stage.ledger.login_rejected(stage.now());
            return page(pages::login(
                &BTreeMap::new(),
                &stage.plain(36),
                Some("Wrong username or password"),
            ));
        }
        if form.field("authFlow") == Some("oauth") {
            return self.grant(stage, &form);
        }
        let session = stage.secret("portal session", stage.plain(48));
        lock(&self.sessions).insert(session.clone());
        page(pages::select_gateway(stage.account.kind, serials))
            .with_cookie(&session_cookie(&session))
    }

    fn grant(&self, stage: &Stage, form: &Form) -> Answer {
        let field = |name: &str| form.field(name).unwrap_or_default().to_owned();
        let (code, redirect_uri) = (stage.plain(40), field("redirectUri"));
        let state = Some(field("state"))
            .filter(|state| !state.is_empty())
            .map(|state| format!("&state={state}"));
        let location = format!("{redirect_uri}?code={code}{}", state.unwrap_or_default());
        let grant =
            Grant { challenge: field("codeChallenge"), serial: field("serialNum"), redirect_uri };
        lock(&self.codes).insert(code, grant);
        Answer::redirect(302, &location)
    }

    fn token_page(&self, stage: &Stage, serials: &[String], request: &Request) -> Answer {
        let session = cookie(request, "SESSION").unwrap_or_default();
        if !lock(&self.sessions).contains(session) {
            return self.login_page(stage, &BTreeMap::new());
        }
        let form = Form::of(request);
        let uncommissioned = matches!(form.field("uncommissioned"), Some("on" | "true"));
        let serial = if uncommissioned {
            UNCOMMISSIONED
        } else {
            form.field("serialNum").unwrap_or_default()
        };
        match tokens::issue(stage, "entrez", "/entrez_tokens", serial, serials, Route::EntrezForm) {
            Issue::Token(issued) => page(pages::token(&issued.token)),
            Issue::Instead(_) => page(pages::token("Error: no token for this gateway")),
        }
    }

    fn exchange_form(&self, stage: &Stage, serials: &[String], request: &Request) -> Answer {
        let form = Form::of(request);
        let field = |name: &str| form.field(name).unwrap_or_default();
        match self.exchange(
            stage,
            serials,
            field("code"),
            field("code_verifier"),
            field("redirect_uri"),
        ) {
            Ok(body) => Answer::json(200, &body),
            Err(message) => {
                Answer::json(400, &json!({"error": "invalid_grant", "error_description": message}))
            }
        }
    }

    /// An access token for a code, once, given the verifier that its challenge was made from.
    pub(crate) fn exchange(
        &self,
        stage: &Stage,
        serials: &[String],
        code: &str,
        verifier: &str,
        redirect_uri: &str,
    ) -> Result<Value, &'static str> {
        let grant = lock(&self.codes).remove(code);
        let serial = grant.as_ref().map(|grant| grant.serial.as_str()).unwrap_or_default();
        stage.ledger.token_request("/oauth/token", serial);
        let grant = grant.ok_or("unknown code")?;
        if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != grant.challenge {
            return Err("code verifier does not match");
        }
        if redirect_uri != grant.redirect_uri {
            return Err("redirect_uri does not match");
        }
        match tokens::issue(
            stage,
            "entrez",
            "/oauth/token",
            &grant.serial,
            serials,
            Route::EntrezForm,
        ) {
            Issue::Token(issued) => {
                Ok(json!({"access_token": issued.token, "token_type": "Bearer"}))
            }
            Issue::Instead(_) => Err("no token for this gateway"),
        }
    }

    fn logout(&self, request: &Request) -> Answer {
        lock(&self.sessions).remove(cookie(request, "SESSION").unwrap_or_default());
        Answer::redirect(302, "/login_main_page")
    }

    fn sites(&self, serials: &[String], request: &Request) -> Answer {
        if !lock(&self.sessions).contains(cookie(request, "SESSION").unwrap_or_default()) {
            return error_page(401);
        }
        let site = json!({"siteId": 1, "siteName": pages::SITE, "gateways": serials});
        Answer::json(200, &json!([site]))
    }
}

/// `POST /tokens`: the bare token, under a content type that says otherwise.
fn token_on_request(
    stage: &Stage,
    enlighten: &Enlighten,
    serials: &[String],
    request: &Request,
) -> Answer {
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let form = Form::of(request);
    let field = |name: &str| body[name].as_str().or_else(|| form.field(name)).unwrap_or_default();
    if !enlighten.knows(field("session_id")) {
        return Answer::json(401, &json!({"message": "Unauthorized"}));
    }
    match tokens::issue(stage, "entrez", "/tokens", field("serial_num"), serials, Route::Enlighten)
    {
        Issue::Token(issued)
            if stage.faults.on(stage.scene("entrez", "/tokens"), &Fault::TokensJson {}) =>
        {
            Answer::json(200, &issued.json())
        }
        Issue::Token(issued) => Answer::new(200, "application/json", issued.token),
        Issue::Instead(answer) => answer,
    }
}

/// A page as Entrez sends it.
fn page(body: String) -> Answer {
    Answer::html(200, body)
        .with(header::CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate")
        .with(header::PRAGMA, "no-cache")
        .with(header::EXPIRES, "0")
        .with(header::CONTENT_LANGUAGE, "en-US")
        .with(header::X_FRAME_OPTIONS, "DENY")
        .with(header::X_XSS_PROTECTION, "0")
}

/// Without `Secure`: the simulation's clouds speak plain http on loopback, where clients would not send it back.
fn session_cookie(session: &str) -> String {
    format!("SESSION={session}; Path=/; HttpOnly; SameSite=Lax")
}

//! The Enlighten cloud: takes the account's password, hands out a session.

use std::{collections::BTreeMap, sync::Mutex};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Method;
use ring::hmac;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Request},
    cloud::error_page,
    entrez::pages,
    fault::{Fault, MfaShape},
    lock::lock,
    options::AccountKind,
    request::{Form, cookie, query},
    stage::Stage,
    tokens,
};

const SESSION: &str = "_enlighten_4_session";

/// What Enlighten remembers: sessions, and whether their one-time code was given.
#[derive(Debug, Default)]
pub(crate) struct Enlighten {
    sessions: Mutex<BTreeMap<String, Progress>>,
}

/// How far a session's login is.
#[derive(Debug, Clone, PartialEq)]
enum Progress {
    Done,
    /// Waits for the code; the nonce goes with it.
    Pending {
        nonce: String,
    },
}

impl Enlighten {
    /// Whether a session of this id is logged in.
    pub(crate) fn knows(&self, session_id: &str) -> bool {
        lock(&self.sessions).get(session_id) == Some(&Progress::Done)
    }

    pub(crate) fn route(&self, stage: &Stage, serials: &[String], request: &Request) -> Answer {
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/login/login.json") => self.login(stage, request, Door::Json),
            (&Method::POST, "/login/login") => self.login(stage, request, Door::Form),
            (&Method::POST, "/app-api/validate_login_otp") => self.validate(stage, request),
            (&Method::POST, "/app-api/generate_mfa_login_otp") => self.resend(stage, request),
            (&Method::GET, "/entrez-auth-token") => self.token(stage, serials, request),
            (&Method::GET, "/") => Answer::html(200, pages::ENLIGHTEN_LOGIN),
            _ => error_page(404),
        }
    }

    fn login(&self, stage: &Stage, request: &Request, door: Door) -> Answer {
        let form = Form::of(request);
        if let Some(answer) = self.instead(stage, request, &form) {
            return answer;
        }
        let given = (form.field("user[email]"), form.field("user[password]"));
        if given != (Some(stage.account.username.as_str()), Some(stage.account.password.as_str())) {
            return wrong_password(stage);
        }
        if let Some(shape) = find(stage, request, |fault| {
            if let Fault::Mfa { shape, .. } = fault { Some(*shape) } else { None }
        }) {
            return self.wants_code(stage, shape);
        }
        let session = self.open(stage);
        match door {
            Door::Form => set_cookies(stage, Answer::redirect(302, "/"), &session),
            Door::Json => {
                let body = find(stage, request, |fault| match fault {
                    Fault::EmptyLogin {} => Some(Answer::new(200, "application/json", "")),
                    Fault::LeanLogin {} => Some(Answer::json(
                        200,
                        &json!({"message": "success", "session_id": session}),
                    )),
                    _ => None,
                });
                set_cookies(
                    stage,
                    body.unwrap_or_else(|| Answer::json(200, &success(stage, &session))),
                    &session,
                )
            }
        }
    }

    /// Faults that answer a login before the password is looked at.
    fn instead(&self, stage: &Stage, request: &Request, form: &Form) -> Option<Answer> {
        find(stage, request, |fault| match fault {
            Fault::WrongPassword {} => Some(wrong_password(stage)),
            Fault::Blocked {} => {
                Some(Answer::json(200, &json!({"success": false, "isBlocked": true})))
            }
            Fault::TooManySessions {} => Some(Answer::json(
                200,
                &json!({"message": "Too many active sessions. Please log out of one and try again."}),
            )),
            Fault::LoginWall {} => Some(Answer::html(200, pages::ENLIGHTEN_LOGIN)),
            Fault::FormLoginOnly {} => Some(error_page(406)),
            Fault::MultipartOnly {} if !form.multipart => Some(error_page(415)),
            _ => None,
        })
    }

    fn open(&self, stage: &Stage) -> String {
        let session = stage.secret("cloud session", stage.hex(32));
        lock(&self.sessions).insert(session.clone(), Progress::Done);
        session
    }

    fn wants_code(&self, stage: &Stage, shape: MfaShape) -> Answer {
        let session = stage.secret("cloud session", stage.hex(32));
        let nonce = stage.secret("one-time nonce", stage.hex(20));
        lock(&self.sessions).insert(session.clone(), Progress::Pending { nonce: nonce.clone() });
        let body = match shape {
            MfaShape::Success => json!({"success": true, "isBlocked": false}),
            MfaShape::RequiresMfa => json!({"requires_mfa": true}),
        };
        Answer::json(200, &body)
            .with_cookie(&session_cookie(&session))
            .with_cookie(&nonce_cookie(&nonce))
    }

    fn validate(&self, stage: &Stage, request: &Request) -> Answer {
        let blocked = |fault: &Fault| matches!(fault, Fault::Blocked {}).then_some(());
        if find(stage, request, blocked).is_some() {
            return Answer::json(200, &json!({"isValid": false, "isBlocked": true}));
        }
        let form = Form::of(request);
        let expected = |fault: &Fault| {
            if let Fault::Mfa { code, .. } = fault { Some(code.clone()) } else { None }
        };
        let expected =
            stage.faults.find(stage.scene("enlighten", "/app-api/validate_login_otp"), expected);
        let expected = expected.map(|code| stage.secret("one-time code", code));
        let email = form.field_base64("email").is_some_and(|email| email == stage.account.username);
        let right = expected.is_none_or(|code| form.field_base64("otp").as_ref() == Some(&code));
        if !(email && right && self.pending(request)) {
            return Answer::json(200, &json!({"isValid": false, "isBlocked": false}));
        }
        if let Some(session) = cookie(request, SESSION) {
            lock(&self.sessions).remove(session);
        }
        let session = self.open(stage);
        let mut body = success(stage, &session);
        body["isValidMobileNumber"] = true.into();
        set_cookies(stage, Answer::json(200, &body), &session)
    }

    fn resend(&self, stage: &Stage, request: &Request) -> Answer {
        let session = cookie(request, SESSION).unwrap_or_default();
        let mut sessions = lock(&self.sessions);
        let Some(Progress::Pending { nonce }) = sessions.get_mut(session) else {
            return Answer::json(200, &json!({"success": false, "isBlocked": false}));
        };
        *nonce = stage.secret("one-time nonce", stage.hex(20));
        Answer::json(200, &json!({"success": true, "isBlocked": false}))
            .with_cookie(&nonce_cookie(nonce))
    }

    /// Whether the request comes from a login that waits for its code.
    fn pending(&self, request: &Request) -> bool {
        let sent = cookie(request, "login_otp_nonce");
        let session = cookie(request, SESSION).unwrap_or_default();
        matches!(lock(&self.sessions).get(session), Some(Progress::Pending { nonce }) if Some(nonce.as_str()) == sent)
    }

    fn token(&self, stage: &Stage, serials: &[String], request: &Request) -> Answer {
        if !cookie(request, SESSION).is_some_and(|session| self.knows(session)) {
            return Answer::json(401, &json!({"message": "You need to sign in first"}));
        }
        let serial = query(request, "serial_num").unwrap_or_default();
        match tokens::issue(
            stage,
            "enlighten",
            "/entrez-auth-token",
            &serial,
            serials,
            tokens::Route::Enlighten,
        ) {
            tokens::Issue::Token(issued) => Answer::json(200, &issued.json()),
            tokens::Issue::Instead(answer) => answer,
        }
    }
}

fn wrong_password(stage: &Stage) -> Answer {
    stage.ledger.login_rejected(stage.now());
    Answer::json(401, &json!({"message": "Invalid"}))
}

/// Which of the two login pages was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Json,
    Form,
}

fn find<T>(stage: &Stage, request: &Request, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
    stage.faults.find(stage.scene("enlighten", request.uri().path()), pick)
}

fn success(stage: &Stage, session: &str) -> Value {
    json!({
        "message": "success", "session_id": session, "manager_token": manager_token(stage, session),
        "is_consumer": stage.account.kind != AccountKind::Installer, "system_id": "12345678", "redirect_url": "",
    })
}

/// The clouds of the simulation speak plain http on loopback, where clients keep no `Secure` cookie: these have none.
fn session_cookie(session: &str) -> String {
    format!("{SESSION}={session}; path=/; HttpOnly")
}

fn nonce_cookie(nonce: &str) -> String {
    format!("login_otp_nonce={nonce}; path=/; HttpOnly")
}

fn set_cookies(stage: &Stage, answer: Answer, session: &str) -> Answer {
    let manager =
        format!("enlighten_manager_token_production={}; path=/", manager_token(stage, session));
    answer
        .with_cookie(&session_cookie(session))
        .with_cookie(&manager)
        .with_cookie("locale=en; path=/")
}

/// Good for Enlighten's own pages, about a week; nobody else can verify it.
fn manager_token(stage: &Stage, session: &str) -> String {
    let claims = json!({
        "data": {
            "session_id": session, "company_id": 1, "email_id": stage.account.username, "user_id": 1, "client_app": "itk3",
            "first_name": "Sim", "last_name": "Ulator", "login_user": true, "is_distributor": false,
        },
        "exp": stage.now().as_second() + 7 * 86_400,
        "sub": "itk3",
    });
    let encode = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encode(json!({"alg": "HS256"})), encode(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"enlighten keeps this to itself");
    let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()));
    stage.secret("manager token", format!("{signed}.{signature}"))
}

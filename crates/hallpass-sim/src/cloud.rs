//! What both clouds have in common: the faults that hit any of their pages, the books, secrets that are not theirs.

use std::time::Duration;

use http::{Method, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_rustls::TlsAcceptor;

use crate::{
    answer::{Answer, Cut, Request},
    clock::signed,
    fault::{Fault, Outage, Portal, RetryAfter, RetryForm, Scene},
    leak,
    options::{CertificateChoice, TlsVersions},
    request::{Form, query},
    serve::{self, Stream, TLS_HANDSHAKE},
    stage::Stage,
    tls,
};

/// Whether a connection to the cloud of this name is refused just now.
pub(crate) fn refuses(stage: &Stage, place: &'static str) -> bool {
    let refused = |fault: &Fault| matches!(fault, Fault::Down { how: Some(Outage::Refused), .. });
    stage.faults.fold(stage.scene(place, ""), false, |refuses, fault| refuses || refused(fault))
}

/// Serves one connection to the cloud of this name (`enlighten`, `entrez`), plain http; TLS only where a captive portal
/// stands before it.
pub(crate) async fn serve(
    stage: &Stage,
    place: &'static str,
    stream: impl Stream,
    route: impl Fn(&Request) -> Answer,
) {
    if refuses(stage, place) {
        return stage.ledger.turn_away();
    }
    let Some((first, stream)) = serve::first_byte(stream).await else { return };
    if first == TLS_HANDSHAKE {
        return portal(stage, place, stream).await;
    }
    serve::connection(stream, |request| meet(stage, place, request, &route)).await;
}

/// A captive portal before a cloud, over TLS with a certificate of its own: whatever it is told is a leak.
async fn portal(stage: &Stage, place: &'static str, stream: impl Stream) {
    let stands = |fault: &Fault| {
        matches!(fault, Fault::CaptivePortal { kind: Portal::Certificate }).then_some(())
    };
    let certified = || {
        let choice = CertificateChoice::SelfSigned;
        tls::certified(&choice, TlsVersions::Both, "portal", stage.now())
    };
    let Some(Ok(portal)) = stage.faults.find(stage.scene(place, ""), stands).map(|()| certified())
    else {
        return;
    };
    let Ok(stream) = TlsAcceptor::from(portal.config).accept(stream).await else { return };
    serve::connection(stream, |request| async move {
        leak::anything(stage, "a captive portal", &request);
        Ok(Answer::html(200, PORTAL))
    })
    .await;
}

const PORTAL: &str = "<html><head><title>Welcome to our network</title></head>\
    <body><form action=\"/accept\"><button>Accept</button></form></body></html>";

/// Answers one request.
async fn meet(
    stage: &Stage,
    place: &'static str,
    request: Request,
    route: impl Fn(&Request) -> Answer,
) -> Result<Answer, Cut> {
    leak::at_cloud(stage, place, &request);
    note(stage, place, &request);
    let path = request.uri().path().to_owned();
    let scene = stage.scene(place, &path);
    let late = |fault: &Fault| if let Fault::SlowCloud { by } = fault { Some(by.0) } else { None };
    if let Some(by) = stage.faults.find(scene, late) {
        stage.clock.wait(by).await;
    }
    let answer = match outage(stage, scene) {
        Some(Away::Hang) => std::future::pending().await,
        Some(Away::Refused) => return Err(Cut),
        Some(Away::Status(answer)) => answer,
        None => refusal(stage, scene, &request).unwrap_or_else(|| route(&request)),
    };
    stage.ledger.answered(&path, answer.status.as_u16());
    Ok(answer.with(header::DATE, date(stage.now())))
}

/// Writes down what counts however it is answered.
fn note(stage: &Stage, place: &str, request: &Request) {
    let form = Form::of(request);
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let token = |route: &'static str, serial: &str| stage.ledger.token_request(route, serial);
    match (place, request.method(), request.uri().path()) {
        ("enlighten", &Method::POST, "/login/login.json" | "/login/login")
        | ("entrez", &Method::POST, "/login") => stage.ledger.cloud_login(stage.now()),
        ("enlighten", &Method::GET, "/entrez-auth-token") => {
            token("/entrez-auth-token", &query(request, "serial_num").unwrap_or_default())
        }
        ("entrez", &Method::POST, "/tokens") => {
            let serial = body["serial_num"].as_str().or_else(|| form.field("serial_num"));
            token("/tokens", serial.unwrap_or_default());
        }
        ("entrez", _, "/entrez_tokens") => {
            token("/entrez_tokens", form.field("serialNum").unwrap_or_default())
        }
        _ => {}
    }
}

enum Away {
    Hang,
    Refused,
    Status(Answer),
}

fn outage(stage: &Stage, scene: Scene<'_>) -> Option<Away> {
    stage.faults.find(scene, |fault| match fault {
        Fault::Down { how: Some(Outage::Refused), .. } => Some(Away::Refused),
        Fault::Down { how: Some(Outage::Hang), .. } => Some(Away::Hang),
        Fault::CaptivePortal { kind: Portal::Redirect } => {
            Some(Away::Status(Answer::redirect(302, stage.trap_url())))
        }
        Fault::CaptivePortal { .. } => Some(Away::Status(Answer::html(200, PORTAL))),
        Fault::Down { how: None, status } => Some(Away::Status(error_page(*status as u16))),
        _ => None,
    })
}

/// Faults that answer in the place of any page.
fn refusal(stage: &Stage, scene: Scene<'_>, request: &Request) -> Option<Answer> {
    let anonymous = request.headers().get(header::USER_AGENT).is_none_or(|agent| agent.is_empty());
    stage.faults.find(scene, |fault| match fault {
        Fault::RateLimited { retry_after, form } => {
            let answer = Answer::json(429, &json!({"message": "Too many requests"}));
            Some(match retry_after {
                Some(after) => answer.with(header::RETRY_AFTER, after.told(*form, scene.now)),
                None => answer,
            })
        }
        Fault::UserAgentRequired {} if anonymous => Some(error_page(403)),
        Fault::EndpointMoved { status } => Some(error_page(*status as u16)),
        Fault::Tokens503 {} => Some(error_page(503)),
        _ => None,
    })
}

impl RetryAfter {
    /// As the header has it.
    fn told(&self, form: RetryForm, now: Timestamp) -> String {
        let (text, seconds) = match self {
            Self::Seconds(seconds) => (seconds.to_string(), Some(*seconds)),
            Self::Text(text) => (text.clone(), text.parse().ok()),
        };
        match (form, seconds) {
            (RetryForm::Date, Some(seconds)) => date(now + signed(Duration::from_secs(seconds))),
            _ => text,
        }
    }
}

/// What a load balancer says.
pub(crate) fn error_page(status: u16) -> Answer {
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error");
    let body = format!(
        "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    Answer::new(status, "text/html", body)
}

/// A `Date` header.
pub(crate) fn date(now: Timestamp) -> String {
    now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

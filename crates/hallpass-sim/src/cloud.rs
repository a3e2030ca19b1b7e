//! What both clouds have in common: the faults that hit any of their pages, the books, secrets that are not theirs.

use http::{Method, header};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    answer::{Answer, Cut, Request},
    fault::{Fault, Outage, Scene},
    leak,
    stage::Stage,
};

/// Whether a connection to the cloud of this name is refused just now.
pub(crate) fn refuses(stage: &Stage, place: &'static str) -> bool {
    matches!(outage(stage, stage.scene(place, "")), Some(Away::Refused))
}

/// Whether this request is a login. It counts when it arrives, whatever it is answered.
fn is_login(request: &Request) -> bool {
    request.method() == Method::POST && LOGINS.contains(&request.uri().path())
}

/// Answers one request at the cloud of this name (`enlighten`, `entrez`).
pub(crate) async fn meet(
    stage: &Stage,
    place: &'static str,
    request: Request,
    route: impl FnOnce(&Request) -> Answer,
) -> Result<Answer, Cut> {
    leak::at_cloud(stage, place, &request);
    if is_login(&request) {
        stage.ledger.cloud_login(stage.now());
    }
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

/// Where passwords are sent: two pages of Enlighten, one of Entrez.
const LOGINS: [&str; 3] = ["/login/login.json", "/login/login", "/login"];

enum Away {
    Hang,
    Refused,
    Status(Answer),
}

fn outage(stage: &Stage, scene: Scene<'_>) -> Option<Away> {
    stage.faults.find(scene, |fault| match fault {
        Fault::Down { how: Some(Outage::Refused), .. } => Some(Away::Refused),
        Fault::Down { how: Some(Outage::Hang), .. } => Some(Away::Hang),
        Fault::Down { how: None, status } => Some(Away::Status(error_page(*status as u16))),
        _ => None,
    })
}

/// Faults that answer in the place of any page.
fn refusal(stage: &Stage, scene: Scene<'_>, request: &Request) -> Option<Answer> {
    let anonymous = request.headers().get(header::USER_AGENT).is_none_or(|agent| agent.is_empty());
    stage.faults.find(scene, |fault| match fault {
        Fault::RateLimited { retry_after } => {
            let answer = Answer::json(429, &json!({"message": "Too many requests"}));
            Some(match retry_after {
                Some(after) => answer.with(header::RETRY_AFTER, after),
                None => answer,
            })
        }
        Fault::UserAgentRequired {} if anonymous => Some(error_page(403)),
        Fault::EndpointMoved { status } => Some(error_page(*status as u16)),
        Fault::Tokens503 {} => Some(error_page(503)),
        _ => None,
    })
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

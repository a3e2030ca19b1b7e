//! Tokens for gateways, on whichever route they are asked for.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    fault::{Fault, NotJwt, OddJwt},
    options::AccountKind,
    stage::Stage,
    token::{Expiry, Signing, TokenBuilder, UNCOMMISSIONED},
};

/// How a token is asked for, which decides the role of a self-installer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Enlighten,
    EntrezForm,
}

/// A token with its times.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) token: String,
    issued: Timestamp,
    expires: Timestamp,
}

pub(crate) enum Issue {
    Token(Issued),
    /// A fault, or a gateway that is not the account's.
    Instead(Answer),
}

impl Issued {
    pub(crate) fn json(&self) -> Value {
        let (issued, expires) = (self.issued.as_second(), self.expires.as_second());
        json!({"generation_time": issued, "token": self.token, "expires_at": expires})
    }
}

/// A token for the gateway of this serial number, if the account has it.
pub(crate) fn issue(
    stage: &Stage,
    place: &str,
    path: &str,
    serial: &str,
    serials: &[String],
    route: Route,
) -> Issue {
    let scene = stage.scene(place, path);
    let no_token =
        |fault: &Fault| if let Fault::NotJwt { kind } = fault { Some(*kind) } else { None };
    if serial != UNCOMMISSIONED && !serials.iter().any(|known| known == serial) {
        return Issue::Instead(Answer::json(
            400,
            &json!({"message": "Error: unknown serial number"}),
        ));
    }
    let role = match (stage.account.kind, route) {
        (AccountKind::Owner, _) | (AccountKind::SelfInstaller, Route::Enlighten) => "owner",
        (AccountKind::Installer, _) | (AccountKind::SelfInstaller, Route::EntrezForm) => {
            "installer"
        }
    };
    let token = stage.faults.fold(scene, stage.token(serial).role(role), change);
    let issued = Issued {
        issued: stage.now(),
        expires: token.expires(),
        token: stage.secret("token", token.mint()),
    };
    match stage.faults.find(scene, no_token) {
        Some(NotJwt::Json) => Issue::Instead(Answer::json(200, &issued.json())),
        Some(NotJwt::Text) => Issue::Instead(Answer::new(200, "application/json", issued.token)),
        Some(NotJwt::TextareaError) => {
            Issue::Instead(Answer::html(200, "<textarea>Error: no token</textarea>"))
        }
        Some(NotJwt::Empty) => Issue::Instead(Answer::new(200, "application/json", "")),
        Some(NotJwt::TwoSegments) => {
            let two: Vec<&str> = issued.token.split('.').take(2).collect();
            Issue::Instead(Answer::new(200, "application/json", two.join(".")))
        }
        Some(NotJwt::Html) => {
            Issue::Instead(Answer::html(200, crate::entrez::pages::ENLIGHTEN_LOGIN))
        }
        None => Issue::Token(issued),
    }
}

fn change<'a>(token: TokenBuilder<'a>, fault: &Fault) -> TokenBuilder<'a> {
    let hour = std::time::Duration::from_secs(3_600);
    match fault {
        Fault::WrongAud { serial } => token.audience(serial),
        Fault::RoleDrop { role } => token.role(role),
        Fault::Installer12h {} => token.role("installer"),
        Fault::ShortToken { life } => token.life(life.0),
        Fault::OddJwt { kind } => match kind {
            OddJwt::None => token.signing(Signing::Nobody),
            OddJwt::Hs256 => token.signing(Signing::Shared),
            OddJwt::ExpMilliseconds => token.expiry(Expiry::Milliseconds),
            OddJwt::ExpMissing => token.expiry(Expiry::Missing),
            OddJwt::IatFuture => token.issued_ahead(hour * 48),
            OddJwt::Huge => token.padding(1 << 20),
            OddJwt::WrongKey => token.signing(Signing::Stranger),
            OddJwt::Expired => token.life(hour).issued_ago(hour * 2),
        },
        _ => token,
    }
}

//! Who may ask what: levels, tokens, sessions, digest users.

use http::header;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    CHECK_JWT, Gateway, Show,
    digest::{self, Judged},
    dress::{self, Page},
    pages, session,
};
use crate::{
    answer::{Answer, Request},
    fault::{Fault, Full, Scene},
    leak,
    lock::lock,
    options::SESSION_IDLE,
    profile::{Generation, Profile},
    request::{Authorization, authorization, bearer, cookie},
    token::{Claims, UNCOMMISSIONED},
};

/// What an endpoint wants, and what a role has. A higher one may do all that a lower one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Open,
    Owner,
    Provider,
    Support,
    Administrator,
    Installer,
    Factory,
    /// Nobody has it.
    Nobody,
}

impl Level {
    fn of_role(role: &str) -> Self {
        match role {
            "monitor" | "owner" => Self::Owner,
            "prov" => Self::Provider,
            "support" => Self::Support,
            "sysadmin" => Self::Administrator,
            "installer" => Self::Installer,
            "envoy" | "enphase" | "factory" => Self::Factory,
            _ => Self::Open,
        }
    }
}

/// The level that a simulated gateway wants for a request.
pub(super) fn level(profile: &Profile, request: &Request) -> Level {
    let path = request.uri().path().trim_end_matches('/');
    let ensemble =
        ["/ivp/ensemble/", "/ivp/ss/", "/ivp/sc/"].iter().any(|prefix| path.starts_with(prefix));
    match path {
        "/info" | "/info.xml" => Level::Open,
        "/auth/get_jwt" if !profile.quirks.login_page => Level::Open,
        "/auth/get_jwt" => Level::Nobody,
        "/production.json" | "/api/v1/production" if profile.before(Generation::Seven) => {
            Level::Open
        }
        "/production" if matches!(profile.generation, Generation::Four | Generation::Five) => {
            Level::Installer
        }
        pages::POWER => Level::Installer,
        "/ivp/peb/devstatus" | "/ivp/ss/dpel" if profile.quirks.roles_split => Level::Installer,
        "/stream/meter" if profile.quirks.roles_split => Level::Provider,
        "/ivp/ensemble/inventory" => Level::Owner,
        _ if ensemble && profile.quirks.ensemble_refused => Level::Nobody,
        _ if path.starts_with("/installer/") => Level::Installer,
        _ => Level::Owner,
    }
}

/// Whether a request may pass.
pub(super) enum Access {
    /// With a session that the answer hands out.
    Granted {
        cookie: Option<String>,
    },
    Refused(Answer),
}

impl Gateway {
    pub(super) fn admit(&self, request: &Request, level: Level) -> Access {
        if level == Level::Open {
            return Access::Granted { cookie: None };
        }
        if !self.wants_tokens() {
            return self.admit_digest(request, level);
        }
        let (now, idle) = (self.stage.now(), self.idle());
        if let Some(id) = cookie(request, "sessionId")
            && lock(&self.state).sessions.admit(id, level, now, idle)
        {
            return Access::Granted { cookie: None };
        }
        let scene = self.stage.scene(&self.serial_number, request.uri().path());
        let refused = self.stage.faults.on(scene, &Fault::BearerRefused {});
        let claims = bearer(request).filter(|_| !refused).and_then(|token| self.judge(token));
        match claims.filter(|claims| Level::of_role(&claims.role) >= level) {
            Some(claims) => Access::Granted { cookie: self.session_with_answer(&claims, now) },
            None => Access::Refused(self.refusal(request.uri().path())),
        }
    }

    /// Late firmware hands out a session with every answer to a bearer.
    fn session_with_answer(&self, claims: &Claims, now: Timestamp) -> Option<String> {
        if !self.profile().quirks.login_page || matches!(self.show, Show::Recording(_)) {
            return None;
        }
        let open = lock(&self.state).sessions.of(&claims.jti);
        Some(open.unwrap_or_else(|| self.open_session(claims, now)))
    }

    fn open_session(&self, claims: &Claims, now: Timestamp) -> String {
        let id = self.stage.secret("session", self.stage.plain(32));
        self.stage.ledger.session();
        lock(&self.state).sessions.open(
            id.clone(),
            claims.jti.clone(),
            Level::of_role(&claims.role),
            now,
        );
        id
    }

    /// What a token may be used for here, if anything. A recording takes any.
    fn judge(&self, token: &str) -> Option<Claims> {
        if matches!(self.show, Show::Recording(_)) {
            let anything = Claims {
                aud: String::new(),
                role: "factory".to_owned(),
                exp: 0,
                iat: 0,
                jti: token.to_owned(),
            };
            return (!token.is_empty()).then_some(anything);
        }
        let claims = self.admitted(token);
        let ledger = &self.stage.ledger;
        match &claims {
            Some(claims) => ledger.token_accepted(self.index, claims.iat, claims.exp),
            None => ledger.token_refused(self.index, self.stage.now()),
        }
        claims
    }

    fn admitted(&self, token: &str) -> Option<Claims> {
        let claims = self.stage.authority.verify(token)?;
        let now = self.own_time().as_second();
        let number = claims.number();
        let scene = self.stage.scene(&self.serial_number, "");
        let too_new = self.stage.faults.find_since(scene, |fault, since| match fault {
            Fault::NewRefused {} if number > since.tokens => Some(()),
            _ => None,
        });
        let mut state = lock(&self.state);
        let in_time = claims.iat <= now && now < claims.exp;
        let here = claims.aud == self.serial_number
            || self.uncommissioned(&claims, &mut state.sessions.horizon);
        (in_time && here && number > state.revoked_up_to && too_new.is_none()).then_some(claims)
    }

    /// Tokens for no gateway in particular are good until the first one that was seen expires.
    fn uncommissioned(&self, claims: &Claims, horizon: &mut Option<i64>) -> bool {
        claims.aud == UNCOMMISSIONED && claims.exp <= *horizon.get_or_insert(claims.exp)
    }

    /// A good token at the wrong gateway, any token at one that wants none, or digest at one that wants tokens.
    pub(super) fn note_strange_credentials(&self, request: &Request, place: &str) {
        match authorization(request) {
            Some(Authorization::Bearer(token)) if !self.wants_tokens() => {
                leak::note(&self.stage, "bearer", place, token.len());
            }
            Some(Authorization::Bearer(token)) => {
                let claims = self.stage.authority.verify(token);
                let strange = claims.is_some_and(|claims| {
                    claims.aud != self.serial_number && claims.aud != UNCOMMISSIONED
                });
                if strange {
                    leak::note(&self.stage, "bearer", place, token.len());
                }
            }
            Some(Authorization::Digest(response)) if self.wants_tokens() => {
                leak::note(&self.stage, "digest", place, response.len());
            }
            _ => {}
        }
    }

    pub(super) fn check_jwt(&self, request: &Request) -> Answer {
        let (now, idle) = (self.stage.now(), self.idle());
        self.stage.ledger.check_jwt(self.index, now);
        let Some(claims) = bearer(request).and_then(|token| self.judge(token)) else {
            let known = cookie(request, "sessionId")
                .is_some_and(|id| lock(&self.state).sessions.admit(id, Level::Open, now, idle));
            return if known { dress::valid_token(now) } else { self.refusal(CHECK_JWT) };
        };
        let limit = |fault: &Fault| match fault {
            Fault::SessionLimit { sessions, full } => Some((*sessions, *full)),
            _ => None,
        };
        let scene = self.stage.scene(&self.serial_number, CHECK_JWT);
        let (limit, full) =
            self.stage.faults.find(scene, limit).unwrap_or((usize::MAX, Full::Refuse));
        if !lock(&self.state).sessions.fits(limit, full, now, idle) {
            return dress::web_server_error(503, now);
        }
        dress::valid_token(now).with_cookie(&session::cookie(&self.open_session(&claims, now)))
    }

    /// The exchange that the gateway's own login page makes.
    pub(super) fn get_jwt(&self, request: &Request) -> Page {
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let field = |name: &str| body[name].as_str().unwrap_or_default();
        let exchanged = self.entrez.exchange(
            &self.stage,
            &self.serials,
            field("code"),
            field("code_verifier"),
            field("redirect_uri"),
        );
        match exchanged {
            Ok(token) => Page::api(&json!({"access_token": token["access_token"]})),
            Err(message) => Page::api(&json!({"message": message})),
        }
    }

    fn admit_digest(&self, request: &Request, level: Level) -> Access {
        let path = request.uri().path();
        let scene = self.stage.scene(&self.serial_number, path);
        let oddity = self.digest_oddity(scene);
        let sent = match authorization(request) {
            Some(Authorization::Digest(sent)) => Some(sent),
            _ => None,
        };
        if let Some(sent) = sent {
            self.stage.secret("digest response", digest::response(sent));
        }
        let judged = sent
            .map(|sent| lock(&self.state).nonces.judge(sent, request, &self.serial_number, oddity));
        match judged {
            Some(Judged::Right(user)) if user.level() >= level => Access::Granted { cookie: None },
            Some(Judged::Stale) => {
                Access::Refused(self.challenge(path, oddity, digest::Stale::Yes))
            }
            _ => Access::Refused(self.challenge(path, oddity, digest::Stale::No)),
        }
    }

    fn digest_oddity(&self, scene: Scene<'_>) -> Option<crate::fault::DigestOddity> {
        self.stage.faults.find(scene, |fault| {
            if let Fault::Digest { kind } = fault { Some(*kind) } else { None }
        })
    }

    fn challenge(
        &self,
        path: &str,
        oddity: Option<crate::fault::DigestOddity>,
        stale: digest::Stale,
    ) -> Answer {
        let profile = self.profile();
        let answer = dress::unauthorized(&profile, path);
        let scene = self.stage.scene(&self.serial_number, path);
        if self.stage.faults.on(scene, &Fault::GarbageChallenge {}) {
            return answer.with(header::WWW_AUTHENTICATE, [0xd8, 0xc9, 0xc6, 0x41]);
        }
        let challenge = lock(&self.state).nonces.challenge(
            &profile,
            self.stage.now(),
            self.stage.bytes(),
            oddity,
            stale,
        );
        answer.with(header::WWW_AUTHENTICATE, challenge)
    }

    /// The 401 for whatever reason.
    pub(super) fn refusal(&self, path: &str) -> Answer {
        if self.wants_tokens() {
            return dress::authorization_required(&self.profile(), self.stage.now());
        }
        self.challenge(path, None, digest::Stale::No)
    }

    pub(super) fn idle(&self) -> std::time::Duration {
        let scene = self.stage.scene(&self.serial_number, "");
        let after = |fault: &Fault| {
            if let Fault::IdleSession { after } = fault { Some(after.0) } else { None }
        };
        self.stage.faults.find(scene, after).unwrap_or(SESSION_IDLE)
    }
}

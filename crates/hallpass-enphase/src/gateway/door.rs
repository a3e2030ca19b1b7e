//! How a request gets in: with a session, or with a digest user.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hallpass_credential::{Attempt, Error, ErrorKind, Pass, Result};
use hallpass_transport::Reply;
use http::{HeaderValue, Method, Request, StatusCode, header::AUTHORIZATION};
use rand::RngExt;

use super::{identity::Identity, link::Link};
use crate::{
    Account,
    auth::{
        digest::{Answers, Challenge},
        session::{Gatekeeper, Session},
        token::Token,
    },
};

/// The way in, by the gateway's generation.
#[derive(Debug)]
pub(super) enum Door {
    /// Before firmware 7.
    Digest(DigestUser),
    /// From firmware 7 on.
    Token { session: Pass<Session>, token: Pass<Token>, gatekeeper: Gatekeeper },
}

/// A digest user, and the challenge that was answered last.
#[derive(Debug)]
pub(super) struct DigestUser {
    account: Account,
    answers: Mutex<Option<Answers>>,
}

impl Door {
    pub(super) fn digest(account: Account) -> Self {
        Self::Digest(DigestUser { account, answers: Mutex::default() })
    }

    /// Has the token renewed where that is due: while its session lasts, nobody else asks for it.
    /// What is held is good all the same.
    pub(super) async fn renew_if_due(&self) {
        if let Self::Token { token, .. } = self
            && let Err(error) = token.get().await
        {
            tracing::debug!(%error, "the token is not renewed");
        }
    }

    /// Sends `request` with what opens the gateway. A refusal by the gateway is an answer, too.
    pub(super) async fn send(&self, link: &Link, request: &Request<Bytes>) -> Result<Reply> {
        match self {
            Self::Digest(user) => user.send(link, request).await,
            Self::Token { session, gatekeeper, .. } if request.method() == Method::GET => {
                send_and_renew(session, gatekeeper.identity(), link, request).await
            }
            // What is not a GET is never repeated, so a session that has ended is not found out.
            Self::Token { session, gatekeeper, .. } => {
                let mut request = request.clone();
                session.get().await?.credential.authorize(&mut request)?;
                gatekeeper.identity().send(request).await
            }
        }
    }
}

/// Sends with the session; a 401 gets a new session and one more try, unless the session is new.
async fn send_and_renew(
    session: &Pass<Session>,
    identity: &Identity,
    link: &Link,
    request: &Request<Bytes>,
) -> Result<Reply> {
    let refused = Mutex::new(None);
    let sent = session.call(|held| {
        let refused = &refused;
        async move {
            let mut request = request.clone();
            held.credential.authorize(&mut request)?;
            let reply = identity.send(request).await?;
            if reply.status != StatusCode::UNAUTHORIZED {
                return Ok(reply);
            }
            *refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply);
            link.let_go().await;
            Err(Attempt::Refused(Error::new(ErrorKind::Forbidden, "the gateway refuses")))
        }
    });
    match sent.await {
        Err(error) if error.kind() == ErrorKind::Forbidden => {
            refused.into_inner().unwrap_or_else(PoisonError::into_inner).ok_or(error)
        }
        sent => sent,
    }
}

impl DigestUser {
    /// Answers the challenge that is known, and a new one once, or twice where the answer was right
    /// and only the nonce too old (`stale`). A challenge to which no answer was
    /// taken yet is not known: so a wrong password is sent once a path, and a right one that one
    /// path refuses still opens the next.
    async fn send(&self, link: &Link, request: &Request<Bytes>) -> Result<Reply> {
        let known = self.answers().clone().filter(Answers::was_taken);
        let reply = self.send_with(link, request, known.is_some()).await?;
        let challenge = Challenge::find(&reply.headers);
        let Some(challenge) = challenge.filter(|_| reply.status == StatusCode::UNAUTHORIZED) else {
            return Ok(reply);
        };
        if known.is_some_and(|known| known.answered(&challenge)) {
            return Ok(reply);
        }
        *self.answers() = Some(Answers::to(challenge));
        let reply = self.send_with(link, request, true).await?;
        let anew = Challenge::find(&reply.headers).filter(Challenge::is_stale);
        let Some(anew) = anew.filter(|_| reply.status == StatusCode::UNAUTHORIZED) else {
            return Ok(reply);
        };
        *self.answers() = Some(Answers::to(anew));
        self.send_with(link, request, true).await
    }

    async fn send_with(
        &self,
        link: &Link,
        request: &Request<Bytes>,
        answering: bool,
    ) -> Result<Reply> {
        let authorization = if answering { self.authorization(request)? } else { None };
        let is_answered = authorization.is_some();
        let reply = link.send(authorized(request, authorization)).await?;
        if is_answered && reply.status != StatusCode::UNAUTHORIZED {
            self.answers().as_mut().map(Answers::take);
        }
        Ok(reply)
    }

    fn authorization(&self, request: &Request<Bytes>) -> Result<Option<HeaderValue>> {
        let client_nonce = format!("{:016x}", rand::rng().random::<u64>());
        let mut answers = self.answers();
        let next = |answers: &mut Answers| answers.next(&self.account, request, &client_nonce);
        answers.as_mut().map(next).transpose()
    }

    fn answers(&self) -> MutexGuard<'_, Option<Answers>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn authorized(request: &Request<Bytes>, value: Option<HeaderValue>) -> Request<Bytes> {
    let mut request = request.clone();
    if let Some(value) = value {
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    request
}

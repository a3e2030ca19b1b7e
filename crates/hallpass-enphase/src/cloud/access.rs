//! What an account reaches at the clouds: a session at each of them, and by these tokens.

use std::{sync::Arc, time::Duration};

use hallpass_credential::{
    Attempt, Clock, ErrorKind, Held, Pass, Result, Secret, WAITING, forget, later, pardon,
    store::{Records, Revise},
};

use super::{
    Clouds,
    enlighten::CloudSession,
    entrez::{self, Cause, Miss},
    portal::{PortalSession, portal_name},
    route::{Route, Routes},
};

/// The ways of an account to the tokens of one gateway.
#[derive(Debug, Clone)]
pub(crate) struct CloudAccess {
    pub(crate) clouds: Clouds,
    pub(crate) username: String,
    pub(crate) serial_number: String,
    /// Those that this process was told to use; the stored ones where it was told none.
    pub(crate) wanted: Option<Routes>,
    pub(crate) enlighten: Pass<CloudSession>,
    pub(crate) portal: Pass<PortalSession>,
    pub(crate) records: Records,
    pub(crate) clock: Arc<dyn Clock>,
}

impl CloudAccess {
    /// Logs the account in now, whatever sessions there are, where the first route begins.
    pub(crate) async fn log_in(&self) -> Result<()> {
        match self.routes().await?.first() {
            Route::Tokens | Route::EntrezAuthToken => self.enlighten.renew().await.map(|_| ()),
            Route::EntrezForm => self.portal.renew().await.map(|_| ()),
        }
    }

    /// A token by the first route that gives one. [`Attempt::Refused`] where the clouds were asked
    /// for one in vain, however they said so; what a login said has its own rests.
    pub(crate) async fn ask_for_token(&self) -> Result<Secret, Attempt> {
        let routes = self.routes().await?;
        let mut last = match self.ask(routes.first()).await? {
            Ok(token) => return Ok(token),
            Err(miss) => miss,
        };
        let mut misses = vec![last.cause];
        for route in routes.others() {
            if !route.helps_after(&misses) {
                break;
            }
            tracing::info!(%route, error = %last.error, "no token yet; trying another route");
            last = match self.ask(*route).await.map_err(Attempt::Refused)? {
                Ok(token) => return Ok(token),
                Err(miss) => miss,
            };
            misses.push(last.cause);
        }
        if misses.first() == Some(&Cause::Down) && self.has_just_logged_in(routes.first()).await {
            tracing::info!(target: WAITING, "waiting 10 s: the cloud has no token yet");
            self.clock.sleep(SECOND_TRY).await;
            last = match self.ask(routes.first()).await.map_err(Attempt::Refused)? {
                Ok(token) => return Ok(token),
                Err(miss) => miss,
            };
        }
        Err(Attempt::Refused(last.error))
    }

    /// Whether a login was accepted within the minute, which a cloud that has no token at once would
    /// make vain (B1: tokens are asked for once more within one command).
    async fn has_just_logged_in(&self, route: Route) -> bool {
        let issued_at = match route {
            Route::Tokens | Route::EntrezAuthToken => {
                self.enlighten.get().await.map(|held| held.validity.issued_at)
            }
            Route::EntrezForm => self.portal.get().await.map(|held| held.validity.issued_at),
        };
        let now = self.clock.now();
        issued_at.is_ok_and(|at| (at..later(at, JUST_NOW)).contains(&now))
    }

    /// Keeps the routes that this process was told to use: they have led to a token that the
    /// gateway takes.
    pub(crate) async fn remember_routes(&self) {
        let Some(wanted) = self.wanted else { return };
        let name = Routes::name(&self.serial_number);
        let kept = self.records.update(&name, move |known: Option<Routes>| match known {
            Some(known) if known == wanted => (Revise::Keep, ()),
            _ => (Revise::Put(wanted), ()),
        });
        if let Err(error) = kept.await {
            tracing::warn!(%error, "the route to the token is not written down");
        }
    }

    /// A person has asked anew: what was refused before may be granted now.
    pub(crate) async fn pardon(&self) -> Result<()> {
        pardon::<CloudSession>(&self.records, &cloud_name(&self.username)).await?;
        pardon::<PortalSession>(&self.records, &portal_name(&self.username)).await
    }

    async fn routes(&self) -> Result<Routes> {
        match self.wanted {
            Some(wanted) => Ok(wanted),
            None => {
                let name = Routes::name(&self.serial_number);
                Ok(self.records.load(&name).await?.unwrap_or_default())
            }
        }
    }

    /// Asks on one route, with a new session where an old one is not taken.
    async fn ask(&self, route: Route) -> Result<Result<Secret, Miss>> {
        let asked = match route {
            Route::Tokens | Route::EntrezAuthToken => {
                self.enlighten.call(|held| self.ask_enlighten(route, held)).await
            }
            Route::EntrezForm => self.portal.call(|held| self.ask_portal(held)).await,
        };
        match asked {
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                Ok(Err(Miss::of_new_session(self.clock.now())))
            }
            asked => asked,
        }
    }

    async fn ask_enlighten(
        &self,
        route: Route,
        held: Arc<Held<CloudSession>>,
    ) -> Result<Result<Secret, Miss>, Attempt> {
        let (session, serial_number) = (&held.credential, &self.serial_number);
        let (origin, request) = if route == Route::Tokens {
            let request = entrez::by_tokens(session, &self.username, serial_number);
            (&self.clouds.entrez, request)
        } else {
            (&self.clouds.enlighten, entrez::by_auth_token(session, serial_number))
        };
        let client = self.clouds.client(origin)?;
        refuse_session(entrez::ask(&client, request?, self.clock.now()).await)
    }

    async fn ask_portal(
        &self,
        held: Arc<Held<PortalSession>>,
    ) -> Result<Result<Secret, Miss>, Attempt> {
        let request = entrez::by_form(&held.credential, &self.serial_number)?;
        let client = self.clouds.client(&self.clouds.entrez)?;
        refuse_session(entrez::ask(&client, request, self.clock.now()).await)
    }
}

/// A session that is not taken may be one that has ended.
fn refuse_session(asked: Result<Secret, Miss>) -> Result<Result<Secret, Miss>, Attempt> {
    match asked {
        Err(Miss { cause: Cause::Session, error }) => Err(Attempt::Refused(error)),
        asked => Ok(asked),
    }
}

/// Deletes the sessions of an account at the clouds from the store.
///
/// # Errors
/// [`ErrorKind::Store`].
pub async fn forget_cloud(records: &Records, username: &str) -> Result<()> {
    forget::<CloudSession>(records, &cloud_name(username)).await?;
    forget::<PortalSession>(records, &portal_name(username)).await
}

/// Where the store keeps the session of an account at the cloud.
pub fn cloud_name(username: &str) -> String {
    format!("cloud/{username}")
}

/// How soon a token is asked for once more after a login, and how long one has just been (B1).
const SECOND_TRY: Duration = Duration::from_secs(10);
const JUST_NOW: Duration = Duration::from_secs(60);

//! A gateway that is logged in to: read it, forward requests to it.

pub(crate) mod chronicle;
mod door;
pub(crate) mod identity;
mod keepers;
pub(crate) mod link;
mod visit;

use std::{
    future::Future,
    sync::{
        self, Arc, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    future::{FutureExt, join_all},
    lock::Mutex,
};
use hallpass_credential::{
    Attempt, Clock, Error, ErrorKind, Held, Issued, Line, Patience, Rate, Result, adopt, forget,
    later, pardon, store::Records,
};
use hallpass_transport::{KeyPin, Origin, Reply};
use http::{Method, Request, StatusCode};
use jiff::Timestamp;

use crate::{
    Account, Answer, Endpoint, Info, Memory, Network, Plan, Snapshot, Update,
    auth::{
        session::{Gatekeeper, Session, session_name},
        token::{Token, token_name},
    },
    cloud::{Clouds, access::CloudAccess, applicant::Applicant, gate::Gate, route::Routes},
    locate::place::Place,
    reading::{Family, Missing, NetworkInterface, Problem},
    sighting::line_name,
    wire::{self, Home, Keyed},
};
use door::Door;
use identity::Identity;
use keepers::Keepers;
use link::Link;
use visit::Left;

pub use link::BetweenTurns;

/// What a [`Gateway`] is built from.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "complete by nature: callers build it")]
pub struct Setup {
    /// Where it is.
    pub origin: Origin,
    /// Who it is; opaque text.
    pub serial_number: String,
    /// The pin of its key; none for a gateway that speaks http, which is before firmware 7.
    pub key: Option<KeyPin>,
    /// How to log in.
    pub login: Login,
    /// How it is reached.
    pub network: Network,
    /// Where credentials survive.
    pub records: Records,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How often it may be asked.
    pub rate: Rate,
    /// How long other processes and the rate may be waited for.
    pub patience: Patience,
    /// What becomes of the connection in between.
    pub between_turns: BetweenTurns,
}

/// How to log in to a gateway, by its generation.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "complete by nature: callers build it")]
pub enum Login {
    /// Before firmware 7: a user of the gateway itself.
    Digest(Account),
    /// From firmware 7 on: a token that the cloud makes, for an account or by hand.
    Token {
        /// Who can obtain a new token; none where a token was given by hand.
        account: Option<Account>,
        /// Where.
        clouds: Clouds,
        /// Who waits for it.
        applicant: Applicant,
        /// The routes to it, which are kept for renewals once they have led to a token; those that
        /// were kept before where none are given.
        routes: Option<Routes>,
    },
}

/// A gateway that is logged in to, and stays so while it is used.
///
/// Its methods take turns with every other process that uses the same gateway and store.
#[derive(Debug)]
pub struct Gateway {
    identity: Arc<Identity>,
    link: Arc<Link>,
    door: Door,
    /// The account at the clouds; none where no account is known.
    cloud: Option<CloudAccess>,
    records: Records,
    clock: Arc<dyn Clock>,
    /// Held while a survey is made, so that each goes on from what the one before has left.
    left: Mutex<Left>,
    rate: Rate,
    /// How many requests of the last read were such as each read takes.
    requests: AtomicUsize,
    /// When the gateway last took what this process showed it.
    used_at: sync::Mutex<Option<Timestamp>>,
}

impl Gateway {
    /// A gateway to be used. Nothing is sent yet.
    ///
    /// The caller spawns the returned future, which obtains and keeps the credentials; it ends when
    /// the gateway is dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Unreachable`] where no TLS settings can be made.
    pub fn new(setup: Setup) -> Result<(Self, impl Future<Output = ()> + Send + 'static)> {
        let Setup { origin, serial_number, key, login, network, .. } = setup;
        let Setup { records, clock, rate, patience, between_turns, .. } = setup;
        let place = Place::new(origin, serial_number.clone(), key, network, Arc::clone(&clock))?;
        let line_name = line_name(&serial_number);
        let line = Line::new(records.clone(), Arc::clone(&clock), line_name, rate, patience);
        let link = Arc::new(Link::new(place, line, between_turns));
        let (records_too, clock_too) = (records.clone(), Arc::clone(&clock));
        let identity = Identity::new(serial_number, key, Arc::clone(&link), records_too, clock_too);
        let identity = Arc::new(identity);
        let mut keepers = Keepers { records, clock, patience, tasks: Vec::new() };
        let (door, cloud) = match login {
            Login::Digest(account) => (Door::digest(account), None),
            Login::Token { account, clouds, applicant, routes } => {
                let keys = clouds.keys.clone();
                let cloud = account.map(|account| {
                    let (records, clock) = (keepers.records.clone(), Arc::clone(&keepers.clock));
                    let gate = Gate { account, applicant, records, clock };
                    keepers.cloud(identity.serial_number(), clouds, gate, routes)
                });
                let clock = Arc::clone(&keepers.clock);
                let gatekeeper = Gatekeeper::new(Arc::clone(&identity), clock);
                let (known, shown) = (Arc::clone(&identity), gatekeeper.clone());
                let token = keepers.token(known, shown, keys, cloud.clone());
                let session = keepers.session(gatekeeper.clone(), token.clone());
                (Door::Token { session, token, gatekeeper }, cloud)
            }
        };
        let Keepers { records, clock, tasks, .. } = keepers;
        let gateway = Self {
            identity,
            link,
            door,
            cloud,
            records,
            clock,
            left: Mutex::default(),
            rate,
            requests: AtomicUsize::default(),
            used_at: sync::Mutex::default(),
        };
        Ok((gateway, join_all(tasks).map(|_| ())))
    }

    /// Logs in now, whatever is stored: obtains a new token with the account, and shows it to the
    /// gateway; or shows the digest user.
    ///
    /// # Errors
    /// [`ErrorKind::Rejected`], [`ErrorKind::OneTimeCode`], [`ErrorKind::Blocked`] and
    /// [`ErrorKind::CloudUnreachable`] from the cloud, [`ErrorKind::Held`] and the same kinds when
    /// the budget holds the login back; [`ErrorKind::NeedsLogin`] where the gateway refuses the
    /// token; [`ErrorKind::IdentityChanged`], [`ErrorKind::Unreachable`], [`ErrorKind::Store`].
    pub async fn log_in(&self) -> Result<()> {
        self.identity.vouch().await?;
        self.info().await?;
        let Door::Token { session, token, .. } = &self.door else { return self.show_user().await };
        self.pardon().await?;
        self.forget_plan().await?;
        if let Some(cloud) = &self.cloud {
            cloud.log_in().await?;
            token.renew().await?;
        }
        session.renew().await?;
        Ok(())
    }

    /// Takes a token that was obtained elsewhere: shows it to the gateway, and keeps it only then.
    ///
    /// # Errors
    /// [`ErrorKind::NeedsLogin`] where the gateway refuses it; [`ErrorKind::Invalid`] for a gateway
    /// that takes no tokens; [`ErrorKind::IdentityChanged`], [`ErrorKind::Unreachable`],
    /// [`ErrorKind::Store`].
    pub async fn adopt_token(&self, token: Token) -> Result<()> {
        let Door::Token { gatekeeper, .. } = &self.door else {
            let context = "this gateway is older than tokens; it wants a user and a password";
            return Err(Error::new(ErrorKind::Invalid, context));
        };
        self.info().await?;
        let session = gatekeeper.show(&token).await.map_err(Attempt::into_error)?;
        self.forget_plan().await?;
        let expires_at = Some(token.expires_at());
        let now = self.clock.now();
        adopt(&self.records, &token_name(self.identity.serial_number()), token.issued(), now)
            .await?;
        let session = Issued { credential: session, expires_at };
        adopt(&self.records, &session_name(self.identity.serial_number()), session, now).await
    }

    /// A token that is good for at least `min_life` from now.
    ///
    /// # Errors
    /// Those of [`log_in`](Self::log_in); [`ErrorKind::Invalid`] for a gateway without tokens.
    pub async fn token(&self, min_life: Duration) -> Result<Arc<Held<Token>>> {
        match &self.door {
            Door::Token { token, .. } => token.good_for(min_life).await,
            Door::Digest(_) => {
                let context = "this gateway is older than tokens";
                Err(Error::new(ErrorKind::Invalid, context))
            }
        }
    }

    /// Sends `request`, whose URI is a path, with what opens the gateway. A status of any kind is an
    /// answer. A GET that is refused is sent once more with a new session, and any request once more
    /// with the answer to a digest challenge, since it was not carried out; nothing else is repeated.
    /// What is not a GET is preceded by one where the session may have ended by idling.
    ///
    /// # Errors
    /// Those of [`log_in`](Self::log_in).
    pub async fn forward(&self, request: Request<Bytes>) -> Result<Reply> {
        self.vouch().await?;
        if request.method() != Method::GET {
            self.prove_session().await?;
        }
        let reply = self.door.send(&self.link, &request).await?;
        self.note_use(&reply);
        self.door.renew_if_due().await;
        Ok(reply)
    }

    /// Has a session that may have ended by idling renewed by a GET, which may be repeated, before
    /// something is sent that may not.
    async fn prove_session(&self) -> Result<()> {
        let Door::Token { session, .. } = &self.door else { return Ok(()) };
        let issued_at = session.get().await?.validity.issued_at;
        let used_at = self.used_at().map_or(issued_at, |used_at| used_at.max(issued_at));
        let now = self.clock.now();
        if (used_at..later(used_at, SURELY_AWAKE)).contains(&now) {
            return Ok(());
        }
        let reply = self.door.send(&self.link, &Endpoint::ProductionV1.request()).await?;
        self.note_use(&reply);
        Ok(())
    }

    /// A session that was taken has another ten minutes.
    fn note_use(&self, reply: &Reply) {
        if reply.status != StatusCode::UNAUTHORIZED {
            *self.used_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.clock.now());
        }
    }

    fn used_at(&self) -> Option<Timestamp> {
        *self.used_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All readings, once. What cannot be read is among the complaints.
    ///
    /// # Errors
    /// Where nothing at all could be read: the cause, as [`log_in`](Self::log_in) has it;
    /// [`ErrorKind::Rejected`] and [`ErrorKind::Forbidden`] where the gateway refuses all that it
    /// has; [`ErrorKind::NotUnderstood`] where it has no readings.
    pub async fn read(&self) -> Result<Snapshot> {
        self.survey(None).await
    }

    /// The readings of one family, once, with no more requests than they take. The snapshot knows
    /// nothing of the others. A gateway without the family is no error.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn read_only(&self, family: Family) -> Result<Snapshot> {
        self.survey(Some(family)).await
    }

    /// What the last update of the gateway changed, as far as this process knows from what it read.
    pub async fn last_update(&self) -> Option<Update> {
        self.left.lock().await.equipment.as_ref()?.last_update.clone()
    }

    /// How the gateway is connected. It takes a gateway up to ten seconds to say.
    ///
    /// # Errors
    /// Those of [`log_in`](Self::log_in); [`ErrorKind::Forbidden`] where the role does not reach so
    /// far; [`ErrorKind::NotUnderstood`] where the gateway does not say.
    pub async fn network_interface(&self) -> Result<NetworkInterface> {
        self.vouch().await?;
        let (Answer::Body { status, bytes }, _) = self.ask(Endpoint::Home).await? else {
            return Err(Error::new(ErrorKind::NotUnderstood, "the gateway does not say"));
        };
        let told = |problem: Problem| {
            let kind = match problem {
                Problem::Refused(_) => ErrorKind::Forbidden,
                _ => ErrorKind::NotUnderstood,
            };
            Error::new(kind, format!("{}: {problem}", Endpoint::Home))
        };
        let home: Home = wire::read(status, &bytes).map_err(told)?;
        home.as_object().try_into().map_err(|Missing(key)| {
            let what = "the network interface".to_owned();
            told(Problem::Missing { what, key })
        })
    }

    /// The shortest time from one [`read`](Self::read) to the next that leaves room in the rate, for
    /// what is asked now and then and for other programs; as the last read was.
    #[must_use]
    pub fn bearable_interval(&self) -> Duration {
        let requests = self.requests.load(Ordering::Relaxed);
        self.rate.spread(requests + requests.div_ceil(4))
    }

    /// What the gateway says of itself: asked once an hour where a pinned key proves who it is, else
    /// once a minute.
    ///
    /// # Errors
    /// [`ErrorKind::IdentityChanged`] where it is another one than was enrolled;
    /// [`ErrorKind::NeedsLogin`] where a digest user meets a firmware with tokens;
    /// [`ErrorKind::Unreachable`], [`ErrorKind::NotADevice`], [`ErrorKind::NotUnderstood`].
    pub async fn info(&self) -> Result<Info> {
        let info = self.identity.info().await?;
        if matches!(self.door, Door::Digest(_)) && info.firmware.takes_tokens() {
            let context = "the gateway has a firmware with tokens now";
            return Err(Error::new(ErrorKind::NeedsLogin, context));
        }
        Ok(info)
    }

    /// Where it is now, as `HOST[:PORT]`: where it was set up, or where it was found since.
    #[must_use]
    pub fn address(&self) -> String {
        self.link.address()
    }

    /// Asks who the gateway is, now: over a connection that proves its key, or by its word where it
    /// has none. Nothing secret is sent.
    ///
    /// # Errors
    /// [`ErrorKind::IdentityChanged`] where it is another one than was enrolled;
    /// [`ErrorKind::Unreachable`], [`ErrorKind::NotADevice`], [`ErrorKind::NotUnderstood`].
    pub async fn recognise(&self) -> Result<()> {
        self.identity.doubt().await;
        self.identity.info().await.map(|_| ())
    }

    /// A gateway with a key is vouched for by it; one without by its serial number, asked first.
    async fn vouch(&self) -> Result<()> {
        match self.door {
            Door::Token { .. } => Ok(()),
            Door::Digest(_) => self.info().await.map(|_| ()),
        }
    }

    /// Asks for something that is protected on every firmware with digest.
    async fn show_user(&self) -> Result<()> {
        match self.door.send(&self.link, &Endpoint::Inverters.request()).await?.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(refused_user()),
            _ => Ok(()),
        }
    }

    /// A person has asked anew: what was refused before may be granted now.
    async fn pardon(&self) -> Result<()> {
        pardon::<Token>(&self.records, &token_name(self.identity.serial_number())).await?;
        pardon::<Session>(&self.records, &session_name(self.identity.serial_number())).await?;
        if let Some(cloud) = &self.cloud {
            cloud.pardon().await?;
        }
        Ok(())
    }

    /// Another role may see other things.
    async fn forget_plan(&self) -> Result<()> {
        let mut left = self.left.lock().await;
        (left.plan, left.memory) = (None, Memory::default());
        Ok(self.records.remove::<Plan>(self.identity.serial_number()).await?)
    }
}

/// Deletes the token and the session of a gateway from the store, and which routes led to it. The gateway takes a token until
/// it ends, whoever has a copy; that cannot be taken back.
///
/// # Errors
/// [`ErrorKind::Store`].
pub async fn forget_login(records: &Records, serial_number: &str) -> Result<()> {
    forget::<Token>(records, &token_name(serial_number)).await?;
    forget::<Session>(records, &session_name(serial_number)).await?;
    Ok(records.remove::<Routes>(&Routes::name(serial_number)).await?)
}

fn refused_user() -> Error {
    Error::new(ErrorKind::Rejected, "the gateway refuses this user and password")
}

/// A session ends after ten idle minutes (Authentication.adoc of firmware 7 and 8); a minute earlier
/// nobody can say any more.
const SURELY_AWAKE: Duration = Duration::from_secs(9 * 60);

//! A gateway that is logged in to: read it, forward requests to it.

pub(crate) mod chronicle;
mod door;
pub(crate) mod identity;
mod keepers;
pub(crate) mod link;

use std::{
    future::Future,
    mem,
    sync::{
        Arc,
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
    later, pardon,
    store::{Record, Records, Revise, Space},
};
use hallpass_transport::{Client, KeyPin, Origin, Reply, Security};
use http::{Request, StatusCode, header::ACCEPT};
use jiff::Timestamp;

use crate::{
    Account, Answer, Endpoint, Info, Memory, Network, Pace, Plan, Snapshot, Survey, Surveyed,
    auth::{
        session::{Gatekeeper, Session, session_name},
        token::{Token, token_name},
    },
    cloud::{Clouds, access::CloudAccess, applicant::Applicant, gate::Gate, route::Routes},
    network::device_error,
    reading::{Family, Missing, NetworkInterface, Problem},
    sighting::line_name,
    wire::{self, Home, Keyed},
};
use door::Door;
use identity::Identity;
use keepers::Keepers;
use link::Link;

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
}

/// What the last survey left.
#[derive(Debug, Default)]
struct Left {
    /// Once it was loaded or made in this process.
    plan: Option<Plan>,
    memory: Memory,
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
        let security = key.map_or(Security::Clear, Security::Pinned);
        let client = Client::new(origin, security, network.connector, network.limits);
        let line_name = line_name(&serial_number);
        let line = Line::new(records.clone(), Arc::clone(&clock), line_name, rate, patience);
        let link = Arc::new(Link::new(client.map_err(device_error)?, line, between_turns));
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
                let (records, clock) = (keepers.records.clone(), Arc::clone(&keepers.clock));
                let gatekeeper = Gatekeeper::new(Arc::clone(&identity), records, clock);
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
    ///
    /// # Errors
    /// Those of [`log_in`](Self::log_in).
    pub async fn forward(&self, request: Request<Bytes>) -> Result<Reply> {
        self.vouch().await?;
        let reply = self.door.send(&self.link, &request).await?;
        self.door.renew_if_due().await;
        Ok(reply)
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

    async fn survey(&self, only: Option<Family>) -> Result<Snapshot> {
        let begun = self.clock.now();
        let info = self.info().await?;
        if let Door::Token { session, .. } = &self.door
            && let Err(error) = session.get().await
        {
            self.identity.doubt().await;
            return Err(error);
        }
        self.door.renew_if_due().await;
        let mut left = self.left.lock().await;
        let plan = self.known_plan(&left).await?;
        self.link.hold().await?;
        let survey = Survey::new(&info, plan.clone(), self.clock.now());
        let mut survey = survey.remembering(mem::take(&mut left.memory)).only(only);
        let cause = self.walk(&mut survey).await;
        self.link.let_go().await;
        let Surveyed { snapshot, plan: next, memory, is_news } = survey.finish(self.clock.now());
        let let_in = self.let_in_since(begun).await;
        let next = if let_in { next } else { next.without_new_refusals(plan.as_ref()) };
        left.memory = memory;
        if snapshot.complaints.iter().any(|complaint| !complaint.problem.is_lasting()) {
            self.identity.doubt().await;
        }
        if snapshot.readings.is_empty() || (!is_news && !snapshot.complaints.is_empty()) {
            match (cause, only) {
                (Some(cause), _) => return Err(cause),
                (None, None) => return Err(self.why_nothing(&snapshot, let_in)),
                // It does not have the family, or refuses it: both are remembered.
                (None, Some(_)) => {}
            }
        }
        if plan.as_ref() != Some(&next) {
            left.plan = Some(next.clone());
            self.keep_plan(next).await;
        }
        Ok(snapshot)
    }

    /// Whether the gateway has let us in since `begun`, so that a refusal is about what was asked
    /// for. A session that is younger than a minute is not proven anew when it is refused.
    async fn let_in_since(&self, begun: Timestamp) -> bool {
        match &self.door {
            Door::Token { session, .. } => {
                session.get().await.is_ok_and(|held| held.validity.issued_at >= begun)
            }
            Door::Digest(_) => true,
        }
    }

    /// How the gateway is connected. It takes a gateway up to ten seconds to say.
    ///
    /// # Errors
    /// Those of [`log_in`](Self::log_in); [`ErrorKind::Forbidden`] where the role does not reach so
    /// far; [`ErrorKind::NotUnderstood`] where the gateway does not say.
    pub async fn network_interface(&self) -> Result<NetworkInterface> {
        self.vouch().await?;
        let Answer::Body { status, bytes } = self.ask(Endpoint::Home).await? else {
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

    /// Asks what the survey wants to know; what went wrong, if anything did. A lost answer, or an
    /// error of the gateway's own, costs only its readings; after two in a row the gateway must say who it is, or is taken to be gone.
    async fn walk(&self, survey: &mut Survey) -> Option<Error> {
        let end = later(self.clock.now(), CYCLE);
        let mut cause = None;
        let mut lost_in_a_row = 0;
        self.requests.store(0, Ordering::Relaxed);
        while let Some(endpoint) = survey.next() {
            if endpoint.facts().pace == Pace::EachPoll {
                self.requests.fetch_add(1, Ordering::Relaxed);
            }
            if self.clock.now() >= end {
                let context = "the gateway is too slow to be read within a cycle";
                return cause.or_else(|| Some(Error::new(ErrorKind::Unreachable, context)));
            }
            let answer = match self.ask(endpoint).await {
                Ok(answer) => answer,
                Err(error) if error.kind().is_one_answer_lost() => {
                    let failed = Answer::Failed(error.to_string());
                    cause = cause.or(Some(error));
                    failed
                }
                Err(error) => return Some(error),
            };
            lost_in_a_row = if answer.is_lost() { lost_in_a_row + 1 } else { 0 };
            survey.answer(endpoint, answer);
            if lost_in_a_row == 2 && self.is_gone().await {
                return cause.or_else(|| Some(not_ready()));
            }
        }
        cause
    }

    /// Whether the gateway does not even say who it is.
    async fn is_gone(&self) -> bool {
        self.identity.doubt().await;
        self.identity.info().await.is_err()
    }

    async fn ask(&self, endpoint: Endpoint) -> Result<Answer> {
        let mut request = endpoint.request();
        request.headers_mut().insert(ACCEPT, http::HeaderValue::from_static("application/json"));
        let reply = self.door.send(&self.link, &request).await?;
        Ok(Answer::Body { status: reply.status.as_u16(), bytes: reply.body })
    }

    fn why_nothing(&self, snapshot: &Snapshot, let_in: bool) -> Error {
        let is_any = |is_so: fn(&Problem) -> bool| {
            snapshot.complaints.iter().any(|complaint| is_so(&complaint.problem))
        };
        let is_refused = is_any(|problem| matches!(problem, Problem::Refused(_)));
        match &self.door {
            Door::Digest(_) if is_refused => refused_user(),
            Door::Token { .. } if is_refused && !let_in => {
                let context = "the gateway refuses everything, shortly after it let us in";
                let later = later(self.clock.now(), SESSION_IS_YOUNG);
                Error::new(ErrorKind::NeedsLogin, context).until(later)
            }
            Door::Token { .. } if is_refused => {
                let context = "the gateway refuses all that it has to this role";
                Error::new(ErrorKind::Forbidden, context)
            }
            _ if is_any(|problem| matches!(problem, Problem::Status(500..))) => not_ready(),
            _ => Error::new(ErrorKind::NotUnderstood, "the gateway has no readings"),
        }
    }

    /// What the gateway says of itself: asked once an hour where a pinned key proves who it is, else
    /// once a process.
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

    async fn known_plan(&self, left: &Left) -> Result<Option<Plan>> {
        match &left.plan {
            Some(plan) => Ok(Some(plan.clone())),
            None => Ok(self.records.load(self.identity.serial_number()).await?),
        }
    }

    /// Another role may see other things.
    async fn forget_plan(&self) -> Result<()> {
        let mut left = self.left.lock().await;
        *left = Left::default();
        Ok(self.records.remove::<Plan>(self.identity.serial_number()).await?)
    }

    async fn keep_plan(&self, plan: Plan) {
        let put = |_: Option<Plan>| (Revise::Put(plan), ());
        if let Err(error) = self.records.update(self.identity.serial_number(), put).await {
            tracing::warn!(%error, "what the gateway has is not written down");
        }
    }
}

impl Record for Plan {
    const SPACE: Space = Space::Plan;
    const SCHEMA: u32 = 1;
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

fn not_ready() -> Error {
    Error::new(ErrorKind::Unreachable, "the gateway is not ready")
}

fn refused_user() -> Error {
    Error::new(ErrorKind::Rejected, "the gateway refuses this user and password")
}

/// How long a new session is not proven anew when it is refused (B4).
const SESSION_IS_YOUNG: Duration = Duration::from_secs(60);

/// The longest that a read goes on asking (B3).
const CYCLE: Duration = Duration::from_secs(150);

//! The short way to a gateway that is logged in to.

use std::{future::Future, sync::Arc, time::Duration};

use hallpass_credential::{
    Clock, Error, ErrorKind, Held, Patience, Rate, Result, Secret, SystemClock, jwt::PublicKey,
    peek, store::Records,
};
use hallpass_transport::{KeyPin, TcpConnector};

use crate::{
    Account, Applicant, BetweenTurns, Clouds, Gateway, Info, Login, Lookout, Network, Setup,
    Sighting, Token, auth::token::token_name, default_password,
};

/// How to reach a gateway and what opens it; begun by [`Gateway::connect`], ended by
/// [`open`](Self::open). [`Setup`] decides more, such as how often a gateway may be asked.
///
/// Somebody must vouch for the gateway before anything secret is sent to it: [`pin`](Self::pin), or
/// [`trust_new`](Self::trust_new). What opens it depends on its firmware:
///
/// | firmware | |
/// |---|---|
/// | from 7 on | an [`account`](Self::account) of the cloud, a [`token`](Self::token), or what the [`records`](Self::records) hold |
/// | before 7 | a user of the gateway: the [`account`](Self::account), or a [`user`](Self::user) whose password can be computed |
#[derive(Debug)]
#[must_use = "nothing is sent before `open`"]
pub struct Connect {
    address: String,
    trust: Trust,
    account: Option<Account>,
    token: Option<Secret>,
    user: String,
    network: Network,
    clouds: Option<Clouds>,
    records: Records,
    clock: Arc<dyn Clock>,
}

/// Who vouches for whatever answers.
#[derive(Debug, Clone, Copy)]
enum Trust {
    Nobody,
    Key(KeyPin),
    WhoeverAnswers,
}

impl Gateway {
    /// Begins a connection to the gateway at `address`, a `HOST[:PORT]`. Nothing is sent yet.
    pub fn connect(address: impl Into<String>) -> Connect {
        Connect {
            address: address.into(),
            trust: Trust::Nobody,
            account: None,
            token: None,
            user: USUAL_USER.to_owned(),
            network: Network::tcp(),
            clouds: None,
            records: Records::in_memory(),
            clock: Arc::new(SystemClock),
        }
    }
}

impl Connect {
    /// Trusts the gateway with this key and no other.
    pub fn pin(self, key: KeyPin) -> Self {
        Self { trust: Trust::Key(key), ..self }
    }

    /// Trusts whoever answers, each time anew, with all that opens the gateway. For a first contact,
    /// for gateways before firmware 7, which have no key, and for simulated ones; [`look`](crate::look) tells the
    /// key to pin from then on.
    pub fn trust_new(self) -> Self {
        Self { trust: Trust::WhoeverAnswers, ..self }
    }

    /// Logs in with this user and password: at the cloud from firmware 7 on, which also renews the
    /// token; at the gateway itself before.
    pub fn account(self, username: impl Into<String>, password: impl Into<Secret>) -> Self {
        let account = Account { username: username.into(), password: password.into() };
        Self { account: Some(account), ..self }
    }

    /// Shows the gateway a token that was made elsewhere. Without an account it is not renewed.
    pub fn token(self, text: impl Into<Secret>) -> Self {
        Self { token: Some(text.into()), ..self }
    }

    /// The user of a gateway before firmware 7 whose password it has computed by itself: `envoy`
    /// unless set, or `installer`.
    pub fn user(self, username: impl Into<String>) -> Self {
        Self { user: username.into(), ..self }
    }

    /// Where credentials survive; in memory unless set.
    pub fn records(self, records: Records) -> Self {
        Self { records, ..self }
    }

    /// The time; that of this machine unless set.
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The way to the gateway; TCP unless set, and a gateway that moves is lost. With
    /// [`Network::locating`] it is found again.
    pub fn network(self, network: Network) -> Self {
        Self { network, ..self }
    }

    /// The clouds; Enphase's own over TCP unless set.
    pub fn clouds(self, clouds: Clouds) -> Self {
        Self { clouds: Some(clouds), ..self }
    }

    /// Looks who answers, and opens the gateway if it may be trusted. A token is shown to it now;
    /// an account logs in when something is asked for.
    ///
    /// The caller spawns the returned future, which keeps the credentials; it ends when the gateway
    /// is dropped.
    ///
    /// # Errors
    /// - [`ErrorKind::Untrusted`] where nobody vouches for the gateway; the text has its key.
    /// - [`ErrorKind::IdentityChanged`] for another key than the pinned, or none.
    /// - [`ErrorKind::Unreachable`], [`ErrorKind::NotADevice`], [`ErrorKind::NotUnderstood`], and
    ///   [`ErrorKind::Invalid`] for what is no address: those of [`look`](crate::look).
    /// - [`ErrorKind::Rejected`] for what is no token for this gateway, [`ErrorKind::NeedsLogin`]
    ///   for one that has expired or that the gateway refuses.
    /// - [`ErrorKind::Invalid`] for a token where the firmware takes none, and for a user whose
    ///   password cannot be computed.
    /// - [`ErrorKind::Held`] where other processes use the gateway all the time,
    ///   [`ErrorKind::Store`].
    pub async fn open(self) -> Result<(Gateway, impl Future<Output = ()> + Send + 'static)> {
        let sighting = self.lookout().look(&self.address, None, &self.network).await?;
        self.trust.judge(&sighting)?;
        let clouds = match self.clouds.clone() {
            Some(clouds) => clouds,
            None => Clouds::public(Arc::new(TcpConnector))?,
        };
        let token = self.new_token(&sighting.info.serial_number, &clouds.keys).await?;
        let (gateway, keeping) = Gateway::new(Setup {
            login: self.login(&sighting.info, clouds)?,
            origin: sighting.origin,
            serial_number: sighting.info.serial_number,
            key: sighting.key,
            network: self.network,
            records: self.records,
            clock: self.clock,
            rate: Rate::UNATTENDED,
            patience: PATIENCE,
            between_turns: BetweenTurns::KeepConnection,
        })?;
        if let Some(token) = token {
            gateway.adopt_token(token).await?;
        }
        Ok((gateway, keeping))
    }

    fn lookout(&self) -> Lookout {
        let (records, clock) = (self.records.clone(), Arc::clone(&self.clock));
        Lookout { records, clock, rate: Rate::UNATTENDED, patience: PATIENCE }
    }

    /// The token that was given, unless the records have it already.
    async fn new_token(&self, serial_number: &str, keys: &[PublicKey]) -> Result<Option<Token>> {
        let Some(text) = &self.token else { return Ok(None) };
        let token = Token::admit_secret(text, serial_number, keys, self.clock.now())?;
        let kept: Option<Held<Token>> = peek(&self.records, &token_name(serial_number)).await?;
        let is_kept = kept.is_some_and(|kept| kept.credential.claims() == token.claims());
        Ok(Some(token).filter(|_| !is_kept))
    }

    fn login(&self, info: &Info, clouds: Clouds) -> Result<Login> {
        let account = self.account.clone();
        if info.firmware.takes_tokens() {
            return Ok(Login::Token {
                account,
                clouds,
                applicant: Applicant::Program,
                routes: None,
            });
        }
        match account {
            Some(account) => Ok(Login::Digest(account)),
            None => self.usual_account(&info.serial_number).map(Login::Digest),
        }
    }

    fn usual_account(&self, serial_number: &str) -> Result<Account> {
        let username = self.user.clone();
        let password = default_password(&username, serial_number).ok_or_else(|| {
            let context = format!("the password of user {username} cannot be computed");
            Error::new(ErrorKind::Invalid, context)
        })?;
        Ok(Account { username, password })
    }
}

impl Trust {
    fn judge(self, Sighting { info, key, .. }: &Sighting) -> Result<()> {
        let (kind, context) = match (self, key) {
            (Self::WhoeverAnswers, _) => return Ok(()),
            (Self::Key(pinned), Some(key)) if pinned == *key => return Ok(()),
            (Self::Key(_), Some(key)) => {
                let context = format!("the gateway that answers has another key: {key}");
                (ErrorKind::IdentityChanged, context)
            }
            (Self::Key(_), None) => {
                let context = "only plain http answers, where a key is pinned";
                (ErrorKind::IdentityChanged, context.to_owned())
            }
            (Self::Nobody, key) => {
                let key = key.map_or("no key".to_owned(), |key| format!("the key {key}"));
                let context =
                    format!("nobody vouches for gateway {} with {key}", info.serial_number);
                (ErrorKind::Untrusted, context)
            }
        };
        Err(Error::new(kind, context))
    }
}

/// Before firmware 7: reads what the owner may read.
const USUAL_USER: &str = "envoy";

/// How long other processes and the rate are waited for.
const PATIENCE: Patience = Patience(Duration::from_secs(30));

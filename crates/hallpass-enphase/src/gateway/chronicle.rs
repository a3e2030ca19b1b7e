//! What a gateway did, written down for all processes.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use hallpass_credential::{
    Clock, Error, ErrorKind, Reason, Result, Trust, Vouched,
    evidence::{Evidence, may_ask_cloud},
    store::{Records, Revise},
};
use hallpass_transport::Reply;
use http::StatusCode;
use jiff::Timestamp;

/// Adds what this process meets at a gateway to what all of them know, and asks by it whether a
/// cloud may be asked (B5).
#[derive(Debug)]
pub(crate) struct Chronicle {
    name: String,
    records: Records,
    clock: Arc<dyn Clock>,
    /// This process saw it well last, so that a good answer is no news.
    is_well: AtomicBool,
    /// What this process alone knows: when it had a token checked.
    own: Mutex<Evidence>,
}

impl Chronicle {
    /// Of the gateway `serial_number`.
    pub(crate) fn new(serial_number: &str, records: Records, clock: Arc<dyn Clock>) -> Self {
        let name = chronicle_name(serial_number);
        Self { name, records, clock, is_well: AtomicBool::default(), own: Mutex::default() }
    }

    /// What an answer to any request tells of the gateway: an outage begins with one that is not
    /// there or not ready, and ends with the next that is no failure of the server.
    pub(crate) async fn note(&self, answered: &Result<Reply>) {
        match answered {
            Ok(reply) if is_not_ready(reply.status) => self.lost().await,
            Ok(reply) if !reply.status.is_server_error() => self.answered().await,
            Err(error) if error.kind() == ErrorKind::Unreachable => self.lost().await,
            _ => {}
        }
    }

    /// The gateway is away or not ready.
    pub(crate) async fn lost(&self) {
        self.is_well.store(false, Ordering::Relaxed);
        self.add_or_log(Evidence::lost).await;
    }

    async fn answered(&self) {
        if !self.is_well.swap(true, Ordering::Relaxed) {
            self.add_or_log(Evidence::answered).await;
        }
    }

    /// The gateway says which firmware it has, and what its clock shows.
    pub(crate) async fn introduced(&self, firmware: String, time: Option<Timestamp>) {
        let now = self.clock.now();
        if let Some(time) = time
            && let Err(error) = Vouched::hear(&self.records, time, now).await
        {
            tracing::warn!(%error, "that the clocks agree is not written down");
        }
        self.add_or_log(move |evidence, now| evidence.runs(&firmware, now)).await;
    }

    /// Whether `check_jwt` may be asked, which is then done (B4). Where that cannot be written down it
    /// hangs on what this process remembers and the others have written: a full disk costs no token (S3).
    pub(crate) async fn may_check(&self) -> bool {
        let written = self.add(Evidence::may_check).await;
        let now = self.clock.now();
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner).may_check(now);
        match written {
            Ok((_, may)) => may,
            Err(error) => {
                tracing::warn!(%error, "that a token is checked is not written down");
                let known: Option<Evidence> =
                    self.records.load(&self.name).await.unwrap_or_default();
                own && known.is_none_or(|known| known.next_check(now).is_none())
            }
        }
    }

    /// `check_jwt` refuses token `generation`.
    pub(crate) async fn refused(&self, generation: u64) -> Result<()> {
        self.add(move |evidence, now| evidence.refused(generation, now)).await.map(|_| ())
    }

    /// The gateway takes its token.
    pub(crate) async fn accepted(&self) {
        self.add_or_log(Evidence::accepted).await;
    }

    /// The gateway refuses a token that was made a moment ago; from when on another may be asked for.
    pub(crate) async fn refused_new(&self) -> Result<Option<Timestamp>> {
        let (evidence, ()) = self.add(Evidence::refused_new).await?;
        let may = may_ask_cloud(&evidence, Reason::Missing, self.clock.now());
        Ok(may.err().and_then(|held| held.retry_at()))
    }

    /// The gateway takes a token that was made a moment ago.
    pub(crate) async fn accepted_new(&self) {
        self.add_or_log(|evidence, _| evidence.accepted_new()).await;
    }

    /// Whether a cloud may be asked for a token of the gateway.
    ///
    /// # Errors
    /// [`ErrorKind::NeedsLogin`] with the time from which it may; [`ErrorKind::Store`].
    pub(crate) async fn may_ask_cloud(&self, why: Reason) -> Result<()> {
        let (evidence, ()) = self.add(|_, _| {}).await?;
        may_ask_cloud(&evidence, why, self.clock.now())
    }

    /// What this machine's clock is worth, as far as anybody has heard.
    pub(crate) async fn trust(&self) -> Result<Trust> {
        Vouched::look(&self.records, self.clock.now()).await
    }

    async fn add_or_log(&self, add: impl FnOnce(&mut Evidence, Timestamp) + Send + 'static) {
        if let Err(error) = self.add(add).await {
            tracing::warn!(%error, "what the gateway did is not written down");
        }
    }

    async fn add<T: Send + 'static>(
        &self,
        add: impl FnOnce(&mut Evidence, Timestamp) -> T + Send + 'static,
    ) -> Result<(Evidence, T), Error> {
        let (now, trust) = (self.clock.now(), self.trust().await?);
        let added = self.records.update(&self.name, move |known: Option<Evidence>| {
            let mut evidence = known.unwrap_or_default();
            let moved = evidence.settle(now, trust);
            let before = evidence.clone();
            let beside = add(&mut evidence, now);
            let is_news = moved || evidence != before;
            let revise = if is_news { Revise::Put(evidence.clone()) } else { Revise::Keep };
            (revise, (evidence, beside))
        });
        Ok(added.await?)
    }
}

/// Where the store keeps what a gateway did.
pub(crate) fn chronicle_name(serial_number: &str) -> String {
    format!("gateway/{serial_number}")
}

/// Whether a web server says that what is behind it is not there. Any other error of the server is
/// about what was asked for.
fn is_not_ready(status: StatusCode) -> bool {
    [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT]
        .contains(&status)
}

//! A gateway: who may connect, who may ask, and what is answered.

mod access;
mod cast;
mod digest;
mod dress;
mod live_view;
mod metering;
mod pages;
mod session;
mod state;
mod trouble;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use http::{Method, StatusCode};
use jiff::Timestamp;
use rustls::ServerConfig;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

#[cfg(test)]
pub(crate) use self::digest::computed_password;
use self::{
    access::Access,
    dress::{Page, dress},
    metering::Metering,
    state::{Identity, State},
    trouble::Holding,
};
pub(crate) use self::{access::Level, cast::Cast, dress::VALID_TOKEN};
use crate::{
    SimError,
    answer::{Answer, Cut, Request},
    clock::signed,
    entrez::Entrez,
    event::Event,
    fault::{Fault, Scene},
    firmware::Firmware,
    kept::Kept,
    leak,
    ledger::Found,
    lock::lock,
    network::{self, WINDOW, Weather},
    options::Options,
    profile::Profile,
    recording::Recording,
    request::writes,
    serve::{self, Stream, TLS_HANDSHAKE},
    stage::Stage,
    tls::{self, TlsQuirk},
    world::{Moment, Place},
};

/// Where a token is shown for a session.
const CHECK_JWT: &str = "/auth/check_jwt";

/// One gateway of the simulation.
pub(crate) struct Gateway {
    index: usize,
    stage: Arc<Stage>,
    entrez: Arc<Entrez>,
    serials: Arc<[String]>,
    serial_number: String,
    place: Place,
    show: Show,
    state: Mutex<State>,
    /// Tells all connections how they end.
    endings: watch::Sender<Ending>,
}

/// Where the answers come from.
pub(crate) enum Show {
    Live(Box<Mutex<Metering>>),
    Recording(Recording),
}

/// Who a connection reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peer {
    /// The gateway, over the transport it should have.
    Own,
    /// The gateway with a certificate that nobody has accepted yet.
    Untrusted,
    /// Plain http at a gateway that has TLS.
    Clear,
    /// Plain http at a gateway that has lost its TLS.
    Downgraded,
    /// Somebody else with another key.
    Impostor,
}

/// How a connection ends that neither side has closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// It is closed.
    Cut,
    /// Nothing is heard any more.
    Silence,
}

impl Gateway {
    pub(crate) fn new(
        stage: Arc<Stage>,
        entrez: Arc<Entrez>,
        serials: Arc<[String]>,
        index: usize,
        options: &Options,
        cast: Cast,
    ) -> Result<Self, SimError> {
        let identity = Identity::new(&options.gateways[index], &cast.serial_number, stage.now())?;
        let state = State::new(cast.firmware, identity, stage.now());
        let Cast { serial_number, show, .. } = cast;
        let (state, endings) = (Mutex::new(state), watch::Sender::new(Ending::Cut));
        Ok(Self {
            index,
            stage,
            entrez,
            serials,
            serial_number,
            place: options.place,
            show,
            state,
            endings,
        })
    }

    pub(crate) fn serial_number(&self) -> &str {
        &self.serial_number
    }

    /// Without its letter.
    pub(crate) fn firmware(&self) -> String {
        lock(&self.state).firmware.version().to_owned()
    }

    /// As in `/info`, with its letter.
    fn software(&self, profile: &Profile) -> String {
        lock(&self.state).firmware.software(profile.letter)
    }

    pub(crate) fn part_number(&self) -> String {
        match &self.show {
            Show::Live(_) => self.profile().part_number.to_owned(),
            Show::Recording(recording) => recording.part_number(),
        }
    }

    pub(crate) fn certificate_pem(&self) -> String {
        let own = |_, own: &tls::Certified| own.pem.clone();
        self.certified(own).unwrap_or_default()
    }

    /// What is made of the gateway's own handshake, with its quirk if it has one.
    fn certified<T>(&self, make: impl FnOnce(Peer, &tls::Certified) -> T) -> Result<T, SimError> {
        let scene = self.stage.scene(&self.serial_number, "");
        let quirk = self.quirk(scene);
        let state = lock(&self.state);
        let (peer, own) = state.identity.meet();
        Ok(match quirk {
            Some(quirk) => make(peer, &own.with(quirk, &self.serial_number, scene.now)?),
            None => make(peer, own),
        })
    }

    fn quirk(&self, scene: Scene<'_>) -> Option<TlsQuirk> {
        self.stage.faults.find(scene, |fault| {
            if let Fault::TlsQuirks { kind } = fault { Some(*kind) } else { None }
        })
    }

    /// Whether it speaks https and wants tokens now.
    pub(crate) fn wants_tokens(&self) -> bool {
        lock(&self.state).firmware.wants_tokens()
    }

    pub(crate) fn profile(&self) -> Profile {
        let state = lock(&self.state);
        let mut profile = Profile::of(&state.firmware);
        profile.quirks.device_data |= state.has_device_data;
        profile
    }

    /// Whether a connection would be refused now.
    pub(crate) fn refuses(&self) -> bool {
        let scene = self.stage.scene(&self.serial_number, "");
        self.is_down(scene.now) || self.held(scene) == Some(Holding::Refuse)
    }

    /// Lets something happen to this gateway.
    pub(crate) fn happen(&self, event: &Event) {
        let now = self.stage.now();
        let mut state = lock(&self.state);
        match event {
            Event::Reboot { down, starting } => {
                state.away.begin(now, down.0, starting.0);
                state.forget_logins();
            }
            Event::Update { version, down, revoke, gone, new } => {
                state.away.begin(now, down.0, std::time::Duration::ZERO);
                state.forget_logins();
                state.firmware =
                    version.as_deref().map_or_else(|| state.firmware.next_build(), Firmware::new);
                state.gone = gone.split(',').map(str::to_owned).collect();
                state.has_device_data |= *new;
                if *revoke {
                    state.revoked_up_to = self.stage.tokens_issued();
                }
            }
            Event::ExpireSession {} => state.forget_logins(),
            Event::ExpireToken {} => {
                state.forget_logins();
                state.revoked_up_to = self.stage.tokens_issued();
            }
            Event::RotateCertificate {} => state.identity.rotate(),
            Event::TrustCertificate {} => state.identity.trust(),
            Event::CutConnections {} | Event::DhcpMove { .. } | Event::SwapAddresses {} => {}
        }
        drop(state);
        if let Some(ending) = ending(event) {
            self.endings.send_replace(ending);
        }
    }

    /// Serves one connection, until either side ends it.
    pub(crate) async fn serve(&self, stream: impl Stream) {
        if self.refuses() {
            return self.stage.ledger.refused(self.index, self.stage.now());
        }
        let open = self.stage.ledger.connection(self.index);
        let mut endings = self.endings.subscribe();
        let stream = Kept::new(stream);
        let ending = tokio::select! {
            () = self.receive(stream.clone()) => Ending::Cut,
            _ = endings.changed() => *endings.borrow(),
        };
        drop(open);
        if ending == Ending::Silence {
            std::future::pending().await
        }
    }

    /// Lets a bad network have its way with the connection.
    async fn receive(&self, stream: impl Stream) {
        let scene = self.stage.scene(&self.serial_number, "");
        let weather = |fault: &Fault| {
            if let Fault::Lossy { kind, percent, by } = fault {
                Some(Weather::new(*kind, *percent, by.0))
            } else {
                None
            }
        };
        match self.stage.faults.find(scene, weather) {
            Some(weather) => {
                let (near, far) = tokio::io::duplex(WINDOW);
                let path = network::carry(stream, near, weather, &self.stage);
                tokio::join!(path, self.greet(far));
            }
            None => self.greet(stream).await,
        }
    }

    /// Serves one connection as an impostor would who has another address.
    pub(crate) async fn impersonate(&self, stream: impl Stream) {
        let Some((first, stream)) = serve::first_byte(stream).await else { return };
        if first != TLS_HANDSHAKE {
            return self.converse(stream, Peer::Impostor).await;
        }
        let impostor = lock(&self.state).identity.impostor();
        self.shake_hands(stream, Peer::Impostor, impostor).await;
    }

    /// Whether somebody says by mDNS to be it.
    pub(crate) fn is_advertised_falsely(&self) -> bool {
        self.stage.faults.on(self.stage.scene(&self.serial_number, ""), &Fault::FalseAdvert {})
    }

    /// Finds out by the first byte whether the peer speaks TLS, as a web server with one port for both would.
    async fn greet(&self, stream: impl Stream) {
        let Some((first, stream)) = serve::first_byte(stream).await else { return };
        let scene = self.stage.scene(&self.serial_number, "");
        let https_gone = self.stage.faults.on(scene, &Fault::HttpsGone {});
        match (self.wants_tokens(), first == TLS_HANDSHAKE) {
            (false, false) => self.converse(stream, Peer::Own).await,
            (true, false) if https_gone => self.converse(stream, Peer::Downgraded).await,
            (true, false) => self.converse(stream, Peer::Clear).await,
            (true, true) if !https_gone => self.secure(stream, scene).await,
            (_, true) => tracing::debug!("a TLS handshake where there is no TLS"),
        }
    }

    /// Speaks TLS as the gateway does, or as the impostor in its place.
    async fn secure(&self, stream: impl Stream, scene: Scene<'_>) {
        let swapped = |fault: &Fault| {
            matches!(fault, Fault::Impostor {} | Fault::MidstreamSwap {}).then_some(())
        };
        if let Some(alert) = self.quirk(scene).and_then(TlsQuirk::alert) {
            return serve::last_words(stream, alert).await;
        }
        let met = match self.stage.faults.find(scene, swapped) {
            Some(()) => Ok((Peer::Impostor, lock(&self.state).identity.impostor())),
            None => self.certified(|peer, own| (peer, own.config.clone())),
        };
        if let Ok((peer, config)) = met {
            self.shake_hands(stream, peer, config).await;
        }
    }

    async fn shake_hands(&self, stream: impl Stream, peer: Peer, config: Arc<ServerConfig>) {
        match TlsAcceptor::from(config).accept(stream).await {
            Ok(stream) => self.converse(stream, peer).await,
            Err(error) => tracing::debug!(%error, "the TLS handshake failed"),
        }
    }

    async fn converse(&self, stream: impl Stream, peer: Peer) {
        let used = AtomicBool::new(false);
        let used = &used;
        serve::connection(stream, |request| async move {
            self.meet(peer, request, used.swap(true, Ordering::Relaxed)).await
        })
        .await;
    }

    /// Answers one request; `again` says that it is not the first on its connection.
    async fn meet(&self, peer: Peer, request: Request, again: bool) -> Result<Answer, Cut> {
        let path = request.uri().path().to_owned();
        let _flight = self.stage.ledger.flight(self.index, &path, self.found(), self.stage.now());
        self.note_leaks(peer, &request);
        self.delay(&request).await;
        let scene = self.stage.scene(&self.serial_number, &path);
        if let Some(holding) = self.held(scene) {
            self.stage.ledger.away(self.index);
            return match holding {
                Holding::Hang => std::future::pending().await,
                Holding::Refuse => Err(Cut),
            };
        }
        let answer = self.met(peer, scene, &request);
        if path == CHECK_JWT && answer.status == StatusCode::UNAUTHORIZED {
            self.stage.ledger.token_refused(self.index, scene.now);
        }
        self.delay_refusal(scene, answer.status).await;
        let answer = self.spoil(scene, answer, again)?;
        self.stage.ledger.answered(&path, answer.status.as_u16());
        Ok(answer)
    }

    fn found(&self) -> Found {
        if self.is_away() {
            return Found::Away;
        }
        Found::There(lock(&self.state).firmware.numbers())
    }

    fn met(&self, peer: Peer, scene: Scene<'_>, request: &Request) -> Answer {
        let instead = match peer {
            Peer::Impostor => Some(self.imposture(request)),
            Peer::Clear => Some(self.to_https(request)),
            Peer::Own | Peer::Untrusted | Peer::Downgraded => self.instead(scene, request),
        };
        let ledger = &self.stage.ledger;
        match &instead {
            _ if scene.path != pages::INFO => {}
            None => ledger.present(self.index, scene.now),
            Some(_) => ledger.away(self.index),
        }
        instead.unwrap_or_else(|| self.answer(request))
    }

    fn note_leaks(&self, peer: Peer, request: &Request) {
        let place = |what: &str| format!("gateway {}: {what}", self.serial_number);
        match peer {
            Peer::Impostor => leak::anything(&self.stage, &place("an impostor"), request),
            Peer::Untrusted => leak::anything(&self.stage, &place("a new certificate"), request),
            Peer::Clear | Peer::Downgraded => {
                leak::anything(&self.stage, &place("plain http"), request)
            }
            Peer::Own => {
                leak::password(&self.stage, &place("a cloud's password"), request);
                self.note_strange_credentials(request, &place("not for this one"));
            }
        }
    }

    /// The answer where nothing is wrong.
    fn answer(&self, request: &Request) -> Answer {
        let profile = self.profile();
        if self.wants_tokens() && request.uri().path() == CHECK_JWT && !self.plays_itself(request) {
            return self.check_jwt(request);
        }
        let cookie = match self.admit(request, self.level(&profile, request)) {
            Access::Granted { cookie } => cookie,
            Access::Refused(answer) => return answer,
        };
        let answer = match &self.show {
            Show::Recording(recording) => recording.play(request),
            Show::Live(metering) => self.live(&profile, metering, request),
        };
        match cookie {
            Some(id) => answer.with_cookie(&session::cookie(&id)),
            None => answer,
        }
    }

    fn live(&self, profile: &Profile, metering: &Mutex<Metering>, request: &Request) -> Answer {
        let (path, now) = (request.uri().path(), self.stage.now());
        let page = match self.kept(request) {
            Some(page) => Some(page),
            None if writes(request) || lock(&self.state).gone.iter().any(|gone| gone == path) => {
                None
            }
            None => {
                let scene = Scene { place: &self.serial_number, path, now };
                let faults = self
                    .stage
                    .faults
                    .all(scene, |fault, since| fault.is_of_data().then(|| (fault.clone(), since)));
                self.shown(profile, lock(metering).at(now, &faults), scene, request)
            }
        };
        dress(profile, page.unwrap_or_else(|| Page::not_found(profile, path)), path, now)
    }

    /// The page about the world at this moment.
    fn shown(
        &self,
        profile: &Profile,
        moment: Moment,
        scene: Scene<'_>,
        request: &Request,
    ) -> Option<Page> {
        let moment = match scene.path {
            pages::LIVE_DATA => lock(&self.state).live_view.show(moment),
            _ => moment,
        };
        let streaming = lock(&self.state).live_view.is_on(scene.now);
        let copied = self.stage.faults.on(scene, &Fault::NetCopy {});
        let view = pages::View {
            profile,
            software: self.software(profile),
            moment: &moment,
            serial_number: &self.serial_number,
            clock: self.own_time(),
            starting: self.starting(scene.now),
            streaming,
            total_is_net: profile.quirks.total_is_net || copied,
            request,
        };
        pages::page(&view, scene.path)
    }

    fn level(&self, profile: &Profile, request: &Request) -> Level {
        match &self.show {
            Show::Recording(recording) => recording.level(request.uri().path()),
            Show::Live(_) => access::level(profile, request),
        }
    }

    /// Whether a recording has its own answer to `check_jwt`.
    fn plays_itself(&self, request: &Request) -> bool {
        matches!(&self.show, Show::Recording(recording) if recording.has(request))
    }

    /// Pages that are about the gateway's state rather than the world, and all writes that are understood.
    fn kept(&self, request: &Request) -> Option<Page> {
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/auth/get_jwt") => Some(self.get_jwt(request)),
            (&Method::GET, pages::POWER) => {
                let off = lock(&self.state).power_forced_off;
                Some(Page::daemon(&json!({"powerForcedOff": off})))
            }
            (&Method::POST, pages::LIVE_STREAM) if self.wants_tokens() => {
                let body: Value = serde_json::from_slice(request.body()).ok()?;
                let on = body["enable"] == 1;
                lock(&self.state).live_view.switch(on, self.stage.now());
                Some(Page::daemon(&json!({"sc_stream": if on { "enabled" } else { "disabled" }})))
            }
            (&Method::PUT, pages::POWER) => {
                let body: Value = serde_json::from_slice(request.body()).ok()?;
                lock(&self.state).power_forced_off = body["arr"][0] == 1;
                Some(Page::no_content())
            }
            _ => None,
        }
    }

    /// The gateway's own idea of the time.
    fn own_time(&self) -> Timestamp {
        let scene = self.stage.scene(&self.serial_number, "");
        let skew = |fault: &Fault| {
            if let Fault::ClockSkew { behind } = fault { Some(behind.0) } else { None }
        };
        scene.now - signed(self.stage.faults.find(scene, skew).unwrap_or_default())
    }
}

/// How open connections end when this happens; not at all by most of what is about logins.
fn ending(event: &Event) -> Option<Ending> {
    match event {
        Event::ExpireSession {} | Event::ExpireToken {} | Event::TrustCertificate {} => None,
        Event::DhcpMove { .. } | Event::SwapAddresses {} => Some(Ending::Silence),
        Event::Reboot { .. }
        | Event::Update { .. }
        | Event::RotateCertificate {}
        | Event::CutConnections {} => Some(Ending::Cut),
    }
}

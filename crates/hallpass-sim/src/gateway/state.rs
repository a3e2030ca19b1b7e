//! What changes about a gateway: its firmware, its key, whether it is there, who is logged in.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use rustls::ServerConfig;

use super::{Peer, digest::Nonces, live_view::LiveView, session::Sessions};
use crate::{SimError, clock::signed, firmware::Firmware, options::GatewayOptions, tls};

pub(super) struct State {
    pub(super) firmware: Firmware,
    pub(super) identity: Identity,
    pub(super) away: Away,
    /// Tokens are numbered; those up to this one are refused.
    pub(super) revoked_up_to: u64,
    pub(super) sessions: Sessions,
    pub(super) nonces: Nonces,
    pub(super) power_forced_off: bool,
    /// What an update took away, and whether it brought `/ivp/pdm/device_data`.
    pub(super) gone: Vec<String>,
    pub(super) has_device_data: bool,
    pub(super) live_view: LiveView,
}

impl State {
    pub(super) fn new(firmware: Firmware, identity: Identity, now: Timestamp) -> Self {
        Self {
            firmware,
            identity,
            away: Away { refused_until: now, starting_until: now },
            revoked_up_to: 0,
            sessions: Sessions::default(),
            nonces: Nonces::default(),
            power_forced_off: false,
            gone: Vec::new(),
            has_device_data: false,
            live_view: LiveView::default(),
        }
    }

    /// Sessions and nonces do not survive a reboot.
    pub(super) fn forget_logins(&mut self) {
        self.sessions = Sessions::default();
        self.nonces = Nonces::default();
    }
}

/// When it is not there, and when it is not ready.
pub(super) struct Away {
    refused_until: Timestamp,
    starting_until: Timestamp,
}

impl Away {
    pub(super) fn begin(&mut self, now: Timestamp, down: Duration, starting: Duration) {
        self.refused_until = now + signed(down);
        self.starting_until = self.refused_until + signed(starting);
    }

    pub(super) fn refused(&self, now: Timestamp) -> bool {
        now < self.refused_until
    }

    pub(super) fn starting(&self, now: Timestamp) -> bool {
        !self.refused(now) && now < self.starting_until
    }
}

/// The keys that answer at the gateway's address.
pub(super) struct Identity {
    own: tls::Certified,
    next: tls::Certified,
    impostor: tls::Certified,
    trusted: bool,
}

impl Identity {
    pub(super) fn new(
        wanted: &GatewayOptions,
        serial_number: &str,
        now: Timestamp,
    ) -> Result<Self, SimError> {
        let certified = || tls::certified(&wanted.certificate, wanted.tls, serial_number, now);
        let another = || {
            tls::certified(
                &crate::options::CertificateChoice::SelfSigned,
                wanted.tls,
                serial_number,
                now,
            )
        };
        Ok(Self { own: certified()?, next: another()?, impostor: another()?, trusted: true })
    }

    /// The other key answers from now on, and nobody knows it yet.
    pub(super) fn rotate(&mut self) {
        std::mem::swap(&mut self.own, &mut self.next);
        self.trusted = false;
    }

    pub(super) fn trust(&mut self) {
        self.trusted = true;
    }

    /// Who answers a handshake, and with what.
    pub(super) fn meet(&self) -> (Peer, &tls::Certified) {
        let peer = if self.trusted { Peer::Own } else { Peer::Untrusted };
        (peer, &self.own)
    }

    /// Somebody else.
    pub(super) fn impostor(&self) -> Arc<ServerConfig> {
        self.impostor.config.clone()
    }
}

//! The keepers of one gateway.

use std::{sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, FutureExt};
use hallpass_credential::{
    Clock, Keeping, Pass, Patience, Rest, evidence::CHECK_SPACING, jwt::PublicKey, keep,
    store::Records,
};

use super::identity::Identity;
use crate::{
    auth::{
        session::{Gatekeeper, Session, SessionIssuer, session_name},
        token::{Token, TokenIssuer, token_name},
    },
    cloud::{
        Clouds,
        access::{CloudAccess, cloud_name},
        enlighten::{CloudIssuer, CloudSession},
        entrez,
        gate::Gate,
        portal::{PortalIssuer, PortalSession, portal_name},
        route::Routes,
    },
};

/// Builds the keepers of one gateway, floor by floor, and collects their tasks.
pub(super) struct Keepers {
    pub(super) records: Records,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) patience: Patience,
    pub(super) tasks: Vec<BoxFuture<'static, ()>>,
}

impl Keepers {
    /// The ways of an account to the tokens of a gateway.
    pub(super) fn cloud(
        &mut self,
        serial_number: &str,
        clouds: Clouds,
        gate: Gate,
        wanted: Option<Routes>,
    ) -> CloudAccess {
        CloudAccess {
            username: gate.account.username.clone(),
            serial_number: serial_number.to_owned(),
            wanted,
            enlighten: self.enlighten(&clouds, gate.clone()),
            portal: self.portal(&clouds, gate),
            clouds,
            records: self.records.clone(),
            clock: Arc::clone(&self.clock),
        }
    }

    /// The budget of logins is the account's rest.
    fn enlighten(&mut self, clouds: &Clouds, gate: Gate) -> Pass<CloudSession> {
        let keeping = self.keeping(cloud_name(&gate.account.username), Duration::ZERO);
        let (session, task) = keep(CloudIssuer { clouds: clouds.clone(), gate }, keeping);
        self.tasks.push(task.boxed());
        session
    }

    /// The same for the web page of Entrez.
    fn portal(&mut self, clouds: &Clouds, gate: Gate) -> Pass<PortalSession> {
        let keeping = self.keeping(portal_name(&gate.account.username), Duration::ZERO);
        let (session, task) = keep(PortalIssuer { clouds: clouds.clone(), gate }, keeping);
        self.tasks.push(task.boxed());
        session
    }

    pub(super) fn token(
        &mut self,
        identity: Arc<Identity>,
        gatekeeper: Gatekeeper,
        keys: Vec<PublicKey>,
        cloud: Option<CloudAccess>,
    ) -> Pass<Token> {
        let mut keeping = self.keeping(token_name(identity.serial_number()), entrez::REST);
        keeping.rest.longest = entrez::LONGEST_REST;
        let clock = Arc::clone(&self.clock);
        let unproven = None;
        let issuer = TokenIssuer { identity, gatekeeper, keys, cloud, clock, unproven };
        let (pass, task) = keep(issuer, keeping);
        self.tasks.push(task.boxed());
        pass
    }

    pub(super) fn session(&mut self, gatekeeper: Gatekeeper, token: Pass<Token>) -> Pass<Session> {
        let keeping =
            self.keeping(session_name(gatekeeper.identity().serial_number()), CHECK_SPACING);
        let (pass, task) = keep(SessionIssuer { gatekeeper, token }, keeping);
        self.tasks.push(task.boxed());
        pass
    }

    fn keeping(&self, name: String, after_failure: Duration) -> Keeping {
        let mut keeping = Keeping::new(self.records.clone(), Arc::clone(&self.clock), name);
        keeping.rest = Rest { after_failure, longest: after_failure, ..keeping.rest };
        keeping.patience = self.patience;
        keeping
    }
}

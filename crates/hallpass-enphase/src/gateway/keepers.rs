//! The keepers of one gateway.

use std::{sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, FutureExt};
use hallpass_credential::{
    Clock, Keeping, Pass, Patience, Rest, budget::Asker, keep, store::Records,
};

use super::{cloud_name, identity::Identity};
use crate::{
    Account,
    auth::{
        session::{self, Gatekeeper, Session, SessionIssuer, session_name},
        token::{CloudPass, Token, TokenIssuer, token_name},
    },
    cloud::{Clouds, enlighten::CloudIssuer, entrez},
};

/// Builds the keepers of one gateway, floor by floor, and collects their tasks.
pub(super) struct Keepers {
    pub(super) records: Records,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) patience: Patience,
    pub(super) tasks: Vec<BoxFuture<'static, ()>>,
}

impl Keepers {
    pub(super) fn cloud(&mut self, clouds: &Clouds, account: Account, asker: Asker) -> CloudPass {
        let username = account.username.clone();
        // The budget of logins is the account's rest.
        let keeping = self.keeping(cloud_name(&username), Duration::ZERO);
        let (records, clock) = (self.records.clone(), Arc::clone(&self.clock));
        let issuer = CloudIssuer { clouds: clouds.clone(), account, asker, records, clock };
        let (session, task) = keep(issuer, keeping);
        self.tasks.push(task.boxed());
        CloudPass { username, session }
    }

    pub(super) fn token(
        &mut self,
        identity: Arc<Identity>,
        gatekeeper: Gatekeeper,
        clouds: Clouds,
        cloud: Option<CloudPass>,
    ) -> Pass<Token> {
        let keeping = self.keeping(token_name(identity.serial_number()), entrez::REST);
        let clock = Arc::clone(&self.clock);
        let issuer = TokenIssuer { identity, gatekeeper, clouds, cloud, clock };
        let (pass, task) = keep(issuer, keeping);
        self.tasks.push(task.boxed());
        pass
    }

    pub(super) fn session(&mut self, gatekeeper: Gatekeeper, token: Pass<Token>) -> Pass<Session> {
        let keeping = self.keeping(session_name(&gatekeeper.serial_number), session::SPACING);
        let (pass, task) = keep(SessionIssuer { gatekeeper, token }, keeping);
        self.tasks.push(task.boxed());
        pass
    }

    fn keeping(&self, name: String, after_failure: Duration) -> Keeping {
        let mut keeping = Keeping::new(self.records.clone(), Arc::clone(&self.clock), name);
        keeping.rest = Rest { after_failure, ..keeping.rest };
        keeping.patience = self.patience;
        keeping
    }
}

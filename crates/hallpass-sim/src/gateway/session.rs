//! Sessions of firmware 7 and later: a cookie, gone after ten idle minutes.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use super::access::Level;
use crate::{clock::signed, fault::Full};

/// The open sessions of a gateway by their id.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: BTreeMap<String, Session>,
    /// When the first token for a gateway that is not commissioned expires; later ones must not expire after it.
    pub(super) horizon: Option<i64>,
}

#[derive(Debug, Clone)]
struct Session {
    token: String,
    level: Level,
    used: Timestamp,
}

impl Sessions {
    /// Whether this session may do it; using it keeps it alive.
    pub(super) fn admit(&mut self, id: &str, level: Level, now: Timestamp, idle: Duration) -> bool {
        self.forget_idle(now, idle);
        let session = self.open.get_mut(id).filter(|session| session.level >= level);
        session.map(|session| session.used = now).is_some()
    }

    /// The session that was opened with this token.
    pub(super) fn of(&self, token: &str) -> Option<String> {
        self.open.iter().find(|(_, session)| session.token == token).map(|(id, _)| id.clone())
    }

    pub(super) fn open(&mut self, id: String, token: String, level: Level, now: Timestamp) {
        self.open.insert(id, Session { token, level, used: now });
    }

    /// Whether another session fits below a limit; where it says so, the oldest makes room.
    pub(super) fn fits(
        &mut self,
        limit: usize,
        full: Full,
        now: Timestamp,
        idle: Duration,
    ) -> bool {
        self.forget_idle(now, idle);
        if self.open.len() < limit {
            return true;
        }
        let oldest =
            self.open.iter().min_by_key(|(_, session)| session.used).map(|(id, _)| id.clone());
        match (full, oldest) {
            (Full::Evict, Some(oldest)) => self.open.remove(&oldest).is_some(),
            _ => false,
        }
    }

    fn forget_idle(&mut self, now: Timestamp, idle: Duration) {
        self.open.retain(|_, session| now < session.used + signed(idle));
    }
}

/// The cookie as a gateway sets it.
pub(super) fn cookie(id: &str) -> String {
    format!("sessionId={id}; Secure; HttpOnly; path=/")
}

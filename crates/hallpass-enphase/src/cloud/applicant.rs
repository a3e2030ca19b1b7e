//! Who waits for a login at a cloud, and may be asked for a one-time code.

use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;
use hallpass_credential::{Secret, budget::Asker};
use jiff::Timestamp;

/// Who waits for a login at a cloud.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_enums, reason = "complete by nature: callers build it")]
pub enum Applicant {
    /// A program: there is nobody to be asked.
    Program,
    /// A person who typed `login`: may skip a cool-down, and can be asked for a one-time code.
    Person(Arc<dyn Person>),
}

/// A person within reach, as at a terminal.
pub trait Person: fmt::Debug + Send + Sync {
    /// Asks for the one-time code of the account; takes as long as the person does.
    fn one_time_code(&self, why: CodeWanted) -> BoxFuture<'_, CodeAnswer>;
}

/// Why a person is asked for a one-time code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeWanted {
    /// The cloud has sent one, by e-mail or text message.
    Sent,
    /// The cloud has sent another one, as the person wanted.
    SentAgain,
    /// The cloud did not send another one; the last one may still do.
    NotSent,
    /// Another one may be sent from `until` on; the last one still does.
    TooSoon {
        /// When that is.
        until: Timestamp,
    },
    /// The last one was wrong.
    Wrong {
        /// So many more may be tried.
        left: u8,
    },
}

/// What a person says to that.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "complete by nature: callers build it")]
pub enum CodeAnswer {
    /// The code.
    Code(Secret),
    /// Another code is wanted. Nobody but a person asks for one.
    SendAgain,
    /// There is none.
    GiveUp,
}

impl Applicant {
    /// Who it is to the budget of logins.
    pub(super) fn asker(&self) -> Asker {
        match self {
            Self::Program => Asker::Program,
            Self::Person(_) => Asker::Person,
        }
    }
}

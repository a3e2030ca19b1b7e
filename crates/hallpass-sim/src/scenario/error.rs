//! Why a text is no scenario.

use crate::{FaultError, event::nearest};

/// A line that cannot be understood.
#[derive(Debug, Clone, thiserror::Error)]
#[error("line {line}: {kind}")]
#[non_exhaustive]
pub struct ScenarioError {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: ScenarioErrorKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioErrorKind {
    /// A word that nobody knows.
    #[error("no {kind} is called {word:?}; the nearest are: {nearest}")]
    Unknown {
        /// What the word should be.
        kind: &'static str,
        /// What was written.
        word: String,
        /// Known ones that are near it.
        nearest: String,
    },
    /// Something that is needed is not there, or not what it should be.
    #[error("{found:?} is no {wanted}")]
    Value {
        /// What is needed, with an example.
        wanted: &'static str,
        /// What was written; may be empty.
        found: String,
    },
    /// A fault or an event that does not exist, or takes no such arguments.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// A time that is before the one above it.
    #[error("it happens before the line above it")]
    Disorder,
    /// The text does not begin with a sentence.
    #[error("a scenario begins with a comment, `# ` and one sentence about what happens")]
    NoSummary,
    /// Nothing says when it is over.
    #[error("nothing says when it is over: `at TIME end`")]
    NoEnd,
    /// A header line that is below the timeline.
    #[error("this belongs before the first `at`")]
    Late,
    /// A line below the end.
    #[error("the scenario has ended above")]
    Ended,
}

impl ScenarioErrorKind {
    pub(super) fn unknown(
        kind: &'static str,
        word: &str,
        known: impl Iterator<Item = &'static str>,
    ) -> Self {
        Self::Unknown { kind, word: word.to_owned(), nearest: nearest(word, known) }
    }

    pub(super) fn value(wanted: &'static str, found: &str) -> Self {
        Self::Value { wanted, found: found.to_owned() }
    }
}

//! A recording of a gateway: what it answers, byte for byte, but for what tells whose it is.
//!
//! ```text
//! Question -> Answer -> Telling      what the answers tell of whose gateway it is
//!                    -> Redaction    the answers without it
//!                    -> Recording    files -> Folder
//! ```
//! The form is that of the recordings that the simulator plays: for each endpoint a file with the
//! body, and beside it a `_log.json` with status and headers.

mod answer;
mod body;
mod finding;
mod folder;
mod kind;
mod layer;
mod passage;
mod question;
mod redaction;
mod substitute;

use std::collections::BTreeMap;

use anyhow::Result;
use hallpass_credential::Secret;
use jiff::{Timestamp, tz::TimeZone};

pub(crate) use answer::Answer;
pub(crate) use folder::Folder;
pub(crate) use kind::Kind;
pub(crate) use question::Question;
use redaction::{Redaction, Telling};

/// Whose answers they are; never written down.
pub(crate) struct Owner {
    pub(crate) serial_number: String,
    /// What opens the gateway, and whose account it is.
    pub(crate) secrets: Vec<Secret>,
}

/// What a reader of the recording wants to know first.
pub(crate) struct Subject {
    pub(crate) firmware: String,
    pub(crate) part_number: String,
    pub(crate) taken_at: Timestamp,
    /// What was asked and not answered, and why.
    pub(crate) lost: Vec<(Question, String)>,
}

/// The files of a recording, by their names.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// How many different texts of each kind were replaced.
    pub(crate) replaced: BTreeMap<Kind, usize>,
}

impl Recording {
    /// Writes `answers` without what tells that they are those of `owner`.
    ///
    /// # Errors
    /// Where there is more to replace than memory for it.
    pub(crate) fn new(answers: &[Answer], owner: Owner, subject: &Subject) -> Result<Self> {
        let redaction = redaction(answers, owner)?;
        let mut files = BTreeMap::new();
        for answer in answers {
            let name = answer.question.file_name();
            let log = serde_json::to_vec_pretty(&answer.log(&redaction))?;
            files.insert(format!("{name}_log.json"), log);
            files.insert(name, redaction.redact(&answer.body));
        }
        let replaced = redaction.counts();
        let readme = readme(subject, &replaced, &redaction);
        files.insert(README.to_owned(), readme.into_bytes());
        Ok(Self { files, replaced })
    }
}

fn redaction(answers: &[Answer], owner: Owner) -> Result<Redaction> {
    let mut telling = Telling::default();
    telling.learn(Kind::SerialNumber, &owner.serial_number);
    let mut secrets = owner.secrets;
    for answer in answers {
        secrets.extend(answer.sessions());
        telling.learn_from(&answer.body);
    }
    Ok(telling.redaction(secrets)?)
}

fn readme(subject: &Subject, replaced: &BTreeMap<Kind, usize>, redaction: &Redaction) -> String {
    let Subject { firmware, part_number, taken_at, lost } = subject;
    let day = taken_at.to_zoned(TimeZone::UTC).date();
    let version = env!("CARGO_PKG_VERSION");
    let replaced = in_words(replaced);
    let mut text = format!(
        "IQ Gateway, firmware {firmware}, part number {part_number}\n\n\
         Recorded on {day} by hallpass {version}.\n\
         Replaced by made-up text of the same shape: {replaced}.\n"
    );
    for (question, why) in lost {
        text += &format!("Not recorded: {}: {}\n", question.path, redaction.redact_text(why));
    }
    text
}

/// How many of what, as a sentence has it.
pub(crate) fn in_words(replaced: &BTreeMap<Kind, usize>) -> String {
    if replaced.is_empty() {
        return "nothing".to_owned();
    }
    let words = replaced.iter().map(|(kind, count)| kind.counted(*count));
    words.collect::<Vec<_>>().join(", ")
}

const README: &str = "_readme";

#[cfg(test)]
mod tests;

//! What the doctor found of one thing.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use anyhow::Error;
use serde::Serialize;

use crate::{hint, output::chain};

#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// What was looked at: `configuration`, `database`, `device roof`, ...
    subject: String,
    level: Level,
    /// What is so, for a person.
    says: String,
    /// What to do; none where all is well.
    advice: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Ok,
    Warning,
    Problem,
}

impl Finding {
    pub(super) fn ok(subject: impl Into<String>, says: impl Into<String>) -> Self {
        Self { subject: subject.into(), level: Level::Ok, says: says.into(), advice: None }
    }

    /// It works, and may not for long or not for everybody's good.
    pub(super) fn warning(
        subject: impl Into<String>,
        says: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let advice = Some(advice.into());
        Self { subject: subject.into(), level: Level::Warning, says: says.into(), advice }
    }

    /// It does not work.
    pub(super) fn problem(
        subject: impl Into<String>,
        says: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { level: Level::Problem, ..Self::warning(subject, says, advice) }
    }

    /// A problem as it would be told by the command that met it.
    pub(super) fn failed(subject: impl Into<String>, error: &Error) -> Self {
        Self::problem(subject, chain(error), hint::of(error))
    }

    pub(super) fn is_problem(&self) -> bool {
        self.level == Level::Problem
    }

    pub(super) fn text(&self) -> String {
        let (color, word) = match self.level {
            Level::Ok => (GOOD, "ok"),
            Level::Warning => (DOUBTFUL, "warning"),
            Level::Problem => (BAD, "problem"),
        };
        let mut text = format!("{color}{word:<8}{color:#} {}: {}", self.subject, self.says);
        if let Some(advice) = &self.advice {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n{:<8} what to do: {advice}", "");
        }
        text
    }
}

const GOOD: Style = AnsiColor::Green.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

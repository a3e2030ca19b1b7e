//! Readings on a terminal, in their place.

use anstream::adapter::strip_str;
use anstyle::Style;
use jiff::{Timestamp, tz::TimeZone};
use terminal_size::{Height, Width, terminal_size};

use super::News;
use crate::{
    output::{Live, OutputClosed},
    report::{line, summary, table},
};

/// What a watch shows to a person: the last readings, and below them how it stands.
pub(crate) struct Picture {
    live: Live,
    zone: TimeZone,
    /// The last readings, from the fullest form to the smallest.
    forms: Vec<String>,
    /// What holds from now on.
    remark: Option<String>,
}

impl Picture {
    pub(crate) fn new(live: Live) -> Self {
        Self { live, zone: TimeZone::system(), forms: Vec::new(), remark: None }
    }

    /// Draws it with what is new.
    pub(crate) fn draw(&mut self, news: &News<'_>, now: Timestamp) -> Result<(), OutputClosed> {
        let words = news.words(now, &self.zone);
        match news {
            News::Reading { report, .. } => {
                let zone = &self.zone;
                self.forms = vec![table(report, zone), summary(report, zone), line(report, zone)];
            }
            News::Lost { .. } | News::Asleep { .. } => {}
            News::Slowed { .. } | News::Changed { .. } | News::Overdue { .. } => {
                self.remark = Some(words);
                return Ok(());
            }
            // The reading that follows shows it.
            News::Back { .. } => return Ok(()),
        }
        let said: Vec<_> = self.remark.iter().chain([&words]).map(String::as_str).collect();
        self.live.draw(&composed(&self.forms, &said, Screen::now()))
    }
}

/// How much text a terminal shows.
#[derive(Debug, Clone, Copy)]
struct Screen {
    columns: usize,
    rows: usize,
}

impl Screen {
    fn now() -> Self {
        match terminal_size() {
            Some((Width(columns), Height(rows))) => {
                Self { columns: columns.into(), rows: rows.into() }
            }
            None => Self { columns: 80, rows: 24 },
        }
    }

    /// Whether `text` fits, and the line of the cursor below it.
    fn holds(self, text: &str) -> bool {
        let width = |line: &str| strip_str(line).to_string().chars().count();
        text.lines().count() < self.rows && text.lines().all(|line| width(line) <= self.columns)
    }
}

/// The fullest form that fits, with what is said below it.
fn composed(forms: &[String], said: &[&str], screen: Screen) -> String {
    let said: Vec<_> = said.iter().map(|words| wrapped(words, screen.columns)).collect();
    let said = said.join("\n");
    let with = |form: &String| format!("{form}\n\n{said}");
    let fitting = forms.iter().map(with).find(|text| screen.holds(text));
    fitting.or_else(|| forms.last().map(with)).unwrap_or(said)
}

/// Dim text in lines that fit.
fn wrapped(text: &str, columns: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + length <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{INDENT}{word}")),
        }
    }
    let lines = lines.iter().map(|line| format!("{DIM}{line}{DIM:#}"));
    lines.collect::<Vec<_>>().join("\n")
}

const INDENT: &str = "  ";
const DIM: Style = Style::new().dimmed();

#[cfg(test)]
mod tests;

//! What a HEM writes down of what is done with it.

mod entry;
mod key;

use std::fmt;

use crate::text::plain;

pub use entry::{Entry, Event};
pub use key::LogKey;

use entry::Line;
use key::LineKey;

/// An audit log: a file a boot, read line by line and verified.
///
/// The first line holds a key, signed by the device's [`LogKey`]; each line has a code under it. A
/// line vouches for itself alone, so of one that was taken out only the gap in the numbers tells,
/// and of lines cut off at the end nothing does (computed on the documented sample of 0.9.77, whose
/// documents speak of a chain).
#[derive(Debug)]
pub struct Log {
    title: String,
    entries: Vec<Entry>,
    breaches: Vec<Breach>,
}

impl Log {
    /// Reads a file. What cannot be read or trusted is a breach, not an error.
    pub fn read(text: &[u8], key: &LogKey) -> Self {
        let mut reader = Reader::new(key);
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let line = line.trim_ascii_end();
            if !line.is_empty() {
                reader.line(index + 1, line);
            }
        }
        if reader.log.entries.is_empty() {
            reader.breach(0, Fault::Empty);
        }
        reader.log
    }

    /// What the file says it is: the firmware that writes it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Every line that can be read, in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What is wrong with it; nothing in a log that is whole.
    pub fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    /// Whether every line was written by the owner of the log key. A line may lack all the same.
    pub fn is_authentic(&self) -> bool {
        self.breaches.iter().all(|breach| matches!(breach.fault, Fault::Gap { .. }))
    }
}

/// Something wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Breach {
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What can be wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// There is no line in it.
    Empty,
    /// The key of the file was not signed by the device.
    ForgedKey,
    /// The line was not written by the device, or changed since.
    ForgedLine,
    /// Between the line before and this one some are missing, or they are out of order.
    Gap {
        /// The number that the line should have.
        expected: u64,
        /// The number that it has.
        found: u64,
    },
    /// The line stands before any key.
    NoKey,
    /// The line is no line of a log, as one that was cut off.
    Unreadable,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is nothing in the log"),
            Self::ForgedKey => f.write_str("the key of the log was not signed by the HEM"),
            Self::ForgedLine => f.write_str("the line was forged or changed"),
            Self::Gap { expected, found } => {
                write!(f, "entry {found} stands where entry {expected} should be")
            }
            Self::NoKey => f.write_str("the line stands before the key of the log"),
            Self::Unreadable => f.write_str("the line cannot be read"),
        }
    }
}

/// The way through a file, line after line.
struct Reader<'a> {
    signer: &'a LogKey,
    key: Option<LineKey>,
    expected: u64,
    log: Log,
}

impl<'a> Reader<'a> {
    fn new(signer: &'a LogKey) -> Self {
        let log = Log { title: String::new(), entries: Vec::new(), breaches: Vec::new() };
        Self { signer, key: None, expected: 0, log }
    }

    fn line(&mut self, number: usize, text: &[u8]) {
        if let Some(title) = text.strip_prefix(b"#") {
            if self.log.title.is_empty() {
                self.log.title = plain(String::from_utf8_lossy(title).trim());
            }
            return;
        }
        let Some(line) = Line::parse(text) else { return self.breach(number, Fault::Unreadable) };
        self.take_key(number, &line);
        self.check_order(number, line.entry.number);
        let fault = match &self.key {
            None => Some(Fault::NoKey),
            Some(key) if !line.is_signed_with(key) => Some(Fault::ForgedLine),
            Some(_) => None,
        };
        if let Some(fault) = fault {
            self.breach(number, fault);
        }
        self.log.entries.push(line.entry);
    }

    /// A key that the device has not signed is no key: every line after it would be worth nothing.
    fn take_key(&mut self, number: usize, line: &Line<'_>) {
        if line.entry.event != Event::Key || line.entry.result != 0 {
            return;
        }
        self.key = LineKey::signed(&line.entry, self.signer);
        if self.key.is_none() {
            self.breach(number, Fault::ForgedKey);
        }
    }

    fn check_order(&mut self, number: usize, found: u64) {
        let expected = self.expected;
        if found != expected {
            self.breach(number, Fault::Gap { expected, found });
        }
        self.expected = found.saturating_add(1);
    }

    fn breach(&mut self, line: usize, fault: Fault) {
        self.log.breaches.push(Breach { line, fault });
    }
}

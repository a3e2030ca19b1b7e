//! A JSON document taken apart without losing a byte: strings and numbers with their labels, and
//! all between them.

use super::kind::Label;

/// A stretch of a document. All of them, one after the other, are the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage<'a> {
    /// A string with its quotes.
    Text { quoted: &'a str, label: Label<'a> },
    /// The key of a member, with its quotes; the label is that of the object.
    Key { quoted: &'a str, label: Label<'a> },
    /// A number as it is written.
    Number { digits: &'a str, label: Label<'a> },
    /// Punctuation, white space, `true`, `false`, `null`.
    Layout(&'a str),
}

/// The passages of a document that is valid JSON.
pub(super) struct Passages<'a> {
    rest: &'a str,
    /// What the open objects and arrays are called, from the outermost on.
    open: Vec<&'a str>,
    /// What the next value is called.
    key: &'a str,
}

impl<'a> Passages<'a> {
    pub(super) fn of(document: &'a str) -> Self {
        Self { rest: document, open: Vec::new(), key: "" }
    }

    fn label(&self) -> Label<'a> {
        Label { key: self.key, within: self.container() }
    }

    fn container(&self) -> &'a str {
        self.open.last().copied().unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn string(&mut self) -> Passage<'a> {
        let quoted = self.take(length_of_string(self.rest));
        if !self.rest.trim_start().starts_with(':') {
            return Passage::Text { quoted, label: self.label() };
        }
        self.key = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        Passage::Key { quoted, label: Label { key: self.container(), within: "" } }
    }

    fn layout(&mut self) -> Passage<'a> {
        let is_layout = |c: char| c != '"' && c != '-' && !c.is_ascii_digit();
        let layout = self.take(self.rest.find(|c| !is_layout(c)).unwrap_or(self.rest.len()));
        for sign in layout.bytes() {
            match sign {
                b'{' | b'[' => self.open.push(self.key),
                b'}' | b']' => self.key = self.open.pop().unwrap_or_default(),
                _ => {}
            }
        }
        Passage::Layout(layout)
    }
}

impl<'a> Iterator for Passages<'a> {
    type Item = Passage<'a>;

    fn next(&mut self) -> Option<Passage<'a>> {
        Some(match self.rest.bytes().next()? {
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => {
                let end = self.rest.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c));
                let label = self.label();
                Passage::Number { digits: self.take(end.unwrap_or(self.rest.len())), label }
            }
            _ => self.layout(),
        })
    }
}

/// The length of the string that `text` begins with, quotes included.
fn length_of_string(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => return index + 1,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;

//! What an answer tells of whose gateway it is, and the same answer without it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
    ops::Range,
};

use aho_corasick::{AhoCorasick, BuildError, Input, MatchKind};
use hallpass_credential::Secret;

use super::{
    body::Body,
    finding::{Finding, findings},
    kind::{Kind, Label},
    layer::{Layer, layers},
    passage::{Passage, Passages},
    substitute::substitute,
};

/// What tells whose gateway it is, in the order in which it was met.
#[derive(Debug, Default)]
pub(crate) struct Telling {
    known: Vec<(Kind, String)>,
    /// What is known, whatever its capitals.
    names: HashSet<String>,
}

impl Telling {
    /// Takes in one text.
    pub(crate) fn learn(&mut self, kind: Kind, text: &str) {
        if !text.is_empty() && self.names.insert(text.to_lowercase()) {
            self.known.push((kind, text.to_owned()));
        }
    }

    /// Takes in whatever an answer tells.
    pub(crate) fn learn_from(&mut self, body: &[u8]) {
        let body = Body::of(body);
        if !body.is_json() {
            return self.learn_from_text(body.text());
        }
        for passage in Passages::of(body.text()) {
            match passage {
                Passage::Key { quoted, label } => self.learn_from_key(&unquoted(quoted), &label),
                Passage::Text { quoted, label } => {
                    let text = unquoted(quoted);
                    // What is known by its looks is that, whatever it is called.
                    self.learn_from_text(&text);
                    self.learn_labelled(&text, &label);
                }
                Passage::Number { digits, label } => self.learn_labelled(digits, &label),
                Passage::Layout(_) => {}
            }
        }
    }

    /// The way to write the answers without it, and without any of `secrets`.
    ///
    /// # Errors
    /// Where there is more to look for than can be.
    pub(crate) fn redaction(self, secrets: Vec<Secret>) -> Result<Redaction, BuildError> {
        let telling = self.known.iter().filter(|(kind, text)| kind.is_telling(text));
        let (kinds, texts): (Vec<_>, Vec<_>) = telling.map(|(kind, text)| (*kind, text)).unzip();
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(texts)?;
        let substitutes = self.substitutes(&finder);
        Ok(Redaction { substitutes, finder, kinds, secrets })
    }

    /// Devices stand under their serial numbers in objects that are called so.
    fn learn_from_key(&mut self, text: &str, label: &Label<'_>) {
        self.learn_from_text(text);
        let kind = Kind::of(label, text).filter(|kind| kind.may_be_key() && kind.is_telling(text));
        if let Some(kind) = kind {
            self.learn(kind, text);
        }
    }

    fn learn_labelled(&mut self, text: &str, label: &Label<'_>) {
        if let Some(kind) = Kind::of(label, text) {
            self.learn(kind, text);
        }
    }

    fn learn_from_text(&mut self, text: &str) {
        self.learn_found(text);
        layers(text).filter(Layer::is_text).for_each(|layer| self.learn_found(layer.text()));
    }

    fn learn_found(&mut self, text: &str) {
        for Finding { kind, place } in findings(text) {
            self.learn(kind, &text[place]);
        }
    }

    /// For each its own, none of which is known itself or, in all reason, has in it what is.
    fn substitutes(self, finder: &AhoCorasick) -> HashMap<String, (Kind, String)> {
        let Self { known, mut names } = self;
        // What has the same shape is counted together.
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut substitutes = HashMap::new();
        for (kind, original) in known {
            let number = numbers.entry(substitute(kind, &original, 0)).or_default();
            let first = *number;
            let made = loop {
                *number += 1;
                let made = substitute(kind, &original, *number);
                let is_odd = *number - first < ODD && finder.is_match(&made);
                if !is_odd && names.insert(made.to_lowercase()) {
                    break made;
                }
            };
            substitutes.insert(original.to_lowercase(), (kind, made));
        }
        substitutes
    }
}

/// Writes answers without what tells whose gateway it is: the same in the place of the same
/// everywhere, and nothing else changed.
#[derive(Debug)]
pub(crate) struct Redaction {
    /// By the original in small letters.
    substitutes: HashMap<String, (Kind, String)>,
    finder: AhoCorasick,
    /// Of what the finder finds.
    kinds: Vec<Kind>,
    secrets: Vec<Secret>,
}

impl Redaction {
    /// The body of an answer.
    pub(crate) fn redact(&self, body: &[u8]) -> Vec<u8> {
        let body = Body::of(body);
        if !body.is_json() {
            return body.bytes_of(&self.text(body.text(), Part::Value));
        }
        let passages = Passages::of(body.text()).map(|passage| self.passage(passage));
        body.bytes_of(&passages.collect::<String>())
    }

    /// The value of a header.
    pub(crate) fn redact_text(&self, text: &str) -> String {
        self.text(text, Part::Value)
    }

    /// How many of each kind were learnt.
    pub(crate) fn counts(&self) -> BTreeMap<Kind, usize> {
        let mut counts = BTreeMap::new();
        for (kind, _) in self.substitutes.values() {
            *counts.entry(*kind).or_default() += 1;
        }
        counts
    }

    fn passage<'a>(&'a self, passage: Passage<'a>) -> Cow<'a, str> {
        match passage {
            Passage::Key { quoted, .. } => self.string(quoted, &Label::default(), Part::Key),
            Passage::Text { quoted, label } => self.string(quoted, &label, Part::Value),
            Passage::Number { digits, label } => self.number(digits, &label).into(),
            Passage::Layout(layout) => layout.into(),
        }
    }

    fn string<'a>(&self, quoted: &'a str, label: &Label<'_>, part: Part) -> Cow<'a, str> {
        let text = unquoted(quoted);
        let labelled = Kind::of(label, &text).and_then(|_| self.substitute(&text));
        let redacted = labelled.map_or_else(|| self.text(&text, part), ToOwned::to_owned);
        if redacted == *text {
            quoted.into()
        } else {
            serde_json::Value::from(redacted).to_string().into()
        }
    }

    /// Numbers are what was measured, unless they are called otherwise.
    fn number<'a>(&'a self, digits: &'a str, label: &Label<'_>) -> &'a str {
        let is_serial_number = || digits.len() >= 12;
        let told = Kind::of(label, digits).is_some() || is_serial_number();
        self.substitute(digits).filter(|_| told).unwrap_or(digits)
    }

    fn text(&self, text: &str, part: Part) -> String {
        let plain = self.plain(text, part);
        let mut encoded = Vec::new();
        for layer in layers(&plain).filter(|layer| layer.is_text() || self.knows(layer.text())) {
            let redacted = self.plain(layer.text(), part);
            if redacted != layer.text() {
                encoded.push((layer.place.clone(), layer.written(&redacted)));
            }
        }
        spliced(&plain, encoded)
    }

    /// Whether there is anything in `text` that is known.
    fn knows(&self, text: &str) -> bool {
        self.finder.is_match(text) || self.secrets.iter().any(|secret| secret.cover(text).is_some())
    }

    /// Without what tells something as it stands.
    fn plain(&self, text: &str, part: Part) -> String {
        let found = findings(text).into_iter().map(|found| found.place);
        let found = found.filter(|_| part == Part::Value).chain(self.known_in(text, part));
        let substitute = |place: Range<usize>| {
            let made = self.substitute(&text[place.clone()])?;
            Some((place, made.to_owned()))
        };
        let text = spliced(text, found.filter_map(substitute).collect());
        self.secrets.iter().fold(text, |text, secret| secret.cover(&text).unwrap_or(text))
    }

    fn known_in<'a>(
        &'a self,
        text: &'a str,
        part: Part,
    ) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                let input = Input::new(text).span(from..text.len());
                let found = self.finder.try_find(input).ok()??;
                let is_meant = part == Part::Value || self.kinds[found.pattern()].may_be_key();
                if is_meant && (found.len() >= LONG || stands_alone(text, &found.range())) {
                    from = found.end();
                    return Some(found.range());
                }
                from = found.start() + 1;
            }
        })
    }

    fn substitute(&self, original: &str) -> Option<&str> {
        self.substitutes.get(&original.to_lowercase()).map(|(_, made)| &**made)
    }
}

/// What a text is in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Key,
    Value,
}

/// `text` with other texts in some places; of places that overlap, the first and longest.
fn spliced(text: &str, mut places: Vec<(Range<usize>, String)>) -> String {
    places.sort_by_key(|(place, _)| (place.start, usize::MAX - place.end));
    let (mut whole, mut end) = (String::with_capacity(text.len()), 0);
    for (place, made) in places {
        if place.start >= end {
            whole += &text[end..place.start];
            whole += &made;
            end = place.end;
        }
    }
    whole + &text[end..]
}

/// What a JSON string says; as it is written where it says nothing that is text.
fn unquoted(quoted: &str) -> Cow<'_, str> {
    let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
    if !inner.contains('\\') {
        return inner.into();
    }
    serde_json::from_str::<String>(quoted).map_or_else(|_| inner.into(), Into::into)
}

/// Whether what stands at `place` is no part of a longer word or number.
fn stands_alone(text: &str, place: &Range<usize>) -> bool {
    let joins = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    !text[..place.start].ends_with(joins) && !text[place.end..].starts_with(joins)
}

/// From this length on nothing else is likely to have it in it.
const LONG: usize = 10;

/// So many substitutes are tried before one is taken that has in it what somebody else is called.
const ODD: usize = 1000;

#[cfg(test)]
mod tests;

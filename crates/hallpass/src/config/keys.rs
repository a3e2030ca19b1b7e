//! The keys that the configuration can have, as its schema tells, and the nearest to a wrong one.

use schemars::Schema;
use serde_json::Value as Json;
use toml::{Value, de::DeTable};

use crate::problem::Problem;

/// All known keys.
pub(super) struct Keys(Vec<Key>);

/// One known key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) section: String,
    pub(super) name: String,
    is_text: bool,
}

impl Keys {
    pub(super) fn of(schema: &Schema) -> Self {
        let keys = properties(schema.as_value()).flat_map(|(section, schema)| {
            properties(schema).map(|(name, schema)| Key {
                section: section.clone(),
                name: name.clone(),
                is_text: is_text(schema),
            })
        });
        Self(keys.collect())
    }

    /// Finds unknown keys in a file, before its values are looked at. What is no TOML passes.
    pub(super) fn check_file(&self, text: &str, path: &str) -> Result<(), Problem> {
        let Ok(document) = DeTable::parse(text) else { return Ok(()) };
        for (section, content) in document.get_ref() {
            let name = section.get_ref();
            if !self.0.iter().any(|key| key.section == *name) {
                return Err(self.unknown(name, &place(path, text, section.span().start)));
            }
            for key in content.get_ref().as_table().into_iter().flat_map(|table| table.keys()) {
                if self.find(name, key.get_ref()).is_none() {
                    let dotted = format!("{name}.{}", key.get_ref());
                    return Err(self.unknown(&dotted, &place(path, text, key.span().start)));
                }
            }
        }
        Ok(())
    }

    /// The key that a variable `HALLPASS_SECTION__KEY` sets.
    pub(super) fn of_variable(&self, variable: &str) -> Result<Key, Problem> {
        if let Some(key) = self.0.iter().find(|key| key.variable() == variable) {
            return Ok(key.clone());
        }
        let nearest = nearest(variable, self.0.iter().map(Key::variable));
        let text = format!("the environment variable {variable} sets no known key");
        Err(Problem::usage(text).hint(format!("the nearest known one is {nearest}")))
    }

    fn find(&self, section: &str, name: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.section == section && key.name == name)
    }

    fn unknown(&self, written: &str, place: &str) -> Problem {
        let sections = self.0.iter().map(|key| key.section.clone());
        let nearest = nearest(written, sections.chain(self.0.iter().map(Key::dotted)));
        Problem::usage(format!("{place}: unknown key `{written}`"))
            .hint(format!("the nearest known key is `{nearest}`"))
    }
}

impl Key {
    /// What the text of a variable means for this key.
    pub(super) fn value(&self, text: &str) -> Value {
        let text_value = || Value::String(text.to_owned());
        if self.is_text { text_value() } else { text.parse().unwrap_or_else(|_| text_value()) }
    }

    fn dotted(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    fn variable(&self) -> String {
        format!("HALLPASS_{}__{}", self.section, self.name).to_uppercase()
    }
}

fn properties(schema: &Json) -> impl Iterator<Item = (&String, &Json)> {
    schema.get("properties").and_then(Json::as_object).into_iter().flatten()
}

fn is_text(schema: &Json) -> bool {
    match schema.get("type") {
        Some(Json::Array(types)) => types.iter().any(|kind| kind == "string"),
        Some(kind) => kind == "string",
        None => false,
    }
}

/// A key in a wrong section is nearest to the same key in the right one.
fn nearest(written: &str, known: impl Iterator<Item = String>) -> String {
    let last = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
    let distance = |known: &String| {
        let whole = strsim::damerau_levenshtein(written, known);
        whole.min(strsim::damerau_levenshtein(&last(written), &last(known)))
    };
    known.min_by_key(distance).unwrap_or_default()
}

fn place(path: &str, text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{path}:{line}:{column}")
}

//! Values that take whatever stands there, and are none where it is something else.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::rounding;

/// A number, or a text that holds one. Never infinite, never -0.0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Number(Option<f64>);

impl Number {
    pub(crate) fn value(self) -> Option<f64> {
        self.0
    }

    /// To an integer, half to even.
    pub(crate) fn rounded(self) -> Option<i64> {
        self.0.and_then(rounding::half_even)
    }

    /// Whether there is a number, and not 0.
    pub(crate) fn is_something(self) -> bool {
        self.0.is_some_and(|value| value != 0.0)
    }
}

impl From<Option<f64>> for Number {
    fn from(value: Option<f64>) -> Self {
        value.map(Self::number).unwrap_or_default()
    }
}

/// A text; a number counts as the text it is written as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text(Option<String>);

impl Text {
    pub(crate) fn value(&self) -> Option<String> {
        self.0.clone()
    }

    pub(crate) fn is(&self, text: &str) -> bool {
        self.0.as_deref() == Some(text)
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or("without a name"))
    }
}

/// True or false, also as text, or as a number that is or is not 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flag(Option<bool>);

impl Flag {
    pub(crate) fn value(self) -> Option<bool> {
        self.0
    }

    pub(crate) fn is_set(self) -> bool {
        self.0 == Some(true)
    }
}

/// An object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Maybe<T>(pub(crate) Option<T>);

/// An array, whose elements should be lenient themselves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T> List<Maybe<T>> {
    /// The elements that are objects.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(|element| element.0.as_ref())
    }
}

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What each kind of JSON value means for a lenient one; nothing, unless said otherwise.
trait Lenient<'de>: Default {
    fn number(_: f64) -> Self {
        Self::default()
    }

    fn integer(value: i128) -> Self {
        #[expect(clippy::as_conversions, reason = "beyond 2^53 the nearest float is meant")]
        Self::number(value as f64)
    }

    fn text(_: &str) -> Self {
        Self::default()
    }

    fn flag(_: bool) -> Self {
        Self::default()
    }

    fn list<A: SeqAccess<'de>>(mut elements: A) -> Result<Self, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn object<A: MapAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

impl Lenient<'_> for Number {
    fn number(value: f64) -> Self {
        // Adding 0.0 turns the -0.0 of a resting meter into 0.0.
        Self(value.is_finite().then_some(value + 0.0))
    }

    fn text(text: &str) -> Self {
        text.trim().parse().map_or_else(|_| Self::default(), Self::number)
    }
}

impl Lenient<'_> for Text {
    fn integer(value: i128) -> Self {
        Self(Some(value.to_string()))
    }

    fn text(text: &str) -> Self {
        Self(Some(text.to_owned()))
    }
}

impl Lenient<'_> for Flag {
    fn number(value: f64) -> Self {
        Self(Some(value != 0.0))
    }

    fn text(text: &str) -> Self {
        Self(text.parse().ok())
    }

    fn flag(value: bool) -> Self {
        Self(Some(value))
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for Maybe<T> {
    fn object<A: MapAccess<'de>>(entries: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries)).map(|value| Self(Some(value)))
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for List<T> {
    fn list<A: SeqAccess<'de>>(mut elements: A) -> Result<Self, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Self(list))
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(PhantomData))
    }
}

struct LenientVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for LenientVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(T::integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(T::integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok(T::number(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(text))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<T, A::Error> {
        T::list(elements)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<T, A::Error> {
        T::object(entries)
    }
}

//! JSON whose members keep their order, as the programs of a gateway write it. (That `serde_json` can do so too is a
//! matter of a feature, which would change every crate that is built together with this one.)

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

/// A value that is only ever written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Truth(bool),
    Whole(i64),
    Number(f64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// An object of members in their order; what is nested needs its own `json!`.
macro_rules! json {
    ({ $($name:literal: $value:expr),* $(,)? }) => {
        $crate::json::Json::Object(vec![$(($name.to_owned(), $crate::json::Json::from($value))),*])
    };
}
pub(crate) use json;

impl Json {
    pub(crate) const EMPTY_LIST: Self = Self::List(Vec::new());

    /// One object of the members of several, in their order.
    pub(crate) fn merged(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::Object(parts.into_iter().flat_map(Self::members).collect())
    }

    /// The object with one more member at its end.
    pub(crate) fn with(self, name: &str, value: impl Into<Self>) -> Self {
        let mut members = self.members();
        members.push((name.to_owned(), value.into()));
        Self::Object(members)
    }

    /// The object where a condition holds, otherwise one without members.
    pub(crate) fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::Object(Vec::new()) }
    }

    fn members(self) -> Vec<(String, Self)> {
        match self {
            Self::Object(members) => members,
            _ => Vec::new(),
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Truth(value) => serializer.serialize_bool(*value),
            Self::Whole(value) => serializer.serialize_i64(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Object(members) => {
                let mut object = serializer.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(name, value)| object.serialize_entry(name, value))?;
                object.end()
            }
        }
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Truth(value)
    }
}

impl From<i32> for Json {
    fn from(value: i32) -> Self {
        Self::Whole(value.into())
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Whole(value)
    }
}

impl From<usize> for Json {
    fn from(value: usize) -> Self {
        Self::Whole(value as i64)
    }
}

impl From<f64> for Json {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Json {
    fn from(items: [T; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Into<Self>> FromIterator<T> for Json {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_written_in_their_order() {
        let check = |value: Json, expect: &str| {
            assert_eq!(serde_json::to_string(&value).unwrap(), expect);
        };
        check(
            json!({"b": 1, "a": [0.0, -1.5], "c": json!({"z": true, "y": Json::Null})}),
            r#"{"b":1,"a":[0.0,-1.5],"c":{"z":true,"y":null}}"#,
        );
        check(
            Json::merged([json!({"b": "x"}), json!({"a": 1}).when(false), json!({})]).with("a", 2),
            r#"{"b":"x","a":2}"#,
        );
        check(Vec::<Json>::new().into(), "[]");
    }
}

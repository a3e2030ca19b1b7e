//! Arguments of faults and events: a JSON object, or `key=value&key=value` as in a query.

use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::fault::FaultError;

/// Reads text: JSON where it begins with a brace, else pairs, whose values are numbers and truths where they look so.
pub(crate) fn parse(name: &str, text: &str) -> Result<Value, FaultError> {
    let text = text.trim();
    if text.starts_with('{') {
        let wrong = |problem: serde_json::Error| FaultError::Arguments {
            name: name.to_owned(),
            problem: problem.to_string(),
        };
        return serde_json::from_str(text).map_err(wrong);
    }
    let pairs = form_urlencoded::parse(text.as_bytes())
        .map(|(key, value)| (key.into_owned(), scalar(&value)));
    Ok(Value::Object(pairs.collect()))
}

/// The arguments as an object; none at all are an empty one.
pub(crate) fn object(name: &str, arguments: &Value) -> Result<Map<String, Value>, FaultError> {
    match arguments {
        Value::Null => Ok(Map::new()),
        Value::Object(object) => Ok(object.clone()),
        _ => Err(FaultError::Arguments {
            name: name.to_owned(),
            problem: "the arguments must be an object".to_owned(),
        }),
    }
}

fn scalar(text: &str) -> Value {
    text.parse::<u64>()
        .map(Value::from)
        .or_else(|_| text.parse::<bool>().map(Value::from))
        .unwrap_or_else(|_| text.into())
}

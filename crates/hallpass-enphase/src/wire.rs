//! What the gateway says, byte for byte: the only place that knows JSON keys.
//!
//! Everything here is lenient: a key that is missing or holds something else is none, and what
//! that costs is decided where the value is needed. Only broken JSON fails a whole answer.

mod inverters;
mod lenient;
mod meters;
mod object;
mod production;
mod production_page;

use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use inverters::{Channel, Device, DeviceData, InverterReport, LastReading};
pub(crate) use lenient::{Flag, List, Maybe, Number, Text};
pub(crate) use meters::{Meter, MeterReading};
pub(crate) use object::{
    Aggregate, DryContacts, GeneratorConfig, GeneratorMode, GeneratorSchedule, GeneratorState,
    Home, Keyed, Object, ObjectBuf, PowerReport, TariffReport,
};
pub(crate) use production::{Entry, ProductionReport, ProductionV1, Storage};
pub(crate) use production_page::ProductionPage;

use crate::reading::Problem;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The body of an endpoint.
pub(crate) trait Document: DeserializeOwned {
    /// How the JSON of it begins. Serde would take an array for a struct, by position.
    const OPENING: u8 = b'{';

    /// Whether nothing of what the endpoint is asked for is there.
    fn says_nothing(&self) -> bool;

    /// What an HTML page says; nothing, unless firmware is known to answer so.
    fn from_page(_: &[u8]) -> Option<Self> {
        None
    }
}

/// An element of a list that has a number or a name of its own.
pub(crate) trait Named {
    fn has_name(&self) -> bool;
}

impl<T: DeserializeOwned + Named> Document for List<Maybe<T>> {
    const OPENING: u8 = b'[';

    fn says_nothing(&self) -> bool {
        !self.objects().any(T::has_name)
    }
}

/// Reads a body that came with `status`.
pub(crate) fn read<T: Document>(status: u16, body: &[u8]) -> Result<T, Problem> {
    match status {
        200..=299 => parse(body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)),
        401 | 403 => Err(Problem::Refused(status)),
        404 => Err(Problem::Absent),
        _ => Err(Problem::Status(status)),
    }
}

fn parse<T: Document>(body: &[u8]) -> Result<T, Problem> {
    match body.trim_ascii_start().first() {
        Some(b'<') => return T::from_page(body).ok_or(Problem::Html),
        Some(&opening) if opening == T::OPENING => {}
        _ => return Err(why_nothing(body)),
    }
    let document: T = serde_json::from_slice(body).map_err(|error| broken(&error))?;
    if document.says_nothing() { Err(why_nothing(body)) } else { Ok(document) }
}

fn broken(error: &serde_json::Error) -> Problem {
    if error.is_eof() { Problem::Truncated } else { Problem::Malformed(error.to_string()) }
}

/// Gateways say in many ways that they have no such thing: `[]`, `{}`, and with status 200 also
/// `{"error": "404 - Not Found"}`, from 5.0.62 on `{"err": ...}`.
fn why_nothing(body: &[u8]) -> Problem {
    match serde_json::from_slice(body) {
        Ok(Value::Null) => Problem::Absent,
        Ok(Value::Array(list)) if list.is_empty() => Problem::Absent,
        Ok(Value::Object(object))
            if object.is_empty() || object.contains_key("error") || object.contains_key("err") =>
        {
            Problem::Absent
        }
        Ok(_) => Problem::Unfamiliar,
        Err(error) => broken(&error),
    }
}

#[cfg(test)]
mod tests;

//! Who a gateway is: what `/info` says.

use std::fmt;

use jiff::Timestamp;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use serde::{Deserialize, Serialize};

use crate::Firmware;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// A gateway's document is three elements deep.
const MAX_DEPTH: usize = 16;

/// The identity of a gateway, from the XML document at `/info`.
///
/// ```
/// let body = b"<envoy_info><device><sn>122100001613</sn><software>D7.6.175</software>
///     <imeter>true</imeter></device><web-tokens>true</web-tokens></envoy_info>";
/// let info = hallpass_enphase::Info::parse(body)?;
/// assert_eq!(info.serial_number, "122100001613");
/// assert!(info.firmware.takes_tokens() && info.is_metered);
/// # Ok::<(), hallpass_enphase::InfoError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Info {
    /// Opaque text, mostly twelve digits. Source: `device/sn`.
    pub serial_number: String,
    /// Such as `800-00555-r03`. Source: `device/pn`.
    pub part_number: Option<String>,
    /// Source: `device/software`.
    pub firmware: Firmware,
    /// Whether the gateway is of the metered kind; false on old firmware, which does not say.
    /// Source: `device/imeter`.
    pub is_metered: bool,
    /// Whether the gateway says that it wants tokens; from firmware 7 on. Source: `web-tokens`.
    pub web_tokens: bool,
    /// The gateway's own clock when it answered. Source: `time`, seconds since 1970.
    pub time: Option<Timestamp>,
}

impl Info {
    /// Reads the body of `/info`.
    ///
    /// # Errors
    ///
    /// Says what is missing to be the document of a gateway. No input makes it panic.
    pub fn parse(body: &[u8]) -> Result<Self, InfoError> {
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        let text = str::from_utf8(body).map_err(|_| InfoError::NotXml)?;
        let fields = Fields::read(text)?;
        Ok(Self {
            serial_number: filled(&fields.sn).ok_or(InfoError::NoSerialNumber)?,
            part_number: filled(&fields.pn),
            firmware: filled(&fields.software)
                .and_then(|text| Firmware::parse(&text))
                .ok_or(InfoError::NoFirmware)?,
            is_metered: fields.imeter.trim() == "true",
            web_tokens: fields.web_tokens.trim() == "true",
            time: fields.time.trim().parse().ok().and_then(|s| Timestamp::from_second(s).ok()),
        })
    }
}

/// Why an answer of `/info` is not that of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InfoError {
    /// No XML, or XML that breaks off.
    NotXml,
    /// XML or HTML of something else.
    NotAGateway,
    /// A gateway's document without `device/sn`.
    NoSerialNumber,
    /// A gateway's document without a version in `device/software`.
    NoFirmware,
}

impl fmt::Display for InfoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotXml => "/info is no complete XML document",
            Self::NotAGateway => "/info is not that of an Enphase gateway",
            Self::NoSerialNumber => "/info has no serial number",
            Self::NoFirmware => "/info has no firmware version",
        })
    }
}

impl std::error::Error for InfoError {}

/// The texts of the elements that count, as they stand.
#[derive(Default)]
struct Fields {
    sn: String,
    pn: String,
    software: String,
    imeter: String,
    web_tokens: String,
    time: String,
}

impl Fields {
    /// Reads up to the end of the root element, which must be that of a gateway.
    ///
    /// Entities that a document defines for itself stay unresolved: nothing expands.
    fn read(text: &str) -> Result<Self, InfoError> {
        let mut fields = Self::default();
        let mut path: Vec<String> = Vec::new();
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        loop {
            match reader.read_event().map_err(|_| InfoError::NotXml)? {
                Event::Start(tag) => {
                    path.push(tag.name().into_inner().to_owned());
                    if path[0] != "envoy_info" || path.len() > MAX_DEPTH {
                        return Err(InfoError::NotAGateway);
                    }
                }
                Event::End(_) => {
                    path.pop();
                    if path.is_empty() {
                        return Ok(fields);
                    }
                }
                Event::Text(text) => fields.append(&path, &text),
                Event::CData(text) => fields.append(&path, &text),
                Event::GeneralRef(entity) => fields.append(&path, &resolved(&entity)),
                Event::Eof => return Err(InfoError::NotXml),
                _ => {}
            }
        }
    }

    fn append(&mut self, path: &[String], text: &str) {
        // Packages have a `pn` of their own: only the whole path tells.
        let field = match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["envoy_info", "device", "sn"] => &mut self.sn,
            ["envoy_info", "device", "pn"] => &mut self.pn,
            ["envoy_info", "device", "software"] => &mut self.software,
            ["envoy_info", "device", "imeter"] => &mut self.imeter,
            ["envoy_info", "web-tokens"] => &mut self.web_tokens,
            ["envoy_info", "time"] => &mut self.time,
            _ => return,
        };
        field.push_str(text);
    }
}

fn resolved(entity: &BytesRef<'_>) -> String {
    match entity.resolve_char_ref() {
        Ok(Some(character)) => character.to_string(),
        _ => resolve_predefined_entity(entity).unwrap_or_default().to_owned(),
    }
}

/// A text that can be shown, stored and compared. Whoever answers may be an impostor: control
/// characters could repaint the terminal on which a person is asked whether to trust it, letters
/// that look alike or run the other way mislead, and names of records are made of it.
fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    let is_shown = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    (is_shown && (1..=LONGEST).contains(&text.len())).then(|| text.to_owned())
}

/// Serial numbers have 12 digits and part numbers 13 characters (as of 2026).
const LONGEST: usize = 64;

#[cfg(test)]
mod tests;

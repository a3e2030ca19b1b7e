//! What a gateway is asked for a recording.

use bytes::Bytes;
use hallpass_enphase::{Endpoint, Format};
use http::{HeaderValue, Request, Uri, header::ACCEPT};

/// One endpoint to be asked with GET.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Question {
    /// Path and query, from the root of the gateway.
    pub(crate) path: &'static str,
    format: Format,
}

impl Question {
    /// Everything worth recording: who the gateway is, all that readings are made of, and what else
    /// helps to understand a firmware.
    pub(crate) fn all() -> Vec<Self> {
        let known = Endpoint::ALL.iter().map(|endpoint| endpoint.facts());
        // What is shown a token is no reading.
        let readings = known.filter(|facts| facts.method == "GET" && facts.format != Format::Html);
        let readings = readings.map(|facts| Self { path: facts.path, format: facts.format });
        let mut all: Vec<_> = readings.collect();
        let new = ELSE.iter().filter(|path| all.iter().all(|known| known.path != **path));
        let new = new.map(|path| Self { path, format: Format::JsonObject });
        all.extend(new.collect::<Vec<_>>());
        all
    }

    /// The request, without anything that opens the gateway.
    pub(crate) fn request(self) -> Request<Bytes> {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = Uri::from_static(self.path);
        if self.format != Format::Xml {
            // Some answer with a page for people otherwise.
            request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        }
        request
    }

    /// The file that the answer is kept in: the path with all that separates turned into `_`.
    pub(crate) fn file_name(self) -> String {
        self.path.trim_start_matches('/').replace(['/', '?', '=', '&', ' '], "_")
    }
}

/// What no reading is made of, and yet says much about a firmware. Each is read only, open to the
/// owner where it exists, and answered within a second (enphase-gateway reference, chapter 2), but
/// for `/production.json`, which other clients ask first.
const ELSE: &[&str] = &[
    "/production.json",
    "/ivp/meters/reports",
    "/ivp/meters/gridReading",
    "/ivp/meters/pvReading",
    "/ivp/pdm/energy",
    "/ivp/pdm/production",
    "/ivp/livedata/status",
    "/ivp/ensemble/status",
    "/ivp/ensemble/device_list",
    "/ivp/sc/pvlimit",
    "/ivp/ss/pel_settings",
];

#[cfg(test)]
mod tests;

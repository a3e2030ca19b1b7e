//! Recorded gateways: a directory of answers, played byte for byte by the rules that its README states.

use std::{collections::BTreeMap, fs, io, path::Path};

use bytes::Bytes;
use http::{Method, header};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    SimError,
    answer::{Answer, Request},
    firmware::Firmware,
    gateway::Level,
    request::writes,
};

/// Everything in one directory, read once.
#[derive(Debug)]
pub(crate) struct Recording {
    files: BTreeMap<String, Bytes>,
    logs: BTreeMap<String, Log>,
}

/// What was recorded beside a body.
#[derive(Debug, Default, Deserialize)]
struct Log {
    code: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

impl Recording {
    pub(crate) fn load(directory: &Path) -> Result<Self, SimError> {
        let fault =
            |source: io::Error| SimError::Recording { directory: directory.to_owned(), source };
        let (mut files, mut logs) = (BTreeMap::new(), BTreeMap::new());
        for entry in fs::read_dir(directory).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !entry.file_type().map_err(fault)?.is_file() || name == "expected.json" {
                continue;
            }
            let bytes = fs::read(entry.path()).map_err(fault)?;
            match name.strip_suffix("_log.json") {
                Some(of) => logs
                    .insert(of.to_owned(), serde_json::from_slice(&bytes).unwrap_or_default())
                    .is_some(),
                None => files.insert(name, bytes.into()).is_some(),
            };
        }
        if !files.contains_key("info") {
            return Err(fault(io::Error::new(
                io::ErrorKind::NotFound,
                "there is no file `info` in it",
            )));
        }
        Ok(Self { files, logs })
    }

    pub(crate) fn serial_number(&self) -> String {
        self.element("sn")
    }

    pub(crate) fn part_number(&self) -> String {
        self.element("pn")
    }

    pub(crate) fn firmware(&self) -> Firmware {
        Firmware::new(&self.element("software"))
    }

    /// The text of the first such element of `info`, which is the device's.
    fn element(&self, name: &str) -> String {
        let info = String::from_utf8_lossy(&self.files["info"]);
        let begin = info.split_once(&format!("<{name}>")).map_or("", |(_, rest)| rest);
        begin.split('<').next().unwrap_or_default().to_owned()
    }

    /// What firmware below 7 leaves open, and what 7 and later does.
    pub(crate) fn level(&self, path: &str) -> Level {
        let open = match path {
            "/info" | "/info.xml" => true,
            "/production.json" | "/api/v1/production" => !self.firmware().wants_tokens(),
            _ => false,
        };
        if open { Level::Open } else { Level::Owner }
    }

    /// Whether there is a file for this request.
    pub(crate) fn has(&self, request: &Request) -> bool {
        self.name(request).is_some()
    }

    pub(crate) fn answer(&self, request: &Request) -> Answer {
        let name = self.name(request);
        if writes(request) && *request.method() != Method::HEAD {
            return self.written(request, name);
        }
        let Some(name) = name else {
            return Answer::new(
                404,
                "application/json; charset=ISO-8859-4",
                "{ \"error\" : \"404 - Not Found\" }",
            );
        };
        let body = self.files[name].clone();
        let log = self.logs.get(name);
        let status =
            log.and_then(|log| log.code).unwrap_or_else(|| if says_401(&body) { 401 } else { 200 });
        let mut answer = Answer::bare(status, body);
        for (header, value) in log.iter().flat_map(|log| &log.headers) {
            match header.to_ascii_lowercase().as_str() {
                "content-type" => answer = answer.with(header::CONTENT_TYPE, value),
                "www-authenticate" if status == 401 => {
                    answer = answer.with(header::WWW_AUTHENTICATE, value)
                }
                _ => {}
            }
        }
        answer
    }

    /// Writes change nothing: two endpoints answer with what was sent, the others with their own file.
    fn written(&self, request: &Request, name: Option<&str>) -> Answer {
        let body = match request.uri().path() {
            "/ivp/ss/gen_schedule" | "/ivp/ss/gen_config" => request.body().clone(),
            _ => name.map_or(Bytes::from_static(b"{}"), |name| self.files[name].clone()),
        };
        Answer::bare(200, body)
    }

    /// The file that answers a request.
    fn name(&self, request: &Request) -> Option<&str> {
        let uri = request.uri();
        let path = uri.path();
        let with_query = uri.query().map(|query| format!("{path}?{query}"));
        let stand_in = match path {
            "/info.xml" => Some("/info".to_owned()),
            "/inventory.json" => Some("/inventory".to_owned()),
            _ => None,
        };
        let candidates = [with_query, Some(path.to_owned()), stand_in]
            .into_iter()
            .flatten()
            .map(|target| file_name(&target));
        candidates
            .into_iter()
            .find_map(|name| self.files.get_key_value(&name))
            .map(|(name, _)| name.as_str())
    }
}

fn file_name(target: &str) -> String {
    target
        .strip_prefix('/')
        .unwrap_or(target)
        .replace(['/', '?', '=', '&', ' '], "_")
        .replace("%20", "_")
}

fn says_401(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|body| body["status"] == 401)
}

#[cfg(test)]
mod tests;

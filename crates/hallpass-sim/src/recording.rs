//! Recorded gateways: a directory of answers, played byte for byte by the rules that its README states.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
    time::Duration,
};

use bytes::Bytes;
use http::{Response, header};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    SimError,
    answer::{Answer, Request},
    firmware::Firmware,
    gateway::{Level, VALID_TOKEN},
    request::writes,
};

/// A recorded gateway: everything in one directory, read once. It answers by the rules of the recordings' README but for
/// who may ask: credentials are not looked at.
///
/// A [gateway that plays one](crate::GatewayOptions::recording) does look, and speaks the transport of its firmware.
#[derive(Debug)]
pub struct Recording {
    name: String,
    files: BTreeMap<String, Bytes>,
    logs: BTreeMap<String, Log>,
    expected: Bytes,
}

/// Where two JSON values differ: path, what was expected, what was got. Numbers are compared by their value, as the
/// README of the recordings wants it: `30` is `30.0`.
#[must_use]
pub fn differences(path: &str, expected: &Value, got: &Value) -> Vec<String> {
    match (expected, got) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<_> = left.keys().chain(right.keys()).collect();
            let of_key = |key: &String| {
                differences(&format!("{path}.{key}"), &expected[key.as_str()], &got[key.as_str()])
            };
            keys.into_iter().flat_map(of_key).collect()
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let pairs = left.iter().zip(right).enumerate();
            pairs
                .flat_map(|(n, (left, right))| differences(&format!("{path}[{n}]"), left, right))
                .collect()
        }
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => {
            Vec::new()
        }
        _ if expected == got => Vec::new(),
        _ => vec![format!("{path}: expected {expected}, got {got}")],
    }
}

/// What was recorded beside a body.
#[derive(Debug, Default, Deserialize)]
struct Log {
    code: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    duration_seconds: Option<f64>,
}

impl Recording {
    /// Reads a directory.
    ///
    /// # Errors
    /// A directory that cannot be read, or that has no file `info`.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self, SimError> {
        let directory = directory.as_ref();
        Self::read(directory)
            .map_err(|source| SimError::Recording { directory: directory.to_owned(), source })
    }

    /// Reads all directories in a directory, sorted by name; there are none where it does not exist.
    ///
    /// # Errors
    /// As for [`open`](Self::open), by the first directory that is no recording.
    pub fn open_all(root: impl AsRef<Path>) -> Result<Vec<Self>, SimError> {
        let Ok(entries) = fs::read_dir(root) else { return Ok(Vec::new()) };
        let mut directories: Vec<_> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        directories.sort();
        directories.iter().map(Self::open).collect()
    }

    fn read(directory: &Path) -> io::Result<Self> {
        let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (files, logs) = (BTreeMap::new(), BTreeMap::new());
        let mut recording = Self { name, files, logs, expected: Bytes::new() };
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                recording.keep(name, fs::read(entry.path())?);
            }
        }
        if !recording.files.contains_key("info") {
            return Err(io::Error::new(io::ErrorKind::NotFound, "there is no file `info` in it"));
        }
        Ok(recording)
    }

    fn keep(&mut self, name: String, bytes: Vec<u8>) {
        if name == "expected.json" {
            self.expected = bytes.into();
        } else if let Some(of) = name.strip_suffix("_log.json") {
            let log = serde_json::from_slice(&bytes).unwrap_or_default();
            self.logs.insert(of.to_owned(), log);
        } else {
            self.files.insert(name, bytes.into());
        }
    }

    /// The name of the directory.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a correct client makes of it (`expected.json`); null where nothing is said about it.
    #[must_use]
    pub fn expected(&self) -> Value {
        serde_json::from_slice(&self.expected).unwrap_or_default()
    }

    /// The answer to a request: status, the recorded headers that are played, body.
    #[must_use]
    pub fn answer(&self, request: &http::Request<Bytes>) -> Response<Bytes> {
        self.play(request).whole()
    }

    /// The answer to a GET of a path with its query.
    #[must_use]
    pub fn get(&self, target: &str) -> Response<Bytes> {
        self.shown(target).whole()
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
        self.file(target(request)).is_some()
    }

    /// How long the real gateway took, where that was recorded.
    pub(crate) fn duration(&self, request: &Request) -> Option<Duration> {
        let (name, _) = self.file(target(request))?;
        Duration::try_from_secs_f64(self.logs.get(name)?.duration_seconds?).ok()
    }

    pub(crate) fn play(&self, request: &Request) -> Answer {
        if writes(request) { self.written(request) } else { self.shown(target(request)) }
    }

    fn shown(&self, target: &str) -> Answer {
        let Some((name, body)) = self.file(target) else { return missing(target) };
        let log = self.logs.get(name);
        let status =
            log.and_then(|log| log.code).unwrap_or_else(|| if says_401(body) { 401 } else { 200 });
        let mut answer = Answer::bare(status, body.clone());
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
    fn written(&self, request: &Request) -> Answer {
        let body = match request.uri().path() {
            "/ivp/ss/gen_schedule" | "/ivp/ss/gen_config" => request.body().clone(),
            _ => self
                .file(target(request))
                .map_or(Bytes::from_static(b"{}"), |(_, body)| body.clone()),
        };
        Answer::bare(200, body)
    }

    /// The file that answers a target: a path, perhaps with a query.
    fn file(&self, target: &str) -> Option<(&String, &Bytes)> {
        let path = target.split('?').next().unwrap_or(target);
        let stand_in = match path {
            "/info.xml" => "/info",
            "/inventory.json" => "/inventory",
            _ => path,
        };
        [target, path, stand_in]
            .into_iter()
            .find_map(|target| self.files.get_key_value(&file_name(target)))
    }
}

fn target(request: &Request) -> &str {
    request.uri().path_and_query().map_or("/", |target| target.as_str())
}

/// The answer where there is no file.
fn missing(target: &str) -> Answer {
    if target == "/auth/check_jwt" {
        let cookie = "sessionId=recorded; Secure; HttpOnly";
        return Answer::html(200, VALID_TOKEN).with_cookie(cookie);
    }
    Answer::new(404, "application/json; charset=ISO-8859-4", "{ \"error\" : \"404 - Not Found\" }")
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

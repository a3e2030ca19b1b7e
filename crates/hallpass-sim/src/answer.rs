//! Answers, down to how their bytes travel.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use serde::Serialize;
use serde_json::Value;

/// A request with its whole body.
pub(crate) type Request = http::Request<Bytes>;

/// The peer goes away without an answer, or in the middle of one.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut")]
pub(crate) struct Cut;

/// What is sent back. Headers go out as they are; nothing is added but the length.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

/// A body and its way over the wire.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// With its length.
    Whole(Bytes),
    /// In chunks.
    Chunked(Bytes),
    /// With a length that is never reached.
    Short { sent: Bytes, promised: usize },
    /// In chunks of which the last never comes.
    Unfinished(Bytes),
    /// Repeated for ever.
    Endless(Bytes),
    /// With its length, one byte at a time, this far apart.
    Dripping(Bytes, Duration),
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut answer = Self::bare(status, body);
        answer.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        answer
    }

    /// Without any header.
    pub(crate) fn bare(status: u16, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, headers: HeaderMap::new(), body: Body::Whole(body.into()) }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(crate) fn html(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(status, "text/html;charset=UTF-8", body)
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::bare(status, "").with(header::LOCATION, location)
    }

    /// Adds a header, beside those of the same name. A value that no header can carry is left out.
    pub(crate) fn with(mut self, name: HeaderName, value: impl AsRef<[u8]>) -> Self {
        if let Ok(value) = HeaderValue::from_bytes(value.as_ref()) {
            self.headers.append(name, value);
        }
        self
    }

    pub(crate) fn with_cookie(self, cookie: &str) -> Self {
        self.with(header::SET_COOKIE, cookie)
    }

    /// With its whole body, however that was to travel.
    pub(crate) fn whole(self) -> Response<Bytes> {
        let mut response = Response::new(self.body.bytes().clone());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }

    pub(crate) fn response(self) -> Response<UnsyncBoxBody<Bytes, Cut>> {
        let mut response = Response::new(self.body.stream());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        if let Some(length) = self.body.promised() {
            response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        }
        response
    }
}

impl Body {
    pub(crate) fn bytes(&self) -> &Bytes {
        match self {
            Self::Whole(bytes)
            | Self::Chunked(bytes)
            | Self::Unfinished(bytes)
            | Self::Endless(bytes) => bytes,
            Self::Short { sent, .. } => sent,
            Self::Dripping(bytes, _) => bytes,
        }
    }

    /// The same way with other bytes.
    pub(crate) fn map(self, change: impl FnOnce(&Bytes) -> Bytes) -> Self {
        let bytes = change(self.bytes());
        match self {
            Self::Chunked(_) => Self::Chunked(bytes),
            _ => Self::Whole(bytes),
        }
    }

    /// The length in the head, where hyper would not find it by itself.
    fn promised(&self) -> Option<usize> {
        match self {
            Self::Short { promised, .. } => Some(*promised),
            Self::Dripping(bytes, _) => Some(bytes.len()),
            Self::Whole(_) | Self::Chunked(_) | Self::Unfinished(_) | Self::Endless(_) => None,
        }
    }

    fn stream(&self) -> UnsyncBoxBody<Bytes, Cut> {
        let once = |bytes: &Bytes| stream::iter([Ok(Frame::data(bytes.clone()))]);
        match self.clone() {
            Self::Whole(bytes) => Full::new(bytes).map_err(|never| match never {}).boxed_unsync(),
            Self::Chunked(bytes) => StreamBody::new(once(&bytes)).boxed_unsync(),
            Self::Short { sent: bytes, .. } | Self::Unfinished(bytes) => {
                StreamBody::new(once(&bytes).chain(stream::once(break_off()))).boxed_unsync()
            }
            Self::Endless(bytes) => {
                StreamBody::new(stream::repeat_with(move || Ok(Frame::data(bytes.clone()))))
                    .boxed_unsync()
            }
            Self::Dripping(bytes, every) => {
                let drip = stream::unfold(bytes, move |mut rest| async move {
                    if rest.is_empty() {
                        return None;
                    }
                    tokio::time::sleep(every).await;
                    let drop = rest.split_to(1);
                    Some((Ok(Frame::data(drop)), rest))
                });
                StreamBody::new(drip).boxed_unsync()
            }
        }
    }
}

/// Lets what was written go out before the connection is cut, which discards the rest.
async fn break_off() -> Result<Frame<Bytes>, Cut> {
    tokio::time::sleep(Duration::from_millis(20)).await;
    Err(Cut)
}

/// JSON indented by so many blanks, as the gateway's programs write it.
pub(crate) fn indented(value: &impl Serialize, indent: &'static str) -> String {
    let mut written = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut written, formatter);
    // Writing a value to memory cannot fail, and JSON is UTF-8.
    value
        .serialize(&mut serializer)
        .map_or_else(|_| String::new(), |()| String::from_utf8(written).unwrap_or_default())
}

//! What faults do to a gateway's answers.

use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Gateway, Show, dress, session};
use crate::{
    answer::{Answer, Body, Cut, Request},
    entrez::pages,
    fault::{Closing, Fault, Odd, Outage, Scene, Shape},
    lock::lock,
    profile::Generation,
};

/// A gateway that does not answer at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holding {
    Hang,
    Refuse,
}

impl From<Outage> for Holding {
    fn from(outage: Outage) -> Self {
        match outage {
            Outage::Hang => Self::Hang,
            Outage::Refused => Self::Refuse,
        }
    }
}

/// What was measured on two gateways, the faster one of them, in milliseconds by the beginning of the path.
const USUAL_DELAYS: [(&str, u64); 6] = [
    ("/home", 6_400),
    ("/production.json", 1_800),
    ("/production", 3_000),
    ("/inventory", 2_100),
    ("/admin/lib/tariff", 1_000),
    ("/", 100),
];

/// Beyond this share of an overloaded gateway's patience, answers come this much later.
const OVERLOAD_DELAY: Duration = Duration::from_secs(5);

impl Gateway {
    /// Waits where an answer is to be late.
    pub(super) async fn delay(&self, request: &Request) {
        let scene = self.stage.scene(&self.serial_number, request.uri().path());
        let late = self.stage.faults.find(scene, |fault| match fault {
            Fault::Slow { by } => Some(by.0),
            Fault::RecordedDelays {} => self.usual_delay(request),
            Fault::Overload { connections, per_minute } => {
                self.overloaded(*connections, *per_minute).then_some(OVERLOAD_DELAY)
            }
            _ => None,
        });
        if let Some(by) = late {
            self.stage.clock.wait(by).await;
        }
    }

    /// How long a request takes as a rule.
    fn usual_delay(&self, request: &Request) -> Option<Duration> {
        let path = request.uri().path();
        match &self.show {
            Show::Recording(recording) => recording.duration(request),
            Show::Live(_) => USUAL_DELAYS
                .iter()
                .find(|(beginning, _)| path.starts_with(beginning))
                .map(|(_, milliseconds)| Duration::from_millis(*milliseconds)),
        }
    }

    /// Whether it does not answer at all just now.
    pub(super) fn held(&self, scene: Scene<'_>) -> Option<Holding> {
        self.stage.faults.find(scene, |fault| match fault {
            Fault::Nightly2300 { length, how } if self.is_night(scene, length.0) => {
                Some((*how).into())
            }
            Fault::Hang {} => Some(Holding::Hang),
            Fault::Refused {} => Some(Holding::Refuse),
            _ => None,
        })
    }

    /// Whether 23:00 was so lately, where it stands.
    fn is_night(&self, scene: Scene<'_>, length: Duration) -> bool {
        const DAY: i64 = 86_400;
        let second_of_day = self.place.second_of_day(scene.now.as_second());
        (second_of_day - 23 * 3_600).rem_euclid(DAY) < length.as_secs() as i64
    }

    /// Whether all of it is out of order, as a request for `/info` would find.
    pub(super) fn is_away(&self) -> bool {
        let scene = self.stage.scene(&self.serial_number, "/info");
        let is_outage = |fault: &Fault| match fault {
            Fault::Nightly2300 { length, .. } => self.is_night(scene, length.0),
            Fault::Hang {} | Fault::Refused {} | Fault::Gateway504 { .. } => true,
            _ => false,
        };
        // A request may still come by a connection that was open when it went down.
        self.is_down(scene.now)
            || self.is_starting(scene.now)
            || self.stage.faults.fold(scene, false, |away, fault| away || is_outage(fault))
    }

    fn overloaded(&self, connections: usize, per_minute: usize) -> bool {
        let (open, recent) = self.stage.ledger.load(self.index);
        open > connections || recent > per_minute
    }

    /// Whether it is down for a reboot.
    pub(super) fn is_down(&self, now: Timestamp) -> bool {
        lock(&self.state).away.refused(now)
    }

    /// Whether it is up again after a reboot, but not ready: firmware 3 shows zeros then, later ones an error.
    pub(super) fn starting(&self, now: Timestamp) -> bool {
        lock(&self.state).away.starting(now)
    }

    /// Whether it says so with an error.
    fn is_starting(&self, now: Timestamp) -> bool {
        self.starting(now) && !self.profile().before(Generation::Four)
    }

    /// The answer that a fault puts in the place of any other.
    pub(super) fn instead(&self, scene: Scene<'_>, request: &Request) -> Option<Answer> {
        if self.is_starting(scene.now) {
            return Some(dress::web_server_error(503, scene.now));
        }
        // A refusal looks for faults itself: not while this look goes on.
        if self.is_refused(scene, request) {
            return Some(self.refusal(scene.path));
        }
        self.stage.faults.find(scene, |fault| match fault {
            Fault::Html200 {} => Some(Answer::html(200, pages::ENLIGHTEN_LOGIN)),
            Fault::Gateway504 { status } => {
                Some(dress::web_server_error(*status as u16, scene.now))
            }
            Fault::Canned { status, body } => Some(Answer::bare(*status as u16, body.clone())),
            Fault::Redirects { status, to } => {
                let location = to
                    .clone()
                    .unwrap_or_else(|| format!("{}{}", self.stage.trap_url(), scene.path));
                Some(Answer::redirect(*status as u16, &location))
            }
            Fault::NotAGateway {} => {
                Some(Answer::html(200, "<html><body><h1>It works!</h1></body></html>"))
            }
            Fault::Overload { connections, per_minute }
                if self.overloaded(*connections, *per_minute) =>
            {
                Some(dress::web_server_error(503, scene.now))
            }
            _ => None,
        })
    }

    fn is_refused(&self, scene: Scene<'_>, request: &Request) -> bool {
        let is_protected = self.level(&self.profile(), request) != super::Level::Open;
        let refuses = |fault: &Fault| match fault {
            Fault::OneEndpoint401 {} => Some(()),
            Fault::Burst401 {} if is_protected && scene.path != super::CHECK_JWT => Some(()),
            _ => None,
        };
        self.stage.faults.find(scene, refuses).is_some()
    }

    /// Somebody else: knows the gateway's `/info`, takes every credential.
    pub(super) fn imposture(&self, request: &Request) -> Answer {
        match request.uri().path() {
            "/info" | "/info.xml" => self.answer(request),
            super::CHECK_JWT => dress::valid_token(self.stage.now())
                .with_cookie(&session::cookie("impostor00000000000000000000000")),
            _ => Answer::json(200, &json!({})),
        }
    }

    /// Plain http where https is spoken.
    pub(super) fn to_https(&self, request: &Request) -> Answer {
        let host = request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or("envoy.local");
        let location = format!("https://{host}{}", request.uri());
        dress::moved(&location, self.stage.now())
    }

    /// Waits where a refusal is to be late.
    pub(super) async fn delay_refusal(&self, scene: Scene<'_>, status: StatusCode) {
        let late =
            |fault: &Fault| if let Fault::Late401 { by } = fault { Some(by.0) } else { None };
        if status != StatusCode::UNAUTHORIZED {
            return;
        }
        if let Some(by) = self.stage.faults.find(scene, late) {
            self.stage.clock.wait(by).await;
        }
    }

    /// What faults do to an answer on its way out. `again`: the connection has carried one before.
    pub(super) fn spoil(
        &self,
        scene: Scene<'_>,
        answer: Answer,
        again: bool,
    ) -> Result<Answer, Cut> {
        let closing = self.stage.faults.find(scene, |fault| match fault {
            Fault::KeepaliveReset { how } => Some(*how),
            _ => None,
        });
        let drip = |every| self.stage.clock.real(every);
        let mut answer =
            self.stage.faults.fold(scene, answer, |answer, fault| spoiled(answer, fault, drip));
        match closing {
            Some(Closing::Reset) if again => return Err(Cut),
            Some(Closing::Close) => {
                answer.headers.remove(header::CONNECTION);
                answer = answer.with(header::CONNECTION, "close");
            }
            _ => {}
        }
        Ok(answer)
    }
}

fn spoiled(mut answer: Answer, fault: &Fault, drip: impl Fn(Duration) -> Duration) -> Answer {
    let bytes = answer.body.bytes().clone();
    let half = bytes.slice(..bytes.len() / 2);
    answer.body = match fault {
        Fault::TruncatedBody {} => Body::Whole(half),
        Fault::EmptyBody {} => Body::Whole(Bytes::new()),
        Fault::EndlessBody {} => {
            Body::Endless(if bytes.is_empty() { Bytes::from_static(b" ") } else { bytes })
        }
        Fault::WrongLength {} => Body::Short { promised: bytes.len(), sent: half },
        Fault::HalfChunk {} => Body::Unfinished(half),
        Fault::Slowloris { every } => Body::Dripping(bytes, drip(every.0)),
        Fault::ShapeChange { kind } => answer.body.map(|bytes| reshaped(*kind, bytes)),
        Fault::OddNumbers { kind } => answer.body.map(|bytes| odd(*kind, bytes)),
        Fault::NoSerial {} => answer.body.map(without_serial),
        _ => return answer,
    };
    answer
}

/// JSON of a shape that nobody has seen yet.
fn reshaped(kind: Shape, bytes: &Bytes) -> Bytes {
    match kind {
        Shape::Empty if bytes.starts_with(b"[") => Bytes::from_static(b"[]"),
        Shape::Empty => Bytes::from_static(b"{}"),
        Shape::Unknown => {
            String::from_utf8_lossy(bytes).replace('{', "{\"surprise\": [\"new\"], ").into()
        }
        Shape::Shorter => changed(bytes, |value| {
            if let Value::Array(list) = value {
                list.pop();
            }
        }),
        Shape::Words => changed(bytes, |value| {
            if let Value::String(word) = value {
                *word = "surprise".to_owned();
            }
        }),
    }
}

/// JSON of which every value was changed, those within before the whole; as it was where it is none.
fn changed(bytes: &Bytes, change: impl Fn(&mut Value)) -> Bytes {
    let Ok(mut value) = serde_json::from_slice(bytes) else { return bytes.clone() };
    change_all(&mut value, &change);
    value.to_string().into()
}

fn change_all(value: &mut Value, change: &impl Fn(&mut Value)) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| change_all(value, change)),
        Value::Object(map) => map.values_mut().for_each(|value| change_all(value, change)),
        _ => {}
    }
    change(value);
}

/// JSON with something odd in it. Numbers stand behind a colon.
fn odd(kind: Odd, bytes: &Bytes) -> Bytes {
    let text = String::from_utf8_lossy(bytes).into_owned();
    match kind {
        Odd::Nan => numbers(&text, "NaN").into(),
        Odd::Infinity => numbers(&text, "Infinity").into(),
        Odd::Huge => numbers(&text, "1e400").into(),
        Odd::Text => numbers(&text, "\"12\"").into(),
        Odd::Blank => numbers(&text, "\"\"").into(),
        Odd::Null => numbers(&text, "null").into(),
        Odd::NegativeZero => numbers(&text, "-0.0").into(),
        Odd::Duplicate => text.replacen('{', "{\"wNow\": 1, \"wNow\": 2, ", 1).into(),
        Odd::Bom => format!("\u{feff}{text}").into(),
        Odd::BadUtf8 => [b"\xff\xfe", bytes.as_ref()].concat().into(),
        Odd::Deep => format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)).into(),
    }
}

/// Puts something in the place of every number that is a value.
fn numbers(text: &str, with: &str) -> String {
    let mut changed = String::new();
    let mut rest = text;
    while let Some((before, value)) = rest.split_once(':') {
        let blanks = value.len() - value.trim_start().len();
        let end = value[blanks..]
            .find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+' | 'e' | 'E'))
            .unwrap_or(value.len() - blanks);
        changed.push_str(before);
        changed.push(':');
        changed.push_str(&value[..blanks]);
        let starts_number = value[blanks..].starts_with(|c: char| c == '-' || c.is_ascii_digit());
        changed.push_str(if starts_number { with } else { &value[blanks..blanks + end] });
        rest = &value[blanks + end..];
    }
    changed + rest
}

fn without_serial(info: &Bytes) -> Bytes {
    let text = String::from_utf8_lossy(info).into_owned();
    match (text.find("<sn>"), text.find("</sn>")) {
        (Some(start), Some(end)) => format!("{}{}", &text[..start], &text[end + 5..]).into(),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_replaced_and_nothing_else() {
        let check = |text: &str, expect: &str| assert_eq!(numbers(text, "NaN"), expect);
        check(r#"{"a":1,"b": -2.5e3,"c":"3:4"}"#, r#"{"a":NaN,"b": NaN,"c":"3:NaN"}"#);
        check(r#"{"a":[1],"b":true}"#, r#"{"a":[1],"b":true}"#);
        check("", "");
    }

    #[test]
    fn an_info_without_its_serial_number_keeps_the_rest() {
        assert_eq!(
            without_serial(&Bytes::from_static(b"<a><sn>1</sn><pn>2</pn></a>")),
            "<a><pn>2</pn></a>"
        );
    }
}

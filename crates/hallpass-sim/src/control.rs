//! The control plane: what was counted, the clock, faults and events; in process, and over http.

use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Counters, Sim, Verdict,
    answer::{Answer, Request},
    arguments,
    event::Event,
    fault::{FaultError, faults},
    leak,
    serve::{self, Stream},
    span,
};

/// A handle to the control plane. Over http: `GET /counters`, `GET /verdict`, `GET|POST /clock`, `GET /faults`,
/// `PUT|DELETE /faults/NAME`, `POST /events/NAME`; arguments as a JSON body or in the query.
#[derive(Clone)]
pub struct Control {
    sim: Sim,
}

impl Control {
    pub(crate) fn new(sim: Sim) -> Self {
        Self { sim }
    }

    /// What was counted since the start.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.sim.inner.stage.ledger.counters()
    }

    /// Whether the budgets were kept, as far as a server can see it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.sim.inner.stage.ledger.verdict()
    }

    /// When gateways that had been away when they were asked said who they are (`/info`) for the first time again.
    #[must_use]
    pub fn returns(&self) -> Vec<Timestamp> {
        self.sim.inner.stage.ledger.returns()
    }

    /// How often a cloud refused a connection.
    #[must_use]
    pub fn turned_away(&self) -> u64 {
        self.sim.inner.stage.ledger.turned_away_by_clouds()
    }

    /// Simulated time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.sim.inner.stage.now()
    }

    /// Moves simulated time ahead. Answers that a fault delays are not hurried.
    pub fn advance(&self, by: Duration) {
        self.sim.inner.stage.clock.advance(by);
    }

    /// Puts a fault on, by name or code. `arguments` is an object, or null for none.
    ///
    /// # Errors
    /// An unknown name, or arguments that it does not take.
    pub fn set_fault(&self, name: &str, arguments: &Value) -> Result<(), FaultError> {
        if let Some((event, gateway)) = self.sim.inner.stage.set_fault(name, arguments)? {
            self.happen(&event, gateway.as_deref());
        }
        Ok(())
    }

    /// Takes a fault off; false where it was not on. What it had caused at once stays.
    ///
    /// # Errors
    /// An unknown name.
    pub fn clear_fault(&self, name: &str) -> Result<bool, FaultError> {
        self.sim.inner.stage.faults.clear(name)
    }

    /// Names of the faults that are on.
    #[must_use]
    pub fn active_faults(&self) -> Vec<&'static str> {
        self.sim.inner.stage.faults.names()
    }

    /// Lets something happen now: `reboot`, `update`, `expire-session`, `expire-token`, `rotate-certificate`,
    /// `trust-certificate`, `cut-connections`. `arguments` is an object, or null for none.
    ///
    /// # Errors
    /// An unknown name, or arguments that it does not take.
    pub fn event(&self, name: &str, arguments: &Value) -> Result<(), FaultError> {
        let (event, gateway) = Event::parse(name, arguments)?;
        if let Some(strange) =
            gateway.as_ref().filter(|serial| !self.sim.inner.serials.contains(serial))
        {
            let problem = format!("no gateway has the serial number {strange}");
            return Err(FaultError::Arguments { name: name.to_owned(), problem });
        }
        self.happen(&event, gateway.as_deref());
        Ok(())
    }

    fn happen(&self, event: &Event, gateway: Option<&str>) {
        let gateways = self.sim.inner.gateways.iter();
        gateways
            .filter(|known| gateway.is_none_or(|wanted| wanted == known.serial_number()))
            .for_each(|g| g.happen(event));
    }

    pub(crate) async fn serve(&self, stream: impl Stream) {
        serve::connection(stream, |request| async move { Ok(self.answer(&request)) }).await;
    }

    fn answer(&self, request: &Request) -> Answer {
        leak::anything(&self.sim.inner.stage, "control plane", request);
        let path = request.uri().path().trim_matches('/').to_owned();
        let (resource, name) = path.split_once('/').unwrap_or((&path, ""));
        let answered = match (request.method(), resource, name) {
            (&Method::GET, "counters", "") => Ok(json!(self.counters())),
            (&Method::GET, "verdict", "") => Ok(json!(self.verdict())),
            (&Method::GET, "clock", "") => Ok(json!({"now": self.now()})),
            (&Method::POST, "clock", "") => self.move_clock(request),
            (&Method::GET, "faults", "") => {
                Ok(json!({"active": self.active_faults(), "faults": faults()}))
            }
            (&Method::PUT, "faults", name) => written(name, request)
                .and_then(|arguments| self.set_fault(name, &arguments))
                .map(|()| json!({"active": self.active_faults()})),
            (&Method::DELETE, "faults", name) => self
                .clear_fault(name)
                .map(|cleared| json!({"cleared": cleared, "active": self.active_faults()})),
            (&Method::POST, "events", name) => written(name, request)
                .and_then(|arguments| self.event(name, &arguments))
                .map(|()| json!({"happened": name})),
            _ => {
                return Answer::json(
                    404,
                    &json!({"error": format!("there is no {} /{path}", request.method())}),
                );
            }
        };
        match answered {
            Ok(body) => Answer::json(200, &body),
            Err(error @ FaultError::Unknown { .. }) => {
                Answer::json(404, &json!({"error": error.to_string()}))
            }
            Err(error) => Answer::json(400, &json!({"error": error.to_string()})),
        }
    }

    fn move_clock(&self, request: &Request) -> Result<Value, FaultError> {
        let arguments = written("clock", request)?;
        let by = arguments["advance"].as_str().and_then(span::parse).ok_or_else(|| {
            FaultError::Arguments {
                name: "clock".to_owned(),
                problem: "advance must be a number and ms, s, m, h or d".to_owned(),
            }
        })?;
        self.advance(by);
        Ok(json!({"now": self.now()}))
    }
}

/// The arguments of a request: of its body, or of its query where it has none.
fn written(name: &str, request: &Request) -> Result<Value, FaultError> {
    let text = match request.body().is_empty() {
        true => request.uri().query().unwrap_or_default().into(),
        false => String::from_utf8_lossy(request.body()),
    };
    arguments::parse(name, &text)
}

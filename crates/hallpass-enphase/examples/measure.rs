//! Reads a gateway COUNT times with a token, as fast as it answers, by a clock on which each time
//! is a minute later: `measure HOST[:PORT] TOKEN_FILE COUNT [bare]`. For simulated gateways.
//!
//! With `bare`, the same endpoints are fetched over the same transport and dropped: what remains
//! between the two is what understanding costs. Used by `bench/against_pyenphase.py`.

use std::{
    env,
    error::Error,
    fs,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use hallpass_credential::{Clock, Patience, Rate, SystemClock, later, store::Records};
use hallpass_enphase::{
    Applicant, BetweenTurns, Clouds, Endpoint, Gateway, Login, Network, Pace, Setup, Sighting,
    Token, look,
};
use hallpass_transport::{Client, Security};
use http::{Request, header::AUTHORIZATION};
use jiff::Timestamp;

/// What a metered gateway with a tariff is asked for.
const ASKED: &[Endpoint] = &[
    Endpoint::Meters,
    Endpoint::MeterReadings,
    Endpoint::ProductionDetails,
    Endpoint::Inverters,
    Endpoint::Tariff,
];

const MINUTE: Duration = Duration::from_secs(60);

/// A clock that only moves when it is told to.
#[derive(Debug)]
struct Minutes {
    begun: Timestamp,
    gone_by: AtomicU32,
}

impl Clock for Minutes {
    fn now(&self) -> Timestamp {
        later(self.begun, MINUTE * self.gone_by.load(Ordering::Relaxed))
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        SystemClock.sleep(duration)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [host, token_file, count, mode @ ..] = &arguments[..] else {
        return Err("usage: measure HOST[:PORT] TOKEN_FILE COUNT [bare]".into());
    };
    let (token, count) = (fs::read_to_string(token_file)?, count.parse()?);
    let network = Network::tcp();
    let sighting = look(host, &network).await?;
    match mode {
        [] => read(sighting, &token, network, count).await,
        _ => fetch(sighting, &token, network, count).await,
    }
}

async fn read(
    sighting: Sighting,
    token: &str,
    network: Network,
    count: u32,
) -> Result<(), Box<dyn Error>> {
    let clock = Arc::new(Minutes { begun: SystemClock.now(), gone_by: AtomicU32::new(0) });
    let clouds = Clouds::public(Arc::clone(&network.connector))?;
    let serial_number = sighting.info.serial_number;
    let token = Token::admit(token, &serial_number, &clouds.keys, clock.now())?;
    let (gateway, keeping) = Gateway::new(Setup {
        origin: sighting.origin,
        serial_number,
        key: sighting.key,
        login: Login::Token { account: None, clouds, applicant: Applicant::Program, routes: None },
        network,
        records: Records::in_memory(),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        rate: Rate::UNLIMITED,
        patience: Patience(Duration::from_secs(30)),
        between_turns: BetweenTurns::KeepConnection,
    })?;
    tokio::spawn(keeping);
    gateway.adopt_token(token).await?;
    for _ in 0..count {
        gateway.read().await?;
        clock.gone_by.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

async fn fetch(
    sighting: Sighting,
    token: &str,
    network: Network,
    count: u32,
) -> Result<(), Box<dyn Error>> {
    let security = sighting.key.map_or(Security::Clear, Security::Pinned);
    let client = Client::new(sighting.origin, security, network.connector, network.limits)?;
    let bearer = format!("Bearer {}", token.trim());
    for poll in 0..count {
        for endpoint in ASKED.iter().filter(|endpoint| is_due(**endpoint, poll)) {
            let request = Request::get(endpoint.path()).header(AUTHORIZATION, &bearer);
            client.send(request.body(Bytes::new())?).await?;
        }
    }
    Ok(())
}

/// Whether the endpoint is asked at the poll of that minute.
fn is_due(endpoint: Endpoint, minute: u32) -> bool {
    match endpoint.facts().pace {
        Pace::Every(pace) => (u64::from(minute) * MINUTE.as_secs()).is_multiple_of(pace.as_secs()),
        _ => true,
    }
}

//! Reads a gateway COUNT times with a token, as fast as it answers:
//! `measure HOST[:PORT] TOKEN_FILE COUNT [bare]`. For simulated gateways.
//!
//! With `bare`, the same endpoints are fetched over the same transport and dropped: what remains
//! between the two is what understanding costs. Used by `bench/against_pyenphase.py`.

use std::{env, error::Error, fs, sync::Arc, time::Duration};

use bytes::Bytes;
use hallpass_credential::{Clock, Patience, Rate, SystemClock, store::Records};
use hallpass_enphase::{
    Applicant, BetweenTurns, Clouds, Endpoint, Gateway, Login, Network, Setup, Sighting, Token,
    look,
};
use hallpass_transport::{Client, Security};
use http::{Request, header::AUTHORIZATION};

/// What a metered gateway is asked for at each poll.
const ASKED: &[Endpoint] =
    &[Endpoint::Meters, Endpoint::MeterReadings, Endpoint::ProductionDetails, Endpoint::Inverters];

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
    let clock = Arc::new(SystemClock);
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
        clock,
        rate: Rate::UNLIMITED,
        patience: Patience(Duration::from_secs(30)),
        between_turns: BetweenTurns::KeepConnection,
    })?;
    tokio::spawn(keeping);
    gateway.adopt_token(token).await?;
    for _ in 0..count {
        gateway.read().await?;
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
    for _ in 0..count {
        for endpoint in ASKED {
            let request = Request::get(endpoint.path()).header(AUTHORIZATION, &bearer);
            client.send(request.body(Bytes::new())?).await?;
        }
    }
    Ok(())
}

//! The Enphase IQ Gateway ("Envoy", firmware 3 to 8) and its clouds: log in, stay logged in, read.
//!
//! ```text
//! Gateway::read, forward            what to ask (Survey) and what the answers mean (reading)
//!   Door                            digest user before firmware 7, session from then on
//!     Session <- Token <- CloudSession <- Account     a keeper each; see hallpass-credential
//!   Link                            one request at a time, one connection, pinned TLS
//! ```
//!
//! A whole client:
//!
//! ```
//! use hallpass_enphase::Gateway;
//!
//! # use std::{error::Error, sync::Arc};
//! # use hallpass_credential::jwt::PublicKey;
//! # use hallpass_enphase::{Clouds, look, Network};
//! # use hallpass_sim::{Options, Sim};
//! # use hallpass_transport::{Limits, TcpConnector};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn Error>> {
//! # let world = Sim::new(Options::default())?.listen().await?;
//! # let described = world.description().clone();
//! # tokio::spawn(world.run());
//! # let clouds = Clouds {
//! #     enlighten: described.cloud.enlighten_url.parse()?,
//! #     entrez: described.cloud.entrez_url.parse()?,
//! #     keys: vec![PublicKey::from_pem(&described.cloud.entrez_key)?],
//! #     connector: Arc::new(TcpConnector),
//! #     limits: Limits::CLOUD,
//! # };
//! # let address = described.gateways[0].host.as_str();
//! # let (username, password) = (described.account.username, described.account.password);
//! # let fingerprint = look(address, &Network::tcp()).await?.key.ok_or("no key")?.to_string();
//! let (gateway, keeping) = Gateway::connect(address) // such as "envoy.local"
//!     .pin(fingerprint.parse()?)                     // "sha256:6f5c..", the key that it must have
//!     .account(username, password)                   // of the Enphase app
//! #     .clouds(clouds)
//!     .open()
//!     .await?;
//! tokio::spawn(keeping);                             // renews the credentials
//! let snapshot = gateway.read().await?;
//! if let Some(production) = snapshot.readings.system_production {
//!     println!("{} now, {} today", production.watts_now, production.watt_hours_today);
//! }
//! for complaint in &snapshot.complaints {
//!     println!("{} could not be read: {}", complaint.endpoint, complaint.problem);
//! }
//! # assert!(snapshot.complaints.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! [`Connect`] says what else opens a gateway, [`reading`] what comes out of it, with source and
//! unit of each value. Errors are told by [`ErrorKind`], that is by what helps. [`Setup`] is the
//! long way, with every decision in it; [`Survey`] understands a gateway's answers without any I/O.

mod account;
mod auth;
mod cloud;
mod connect;
mod cookie;
pub mod counter;
mod endpoint;
mod equipment;
mod firmware;
mod gateway;
mod info;
mod network;
pub mod reading;
mod rounding;
mod sighting;
mod survey;
mod wire;

pub use account::Account;
pub use auth::{
    digest::default_password,
    session::{Session, session_name},
    token::{Claims, Role, Token, token_name},
};
pub use cloud::{
    Clouds, ENLIGHTEN_URL, ENTREZ_KEY, ENTREZ_URL,
    access::{cloud_name, forget_cloud},
    applicant::{Applicant, CodeAnswer, CodeWanted, Person},
    enlighten::CloudSession,
    gate::history_name,
    route::{Route, Routes},
};
pub use connect::Connect;
pub use endpoint::{Access, Endpoint, Facts, Format, Pace};
pub use equipment::{Build, Update, last_update};
pub use firmware::Firmware;
pub use gateway::{BetweenTurns, Gateway, Login, Setup, forget_login};
pub use hallpass_credential::{Clock, Error, ErrorKind, Result, Secret, store::Records};
pub use hallpass_transport::KeyPin;
pub use info::{Info, InfoError};
pub use network::Network;
pub use reading::Snapshot;
pub use sighting::{Lookout, Sighting, look};
#[cfg(feature = "test-kit")]
pub use survey::deserializes;
pub use survey::{Answer, Memory, Plan, Survey, Surveyed};

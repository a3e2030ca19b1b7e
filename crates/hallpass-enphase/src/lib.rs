//! The Enphase IQ Gateway ("Envoy", firmware 3 to 8) and its clouds: log in, stay logged in, read.
//!
//! ```text
//! Gateway::read, forward            what to ask (Survey) and what the answers mean (reading)
//!   Door                            digest user before firmware 7, session from then on
//!     Session <- Token <- CloudSession <- Account     a keeper each; see hallpass-credential
//!   Link                            one request at a time, one connection, pinned TLS
//! ```

mod account;
mod auth;
mod cloud;
mod cookie;
pub mod counter;
mod endpoint;
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
    enlighten::{CloudSession, history_name},
};
pub use endpoint::{Access, Endpoint, Facts, Format, Pace};
pub use firmware::Firmware;
pub use gateway::{BetweenTurns, Gateway, Login, Setup, cloud_name, forget_login};
pub use hallpass_credential::{Error, ErrorKind, Result};
pub use info::{Info, InfoError};
pub use network::Network;
pub use reading::Snapshot;
pub use sighting::{Sighting, look};
#[cfg(feature = "test-kit")]
pub use survey::deserializes;
pub use survey::{Answer, Memory, Plan, Survey, Surveyed};

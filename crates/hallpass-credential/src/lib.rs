//! A credential's life: obtained, kept, renewed, refused, stored. No network, no device.
//!
//! ```text
//!   Pass --asks--> keeper --runs--> Issuer --asks--> Pass (one floor down) ...
//!                    |
//!                  Store: what other processes must know
//! ```
//!
//! The nouns: an [`Issuer`] can obtain a credential; [`keep`] sets up the one task that runs it;
//! a [`Pass`] is a cheap handle to what is kept; [`store::Store`] is where it survives.
//! Every decision (is it still good, may we ask again, whose turn is it) is a pure function of a
//! record and `now`; time itself is a [`Clock`].
//!
//! ```
//! use std::sync::Arc;
//! use hallpass_credential::{
//!     Issue, Issued, Issuer, Keeping, Reason, Result, Secret, SystemClock, keep, sealed, store::Records,
//! };
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Words(#[serde(with = "sealed")] Secret);
//!
//! struct Doorman;
//!
//! impl Issuer for Doorman {
//!     type Credential = Words;
//!
//!     async fn issue(&mut self, _why: Reason) -> Issue<Words> {
//!         Ok(Issued { credential: Words("open sesame".into()), expires_at: None })
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! let keeping = Keeping::new(Records::in_memory(), Arc::new(SystemClock), "door");
//! let (pass, task) = keep(Doorman, keeping);
//! tokio::spawn(task);
//!
//! let held = pass.get().await?;
//! assert_eq!(held.generation, 1);
//! # Ok(())
//! # }
//! ```

pub mod budget;
mod clock;
mod error;
pub mod evidence;
pub mod jwt;
mod keeper;
mod line;
mod renewal;
mod secret;
pub mod store;
#[cfg(test)]
mod told;
mod validity;

pub use clock::{Clock, FastClock, SystemClock, Trust, Vouched, later};
pub use error::{Error, ErrorKind, Result};
pub use keeper::{
    Attempt, Held, Issue, Issued, Issuer, Keeping, Pass, Reason, Rest, adopt, forget, keep, pardon,
    peek, why_not_renewed,
};
pub use line::{Guard, Line, Patience, Rate, WAITING};
pub use renewal::{Renewal, retry_after};
pub use secret::{Secret, sealed};
pub use validity::{Age, Validity};

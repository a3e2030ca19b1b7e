//! See ARCHITECTURE.md.

mod endpoint;
mod firmware;
mod info;
pub mod reading;
mod rounding;
mod survey;
mod wire;

pub use endpoint::{Access, Endpoint, Facts, Format};
pub use firmware::Firmware;
pub use info::{Info, InfoError};
pub use reading::Snapshot;
pub use survey::{Answer, Plan, Survey};

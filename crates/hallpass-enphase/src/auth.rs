//! What opens a gateway: digest users before firmware 7, tokens and sessions from then on.

pub(crate) mod digest;
pub(crate) mod session;
pub(crate) mod token;

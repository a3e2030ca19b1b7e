//! The crate as its users see it.

mod bench;
mod broken_answers;
mod first_look;
mod logging_in;
mod recordings;
mod staying_in;

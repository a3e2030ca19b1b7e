//! The crate as its users see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod bench;
mod broken_answers;
mod broken_recordings;
mod connecting;
mod counting;
mod documents;
mod first_look;
mod impostors;
mod ladder;
mod logging_in;
mod logs;
mod moving;
mod one_time_codes;
mod recordings;
mod routes;
mod staying_in;
mod watching;

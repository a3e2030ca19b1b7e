//! The program as a person and a script use it, against the simulator. Every test ends with a
//! search of all output and of the state directory for every secret in play.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

mod bad_input;
mod demonstration;
mod doctor;
mod exec;
mod many_processes;
mod peer;
mod person;
mod record;
mod recordings;
mod routes;
mod scenario;
mod secrets;
mod simulator;
mod state;
mod terminal;
mod watch;
mod world;

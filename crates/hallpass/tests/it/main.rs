//! The program as a person and a script use it, against the simulator. Every test ends with a
//! search of all output and of the state directory for every secret in play.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

mod backups;
mod bad_input;
mod canaries;
mod crash;
mod demonstration;
mod discover;
mod doctor;
mod exec;
mod impostors;
mod io_errors;
mod kept;
mod keys;
mod kill;
mod many_processes;
mod peer;
mod person;
mod record;
mod recordings;
mod routes;
mod scenario;
mod secrets;
mod shutdown;
mod simulator;
mod state;
mod strace;
mod terminal;
mod watch;
mod world;

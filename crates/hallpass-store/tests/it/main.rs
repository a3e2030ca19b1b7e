//! The store as a program uses it: files, other processes, damage and sudden ends.

#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

mod crash;
mod damage;
mod files;
mod io_errors;
mod job;
mod power_cut;
mod rekey;
mod repair;
mod sharing;
mod step;
mod world;

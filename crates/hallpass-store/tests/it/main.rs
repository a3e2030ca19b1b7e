//! The store as a program uses it: files, other processes, damage and sudden ends.

mod crash;
mod damage;
mod files;
mod job;
mod rekey;
mod repair;
mod sharing;
mod world;

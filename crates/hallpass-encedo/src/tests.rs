//! The vectors of the reference, group by group.

mod carried;
mod login;
mod vectors;

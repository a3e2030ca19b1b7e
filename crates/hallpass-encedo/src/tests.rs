//! The vectors of the reference, group by group.

mod carried;
mod enrolled;
mod login;
mod phone;
mod signed;
mod vectors;

//! The crate as its users see it.

mod nonsense;
mod own_vectors;

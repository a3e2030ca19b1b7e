//! The crate as its users see it.

mod broken_answers;
mod recordings;

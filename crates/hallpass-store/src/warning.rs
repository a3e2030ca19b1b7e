//! What a person should know about the files, though the store opened.

use std::{fmt, path::PathBuf};

/// A file or directory lets others in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// It is part of the state directory, and closed to others now.
    WasOpen {
        /// Which one.
        path: PathBuf,
        /// Its permission bits before.
        mode: u32,
    },
    /// It is a key file that the person chose, and left as it is.
    ReadableByOthers {
        /// Which one.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WasOpen { path, mode } => {
                write!(
                    f,
                    "{} was open to other users (mode {mode:04o}), closed now",
                    path.display()
                )
            }
            Self::ReadableByOthers { path, mode } => {
                write!(f, "other users can read the key file {} (mode {mode:04o})", path.display())
            }
        }
    }
}

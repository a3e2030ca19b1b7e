//! A file with a token: this user's alone, whole at any moment, and gone when it is dropped.

use std::{
    fs::Permissions,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use hallpass_enphase::Token;
use tempfile::{NamedTempFile, TempDir};

use crate::hand_out::hand_out;

/// It stands in a directory of its own (0700), which ends with it.
pub(super) struct TokenFile {
    directory: TempDir,
}

impl TokenFile {
    /// A file below `parent` with the text of `token`, and no line end.
    pub(super) fn new(parent: &Path, token: &Token) -> io::Result<Self> {
        let private = Permissions::from_mode(0o700);
        let directory =
            tempfile::Builder::new().prefix("hallpass-").permissions(private).tempdir_in(parent)?;
        let file = Self { directory };
        file.put(token)?;
        Ok(file)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join("token")
    }

    /// Replaces the token. Who reads meanwhile reads the old one or the new one.
    pub(super) fn put(&self, token: &Token) -> io::Result<()> {
        // Made with mode 0600, see tempfile.
        let mut file = NamedTempFile::new_in(&self.directory)?;
        file.write_all(hand_out(token).as_bytes())?;
        file.persist(self.path())?;
        Ok(())
    }
}

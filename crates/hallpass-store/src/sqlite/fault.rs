//! SQLite's errors, told by what helps.

use hallpass_credential::store::{StoreError, StoreErrorKind};
use rusqlite::{Error, ErrorCode, ffi};

/// The store's error for an error of SQLite. Neither holds the values of a statement.
pub(crate) fn fault(error: Error) -> StoreError {
    let kind = kind(&error);
    let context = match kind {
        StoreErrorKind::Busy => "another process holds the state database",
        StoreErrorKind::Corrupt => "the state database is damaged, or no database of hallpass",
        StoreErrorKind::NotWritable => "the state database cannot be written",
        _ => "the state database failed",
    };
    StoreError::new(kind, context).with_source(error)
}

fn kind(error: &Error) -> StoreErrorKind {
    match error {
        Error::SqliteFailure(failure, _) => kind_of_failure(*failure),
        Error::InvalidColumnType(..)
        | Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Failed,
    }
}

fn kind_of_failure(failure: ffi::Error) -> StoreErrorKind {
    match failure.code {
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed => StoreErrorKind::Busy,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreErrorKind::Corrupt,
        ErrorCode::CannotOpen
        | ErrorCode::DiskFull
        | ErrorCode::PermissionDenied
        | ErrorCode::ReadOnly => StoreErrorKind::NotWritable,
        ErrorCode::SystemIoFailure if WRITING.contains(&failure.extended_code) => {
            StoreErrorKind::NotWritable
        }
        _ => StoreErrorKind::Failed,
    }
}

/// What fails when something is written: a full quota, a full disk for the index of the log, a
/// disk that is broken or turned read-only.
const WRITING: [i32; 8] = [
    ffi::SQLITE_IOERR_WRITE,
    ffi::SQLITE_IOERR_FSYNC,
    ffi::SQLITE_IOERR_DIR_FSYNC,
    ffi::SQLITE_IOERR_TRUNCATE,
    ffi::SQLITE_IOERR_DELETE,
    ffi::SQLITE_IOERR_SHMOPEN,
    ffi::SQLITE_IOERR_SHMSIZE,
    ffi::SQLITE_IOERR_SHMMAP,
];

//! What must survive a program's end: devices, credentials, pins, login attempts and the audit,
//! in one SQLite database in the state directory.
//!
//! ```
//! use std::sync::Arc;
//!
//! use hallpass_credential::store::Records;
//! use hallpass_store::{Directory, KeySource, SqliteStore};
//!
//! # let temporary = tempfile::tempdir()?;
//! # let state_directory = temporary.path();
//! let store = SqliteStore::open(state_directory, &KeySource::Generated)?;
//! for warning in store.warnings() {
//!     eprintln!("warning: {warning}");
//! }
//! let devices = Directory::new(Records::new(Arc::new(store)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Several processes
//!
//! A cron job may read beside a running daemon: SQLite's write-ahead log lets readers go on while
//! one process writes, writers take turns, and every update is one transaction. What a durable
//! [space](hallpass_credential::store::Space::is_durable) acknowledged survives a power cut.
//!
//! On a full disk a store that is open goes on in the room that its log has, where the log can be
//! written back; what finds no room there is [`NotWritable`] and leaves the record as it was.
//!
//! [`NotWritable`]: hallpass_credential::store::StoreErrorKind::NotWritable
//!
//! # Files
//!
//! | file in the state directory (0700) | holds |
//! |---|---|
//! | `hallpass.db` (0600), `-wal`, `-shm` | the database, SQLite's log and its index |
//! | `key` (0600) | the key of [`KeySource::Generated`]; two while the state is [re-keyed](SqliteStore::rekey) |
//! | `.new-*` | a file in the making; left behind only by a crash |
//! | `hallpass.db.damaged-*` | a damaged database that a person had moved aside |
//!
//! | table | columns |
//! |---|---|
//! | `record` | `space`, `name`, `body` (sealed) |
//! | `audit` | `id`, `at` (RFC 3339), `device`, `event`, `detail`: never a secret |
//! | `meta` | `name`, `value`; `key` is a sealed constant that tells a wrong key at once |
//!
//! `PRAGMA user_version` counts the migrations done. A database that is damaged, foreign, sealed
//! with another key or written by a newer hallpass is left as it is, to the byte.
//!
//! # What is protected against what
//!
//! Every body is sealed (ChaCha20-Poly1305) for its place, so it can be neither read nor changed
//! nor moved to another row without the key. A copy of the database alone tells serial numbers,
//! account names and the audit, but no secret, no address and no pin.
//!
//! Where the key is decides the rest, see [`KeySource`]: a key beside the database guards against
//! a database that is copied or sent somewhere, not against a copy of the whole directory.
//! Nothing here protects against the user's own programs or root, and an older copy of the
//! database that is put back is not noticed.

mod audit;
mod bundle;
mod device;
mod directory;
mod key;
mod rekey;
mod repair;
mod seal;
mod sqlite;
mod state_directory;
mod warning;

pub use audit::Event;
pub use bundle::{Bundle, BundleError};
pub use device::{Device, Kind, LastError, Name, NameError, Pin, Suspension};
pub use directory::{Directory, DirectoryError};
pub use key::KeySource;
pub use repair::set_damaged_aside;
pub use sqlite::SqliteStore;
pub use warning::Warning;

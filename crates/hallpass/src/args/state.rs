//! What `state export`, `state import` and `state rekey` take.

use std::path::{self, PathBuf};

use clap::{Args, Subcommand};
use hallpass_store::KeySource;

/// Carry everything to another machine, keep it for the day on which the key is lost, or change the key
///
/// For the first two, devices, pins, passwords, tokens, the history of logins and the audit go into one file, which is
/// sealed with a passphrase. Whoever has both can do what this machine can.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, after_help = STATE_EXAMPLES)]
pub(crate) struct State {
    #[command(subcommand)]
    pub(crate) action: StateAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StateAction {
    /// Write all of it to a new file
    ///
    /// At a terminal it asks for a passphrase, twice.
    Export {
        /// A file that does not exist yet
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Take all of it from such a file
    ///
    /// Devices, passwords and tokens that are here give way to those of the file: at a terminal it
    /// asks, elsewhere it needs --yes. Logins that are written down here stay so, and no budget
    /// grows. Exit code 3 where the passphrase is wrong.
    Import {
        /// A file that `export` has written
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Let what is here give way, without asking
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Seal all of it with another key
    ///
    /// The old key opens nothing from then on, and is removed where hallpass has made it. Programs
    /// that are running go on, unless they have their key from a file of yours: start those again.
    Rekey {
        /// Where the new key is to be: in a file of yours, which is made where it is not there; or
        /// beside the database (`generated`), or in the keyring of your session (`keyring`, where
        /// that is built in). Unless given: where it is now, if hallpass has made it
        #[arg(long, value_name = "FILE|generated|keyring", value_parser = key_place)]
        to: Option<KeySource>,
    },
}

/// Where a passphrase is, for who is not to be asked.
#[derive(Debug, Args)]
pub(crate) struct Passphrase {
    /// Read the passphrase from a file; one line end is cut
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Read the passphrase from standard input; one line end is cut
    #[arg(long, conflicts_with = "passphrase_file")]
    pub(crate) passphrase_stdin: bool,
}

fn key_place(text: &str) -> Result<KeySource, String> {
    match text {
        "" => Err("name a file".to_owned()),
        "generated" => Ok(KeySource::Generated),
        #[cfg(feature = "keyring")]
        "keyring" => Ok(KeySource::Keyring),
        #[cfg(not(feature = "keyring"))]
        "keyring" => Err("this hallpass is built without the feature `keyring`".to_owned()),
        // It is to be found from everywhere, afterwards.
        file => path::absolute(file).map(KeySource::File).map_err(|error| error.to_string()),
    }
}

const STATE_EXAMPLES: &str = "\
Examples:
  hallpass state export hallpass.state
  hallpass state import hallpass.state
  hallpass state rekey
  hallpass state rekey --to /etc/hallpass/key";

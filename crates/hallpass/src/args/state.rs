//! What `state export` and `state import` take.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Carry everything to another machine, or keep it for the day on which the key is lost
///
/// Devices, pins, passwords, tokens, the history of logins and the audit go into one file, which is
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

const STATE_EXAMPLES: &str = "\
Examples:
  hallpass state export hallpass.state
  hallpass state import hallpass.state";

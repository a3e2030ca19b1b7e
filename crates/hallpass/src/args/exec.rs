//! What `exec` takes.

use std::ffi::OsString;

use clap::Args;

/// Run a command with a token in a file
///
/// For programs that want to talk to the gateway themselves. The file is named by
/// HALLPASS_TOKEN_FILE, is readable by this user alone, has the new token whenever it is renewed, and
/// is removed when the command ends. Read it anew for each login. The exit code is that of the
/// command; 128 and the number of the signal that ended it; 126 or 127 where it cannot be started.
#[derive(Debug, Args)]
#[command(after_help = EXEC_EXAMPLES)]
pub(crate) struct Exec {
    /// Name or serial number of a known device, or a host with an optional port
    #[arg(value_name = "DEVICE")]
    pub(crate) device: String,
    /// The command with its arguments, after `--`
    #[arg(value_name = "CMD", last = true, required = true)]
    pub(crate) command: Vec<OsString>,
}

const EXEC_EXAMPLES: &str = "\
Examples:
  hallpass exec gateway -- ./collector --interval 60
  hallpass exec gateway -- sh -c 'exec prometheus-exporter --token-file \"$HALLPASS_TOKEN_FILE\"'";

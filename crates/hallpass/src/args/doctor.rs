//! What `doctor` takes.

use clap::Args;

/// Find out what is wrong, and what to do
///
/// Looks at the configuration, the state directory, its key and its database, and at what is known
/// of each device, and asks nobody. With a DEVICE, asks that one who it is, too, and compares its
/// key and its clock; never the cloud. The exit code is 1 where there is a problem.
#[derive(Debug, Args)]
#[command(after_help = DOCTOR_EXAMPLES)]
pub(crate) struct Doctor {
    /// Name, serial number or address of a known device, to ask it, too
    #[arg(value_name = "DEVICE")]
    pub(crate) device: Option<String>,
    /// Move a damaged database aside and begin with an empty one: each device must be logged in to
    /// again. Asks at a terminal, and needs --yes elsewhere. Changes nothing where nothing is damaged
    #[arg(long)]
    pub(crate) repair: bool,
    /// Repair without asking
    #[arg(long, requires = "repair")]
    pub(crate) yes: bool,
}

const DOCTOR_EXAMPLES: &str = "\
Examples:
  hallpass doctor
  hallpass doctor gateway
  hallpass doctor --repair";

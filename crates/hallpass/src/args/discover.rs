//! What `discover` takes.

use std::time::Duration;

use clap::Args;

use crate::duration;

/// Find the devices on this network
///
/// Listens for what gateways say of themselves (mDNS): serial number, firmware and address. Asks
/// none of them, and proves nothing: `login` does. Exit code 1 where none is heard. What is behind a
/// router is not heard, and is reached by its address all the same.
#[derive(Debug, Args)]
#[command(after_help = DISCOVER_EXAMPLES)]
pub(crate) struct Discover {
    /// How long to listen
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration::parse)]
    pub(crate) timeout: Duration,
}

const DISCOVER_EXAMPLES: &str = "\
Examples:
  hallpass discover
  hallpass discover --timeout 30s --json";

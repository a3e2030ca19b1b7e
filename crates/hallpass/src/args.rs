//! The command line as it is typed. What is meant by it is made of it in `cmd` and `access`.

mod doctor;
mod exec;
mod state;

use std::{path::PathBuf, time::Duration};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use hallpass_enphase::Firmware;
use hallpass_store::Name;
use hallpass_transport::KeyPin;
use http::Method;

use crate::{duration, watch};

pub(crate) use doctor::Doctor;
pub(crate) use exec::Exec;
pub(crate) use state::{Passphrase, State, StateAction};

/// Reads the command line of this process.
///
/// # Errors
/// Also where the person asked for `--help` or `--version`.
pub(crate) fn parse() -> Result<Args, clap::Error> {
    Args::try_parse()
}

/// Logs programs in to the devices on their own network, and keeps them logged in
///
/// hallpass logs in to a device once, with a person's help, and from then on every program on the
/// machine has access: tokens and sessions are renewed by themselves, no program ever sees a
/// password, and no secret leaves before the device has proven its identity.
///
/// It knows the Enphase IQ Gateway ("Envoy") of firmware 3 to 8.
#[derive(Debug, Parser)]
#[command(name = "hallpass", version, after_help = AFTER_HELP, max_term_width = 100)]
#[command(disable_help_subcommand = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Where devices, credentials and pins are kept
    ///
    /// Otherwise $STATE_DIRECTORY, or $XDG_STATE_HOME/hallpass, or ~/.local/state/hallpass.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
    /// The configuration file
    ///
    /// Otherwise $XDG_CONFIG_HOME/hallpass/config.toml, or ~/.config/hallpass/config.toml, or
    /// /etc/hallpass/config.toml; it need not exist. Every key can also be given as an environment
    /// variable HALLPASS_SECTION__KEY.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON: one document, or one line for each event
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more on standard error; -vv and -vvv say still more. Never a secret
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(Demo),
    Login(Login),
    Logout(Logout),
    Status(Status),
    Token(Token),
    Exec(Exec),
    Get(Get),
    Read(Read),
    Record(Record),
    Watch(Watch),
    Trust(Trust),
    Doctor(Doctor),
    State(State),
    Sim(Sim),
    Completions(Completions),
    Man(Man),
    /// Print the JSON schema of the configuration file
    #[command(hide = true)]
    ConfigSchema,
}

/// See everything at work without any hardware
///
/// Starts a simulated gateway and simulated clouds on this machine, logs in to them and shows live
/// readings. Time runs 60 times faster, so that the readings move. Prints the addresses, so that
/// other commands and programs can be pointed at the simulation. Leaves nothing behind.
#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    /// End after so long, as in 10s; otherwise on Ctrl-C
    #[arg(long = "for", value_name = "DURATION", value_parser = duration::parse)]
    pub(crate) length: Option<Duration>,
}

/// Log in to a device, once
///
/// At a terminal it asks for what is missing: whether to trust the device, the user name, the
/// password, and the one-time code where the account wants one. Elsewhere everything comes from
/// options.
///
/// From firmware 7 on a gateway wants a token, which Enphase's cloud gives for the account that you
/// use in their app; the token is good for a year and renewed by itself. On older firmware hallpass
/// computes the password of the user `envoy` itself: no account is needed.
#[derive(Debug, ClapArgs)]
#[command(after_help = LOGIN_EXAMPLES)]
pub(crate) struct Login {
    /// A host name or address with an optional port; or the name or serial number of a device that
    /// is known already
    #[arg(value_name = "DEVICE")]
    pub(crate) device: String,
    /// What to call the device from now on; `gateway` unless given
    #[arg(long)]
    pub(crate) name: Option<Name>,
    /// What family of devices it is of
    #[arg(long, value_enum, default_value_t = Kind::Enphase)]
    pub(crate) kind: Kind,
    /// Do not keep the password: when the token ends, a person must log in again
    #[arg(long)]
    pub(crate) no_store: bool,
    #[command(flatten)]
    pub(crate) with: With,
}

/// What a login needs; `login` takes it, and each one-shot command.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Logging in")]
pub(crate) struct With {
    /// The user name at Enphase's cloud (an e-mail address); before firmware 7 the user of the
    /// gateway: `envoy` or `installer`, whose passwords are computed unless given
    #[arg(long, value_name = "USER")]
    pub(crate) username: Option<String>,
    /// Read the password from a file; one line end is cut
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Read the password from standard input; one line end is cut
    #[arg(long, conflicts_with = "password_file")]
    pub(crate) password_stdin: bool,
    /// Read a token from a file, instead of obtaining one with an account
    #[arg(long, value_name = "FILE", conflicts_with_all = PASSWORD)]
    pub(crate) token_file: Option<PathBuf>,
    /// Read a token from standard input; line breaks in it do no harm
    #[arg(long, conflicts_with_all = PASSWORD, conflicts_with = "token_file")]
    pub(crate) token_stdin: bool,
    /// How to come by a token, now and when it is renewed; otherwise what is kept of the last
    /// login, or each in turn: the form only where the other ways are gone
    #[arg(long, value_enum)]
    pub(crate) route: Option<Route>,
    /// The role that the token should have, which chooses the route unless one is given; another
    /// role is a warning
    #[arg(long, value_enum)]
    pub(crate) role: Option<Role>,
    /// Trust the device if its certificate has this key, which you know from elsewhere
    #[arg(long, value_name = "sha256:HEX", value_parser = pin)]
    pub(crate) pin: Option<KeyPin>,
    /// Trust a device that was never met before, whoever it is. Never replaces a pin that is known
    #[arg(long, conflicts_with = "pin")]
    pub(crate) trust_new: bool,
}

const PASSWORD: [&str; 2] = ["password_file", "password_stdin"];

/// The families of devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// The Enphase IQ Gateway
    Enphase,
}

/// The ways to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Route {
    /// Log in at Enlighten, fetch the token from Entrez. An owner's, for a year; for accounts of
    /// installers an installer's, for 12 hours
    Tokens,
    /// Log in at Enlighten, fetch the same token from there: for when Entrez does not work
    EntrezAuthToken,
    /// Log in at the web page of Entrez. An installer's, for 12 hours, also for owners who have set
    /// up their plant themselves
    EntrezForm,
    /// A token that you copied in your browser from https://entrez.enphaseenergy.com
    Paste,
}

/// The roles that a gateway's token can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Reads everything that `hallpass read` shows; good for a year
    Owner,
    /// Reaches the settings of an installer too; good for 12 hours, and renewed as often
    Installer,
}

/// Forget what opens a device
///
/// Deletes the stored token and session, and the password when no other device needs it. The
/// device keeps its name and its pin, so that the next login knows it again.
#[derive(Debug, ClapArgs)]
pub(crate) struct Logout {
    /// Name, serial number or address of a known device
    #[arg(value_name = "DEVICE")]
    pub(crate) device: String,
    /// Forget the device itself too: its name, its address and its pin
    #[arg(long)]
    pub(crate) forget: bool,
}

/// Show how the devices stand
///
/// Asks each device whether it is there, and never the cloud. The exit code is that of the worst
/// device: 0 all is well, 3 a person must log in, 4 unreachable, 7 its identity changed.
#[derive(Debug, ClapArgs)]
pub(crate) struct Status {
    /// Name, serial number or address of a known device; all of them unless given
    #[arg(value_name = "DEVICE")]
    pub(crate) device: Option<String>,
}

/// Print a token that is valid now
///
/// For programs that want to talk to the gateway themselves. Anyone who has the token has access
/// until it ends: keep it out of logs and command lines.
#[derive(Debug, ClapArgs)]
#[command(after_help = TOKEN_EXAMPLES)]
pub(crate) struct Token {
    /// Name or serial number of a known device, or a host with an optional port
    #[arg(value_name = "DEVICE")]
    pub(crate) device: String,
    /// Print what the token says of itself, instead of the token: role, user, times, and whether
    /// its signature is right
    #[arg(long)]
    pub(crate) claims: bool,
    /// Print it as a header line: `Authorization: Bearer ...`
    #[arg(long, conflicts_with = "claims")]
    pub(crate) header: bool,
    /// The token must be valid at least so long; it is renewed when it is not
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration::parse)]
    pub(crate) min_life: Duration,
    #[command(flatten)]
    pub(crate) with: With,
}

/// Send a request to a device, logged in
///
/// Prints the body of the answer, whatever its status. Exit code 0 for a status of 2xx, 6 for 401
/// and 403, else 1. What is not a GET may change the device: it is confirmed at a terminal, needs
/// --yes elsewhere, and is never repeated.
#[derive(Debug, ClapArgs)]
#[command(after_help = GET_EXAMPLES)]
pub(crate) struct Get {
    /// Name or serial number of a known device, or a host with an optional port
    #[arg(value_name = "DEVICE")]
    pub(crate) device: String,
    /// The path with its query, as in /ivp/meters/readings
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// The method; GET, or POST where there is a body
    #[arg(short = 'X', long, value_name = "METHOD", value_parser = method)]
    pub(crate) method: Option<Method>,
    /// The body to send
    #[arg(short = 'd', long = "data", value_name = "BODY")]
    pub(crate) body: Option<String>,
    /// Print the status and the headers before the body
    #[arg(short, long)]
    pub(crate) include: bool,
    /// Write the body to a file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Send what is not a GET without asking
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) with: With,
}

/// Read what a device measures, once
///
/// Shows production, consumption, the grid, CT meters, batteries, controllers, the generator and
/// inverters. A gateway that answers some questions only is read as far as it answers; what is
/// missing is said last.
#[derive(Debug, ClapArgs)]
#[command(after_help = READ_EXAMPLES)]
pub(crate) struct Read {
    /// Name or serial number of a known device, or a host with an optional port
    #[arg(value_name = "DEVICE")]
    pub(crate) device: String,
    /// Print this one value of the readings bare, as in system_production.watts_now; exit code 1
    /// where it is missing. interface_settings, which takes the gateway seconds, is read only so
    #[arg(value_name = "FIELD")]
    pub(crate) field: Option<String>,
    #[command(flatten)]
    pub(crate) with: With,
}

/// Watch what a device measures
///
/// Reads it at once and from then on, and prints the readings whenever they changed: one line of
/// JSON each, as `read --json` prints it; at a terminal a table that stays in its place. Ends on
/// Ctrl-C. A gateway that is away is waited for.
#[derive(Debug, ClapArgs)]
#[command(after_help = WATCH_EXAMPLES)]
pub(crate) struct Watch {
    /// Name or serial number of a known device, or a host with an optional port
    #[arg(value_name = "DEVICE")]
    pub(crate) device: String,
    /// How often to read, from 10s; less often where the gateway does not bear it
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = interval)]
    pub(crate) every: Duration,
    /// Print each reading, changed or not
    #[arg(long)]
    pub(crate) all: bool,
    /// Read only while the sun is up at this place: degrees, north and east positive
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub(crate) daylight: Option<watch::Place>,
}

/// Record what a gateway answers, without what tells whose it is
///
/// For reporting a firmware that hallpass does not read right. Asks every endpoint that is known,
/// one after the other, which takes a minute or two and changes nothing. Serial numbers, addresses
/// and names are replaced by made-up ones, what was measured is kept. `hallpass sim --recording`
/// plays it.
#[derive(Debug, ClapArgs)]
#[command(after_help = RECORD_EXAMPLES)]
pub(crate) struct Record {
    /// Name or serial number of a known device, or a host with an optional port
    #[arg(value_name = "DEVICE")]
    pub(crate) device: String,
    /// Where to write it: a directory that is empty or does not exist yet
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
    #[command(flatten)]
    pub(crate) with: With,
}

/// Show or change which devices are trusted
///
/// A device is known by the public key of its certificate (its pin), or by its serial number where
/// it has no certificate. Nothing secret is sent to a device that does not show it.
#[derive(Debug, ClapArgs)]
#[command(arg_required_else_help = true)]
pub(crate) struct Trust {
    #[command(subcommand)]
    pub(crate) action: TrustAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TrustAction {
    /// Show what a device is known by, and what it shows now
    Show {
        /// Name, serial number or address of a known device
        #[arg(value_name = "DEVICE")]
        device: String,
    },
    /// Trust the key that a device shows now, in place of the one that is known
    ///
    /// For a gateway that was replaced or got a new certificate. At a terminal it asks; elsewhere
    /// it needs --pin or --yes.
    Accept {
        /// Name, serial number or address of a known device
        #[arg(value_name = "DEVICE")]
        device: String,
        /// The key to trust, if it is the one that the device shows
        #[arg(long, value_name = "sha256:HEX", value_parser = pin)]
        pin: Option<KeyPin>,
        /// Trust whatever the device shows, without asking
        #[arg(long, conflicts_with = "pin")]
        yes: bool,
    },
    /// Forget a device and what it is known by, so that the next contact is a first contact
    Forget {
        /// Name, serial number or address of a known device
        #[arg(value_name = "DEVICE")]
        device: String,
    },
}

/// Simulate gateways and clouds on this machine
///
/// Serves until Ctrl-C. Made for hallpass and for any other client of an IQ Gateway: prints the
/// addresses, an account and a serial number, and, under --json, one line with all of them.
#[derive(Debug, ClapArgs)]
#[command(after_help = SIM_EXAMPLES, after_long_help = sim_help())]
pub(crate) struct Sim {
    /// Simulate a gateway of this firmware; can be repeated. 7.6.175 unless given
    #[arg(long, value_name = "V", value_parser = firmware)]
    pub(crate) firmware: Vec<String>,
    /// Play a directory of recorded answers, byte for byte; can be repeated
    #[arg(long, value_name = "DIR")]
    pub(crate) recording: Vec<PathBuf>,
    /// Switch a fault on from the start; can be repeated. `hallpass sim --help` lists them
    #[arg(long, value_name = "NAME[=ARGS]")]
    pub(crate) fault: Vec<String>,
    /// Play a scenario: a file with a timeline of faults and what must come of them. Ends with it:
    /// exit code 0 where everything was kept, else 1
    #[arg(long, value_name = "FILE", conflicts_with_all = ["firmware", "recording", "fault", "seed"])]
    pub(crate) scenario: Option<PathBuf>,
    /// Decides the weather, the house, the serial numbers and the password
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many simulated seconds pass in one
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// The port of the first gateway, the next ones follow; free ones unless given
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
}

/// Print the completions for a shell
#[derive(Debug, ClapArgs)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct Completions {
    /// Which shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// Print the manual page, in roff
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: hallpass man read | man -l -")]
pub(crate) struct Man {
    /// The command to explain; all of hallpass unless given
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

fn pin(text: &str) -> Result<KeyPin, String> {
    text.parse().map_err(|_| "a pin is `sha256:` and 64 hexadecimal digits".to_owned())
}

fn interval(text: &str) -> Result<Duration, String> {
    let interval = duration::parse(text)?;
    if interval < watch::LEAST {
        return Err(format!("`{text}` is too often: from 10s on"));
    }
    Ok(interval)
}

fn method(text: &str) -> Result<Method, String> {
    text.to_uppercase().parse().map_err(|_| format!("`{text}` is no method"))
}

fn firmware(text: &str) -> Result<String, String> {
    let version = Firmware::parse(text).map(|_| text.to_owned());
    version.ok_or_else(|| format!("`{text}` is no firmware: write a version, as in 7.6.175"))
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok().filter(|speed| speed.is_finite() && *speed > 0.0);
    speed.ok_or_else(|| format!("`{text}` is no speed: write a number above 0"))
}

fn sim_help() -> String {
    let mut help = format!("{SIM_EXAMPLES}\n\nFaults:\n");
    for fault in hallpass_sim::faults() {
        let name = format!("{} {}", fault.name, fault.arguments);
        help.push_str(&format!("  {}\n      {}\n", name.trim_end(), fault.summary));
    }
    help
}

const AFTER_HELP: &str = "\
Try it:
  hallpass demo                      no hardware needed
  hallpass login 192.168.1.20        once
  hallpass read gateway              from then on

Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 a person must log in, 4 device
unreachable, 5 cloud unreachable, 6 forbidden for this role, 7 the device's identity changed";

const LOGIN_EXAMPLES: &str = "\
Examples:
  hallpass login 192.168.1.20
  hallpass login envoy.local --name roof --username me@example.org --password-file secret --trust-new
  hallpass login roof --token-stdin < token";

const TOKEN_EXAMPLES: &str = "\
Examples:
  hallpass token gateway --claims
  hallpass token gateway --min-life 1d > token";

const GET_EXAMPLES: &str = "\
Examples:
  hallpass get gateway /production.json
  hallpass get gateway /ivp/meters -i
  hallpass get gateway /ivp/peb/devstatus -X PUT -d '{}'";

const READ_EXAMPLES: &str = "\
Examples:
  hallpass read gateway
  hallpass read gateway --json
  hallpass read gateway system_production.watts_now
  hallpass read 192.168.1.20 --token-file token --trust-new";

const WATCH_EXAMPLES: &str = "\
Examples:
  hallpass watch gateway
  hallpass watch gateway --every 5m >> readings.jsonl
  hallpass watch gateway --daylight 52.52,13.40 | mosquitto_pub -t solar -l";

const RECORD_EXAMPLES: &str = "\
Examples:
  hallpass record gateway my-gateway
  hallpass sim --recording my-gateway";

const SIM_EXAMPLES: &str = "\
Examples:
  hallpass sim
  hallpass sim --firmware 5.0.62 --firmware 8.2.4264 --json
  hallpass sim --fault reboot_503 --fault 'slow=by=5s'
  hallpass sim --scenario g2_reboot.txt --speed 10";

const COMPLETIONS_EXAMPLES: &str = "\
Example: hallpass completions bash > ~/.local/share/bash-completion/completions/hallpass";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_argument_is_documented() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {}",
                    command.get_name(),
                    argument.get_id()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&Args::command());
    }
}

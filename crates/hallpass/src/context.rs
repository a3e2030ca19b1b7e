//! Where the program stands: the one place that reads the environment, and what is made of it.

use std::{
    env, fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result};
use hallpass_credential::{Clock, Patience, Rate, SystemClock};
use hallpass_enphase::{BetweenTurns, Clouds, Network};
use hallpass_store::KeySource;
use hallpass_transport::{Connector, Limits, Proxies, ProxyConnector, TcpConnector};

use crate::{args::Global, config::Config, output::Output, problem::Problem, state::State};

/// What the process was started with, besides its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    pub(crate) terminals: Terminals,
    home: Option<PathBuf>,
    xdg_config_home: Option<PathBuf>,
    xdg_state_home: Option<PathBuf>,
    /// Of systemd: made and owned for this service.
    state_directory: Option<PathBuf>,
    /// Of systemd: one file for each credential.
    credentials_directory: Option<PathBuf>,
    /// For files that end with the process: in memory and this user's alone, where there is such.
    pub(crate) runtime_directory: PathBuf,
    key_file: Option<PathBuf>,
    password_file: Option<PathBuf>,
    proxies: Proxies,
    /// The variables `HALLPASS_SECTION__KEY`.
    overlay: Vec<(String, String)>,
}

/// Which of the three streams are a terminal.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Terminals {
    pub(crate) stdin: bool,
    pub(crate) stdout: bool,
    pub(crate) stderr: bool,
}

impl Terminals {
    /// Whether a person can be asked something.
    pub(crate) fn can_ask(self) -> bool {
        self.stdin && self.stderr
    }

    /// Whether a person runs this by hand (budget B3).
    pub(crate) fn by_hand(self) -> bool {
        self.stdin || self.stdout
    }
}

impl Environment {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(crate) fn of_process() -> Self {
        let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let text = |names: [&str; 2]| names.iter().find_map(|name| env::var(name).ok());
        let overlay = env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok().filter(|name| is_overlay(name))?;
            Some((name, value.to_string_lossy().into_owned()))
        });
        Self {
            terminals: Terminals {
                stdin: io::stdin().is_terminal(),
                stdout: io::stdout().is_terminal(),
                stderr: io::stderr().is_terminal(),
            },
            home: path("HOME"),
            xdg_config_home: path("XDG_CONFIG_HOME"),
            xdg_state_home: path("XDG_STATE_HOME"),
            // Several are separated by colons; the first is as good as any.
            state_directory: path("STATE_DIRECTORY")
                .and_then(|paths| env::split_paths(&paths).next()),
            credentials_directory: path("CREDENTIALS_DIRECTORY"),
            runtime_directory: absolute(path("XDG_RUNTIME_DIR").as_ref())
                .unwrap_or_else(env::temp_dir),
            key_file: path("HALLPASS_KEY_FILE"),
            password_file: path("HALLPASS_PASSWORD_FILE"),
            proxies: Proxies {
                https_proxy: text(["HTTPS_PROXY", "https_proxy"]).unwrap_or_default(),
                no_proxy: text(["NO_PROXY", "no_proxy"]).unwrap_or_default(),
            },
            overlay: overlay.collect(),
        }
    }

    /// The configuration file that is read; none where there is none.
    pub(crate) fn config_file(&self, typed: Option<&Path>) -> Option<PathBuf> {
        typed.map(Path::to_owned).or_else(|| {
            let homes = [self.config_home(), Some(PathBuf::from("/etc"))];
            let mut files = homes.into_iter().flatten().map(|home| home.join(CONFIG_FILE));
            files.find(|file| file.exists())
        })
    }

    pub(crate) fn config(&self, typed: Option<&Path>) -> Result<Config> {
        let Some(path) = self.config_file(typed) else {
            return Config::parse("", "", &self.overlay);
        };
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).with_context(|| {
            Problem::usage(format!("the configuration {name} cannot be read"))
                .hint("give a file that is there and readable with --config, or none")
        })?;
        Config::parse(&text, &name, &self.overlay)
    }

    fn config_home(&self) -> Option<PathBuf> {
        let home = || Some(self.home.as_ref()?.join(".config"));
        absolute(self.xdg_config_home.as_ref()).or_else(home)
    }

    pub(crate) fn state_directory(&self, typed: Option<&Path>) -> Result<PathBuf> {
        let of_home = || Some(self.home.as_ref()?.join(".local/state"));
        let shared = || absolute(self.xdg_state_home.as_ref()).or_else(of_home);
        let own = typed.map(Path::to_owned).or_else(|| self.state_directory.clone());
        own.or_else(|| Some(shared()?.join("hallpass"))).ok_or_else(|| {
            Problem::usage("there is no home directory to keep devices and credentials in")
                .hint("say where with --state-dir")
                .into()
        })
    }

    pub(crate) fn key(&self) -> KeySource {
        let credential = self.credentials_directory.as_ref().map(|dir| dir.join(KEY_CREDENTIAL));
        let chosen = self.key_file.clone().or_else(|| credential.filter(|file| file.exists()));
        chosen.map_or(KeySource::Generated, KeySource::File)
    }

    /// Who chose the key, in a word for a person.
    pub(crate) fn key_origin(&self) -> &'static str {
        match self.key() {
            KeySource::Generated => "generated",
            _ if self.key_file.is_some() => "HALLPASS_KEY_FILE",
            _ => "a credential of systemd",
        }
    }

    /// Where the password is, for who gave none otherwise.
    fn password_file(&self) -> Option<PathBuf> {
        let credential = self.credentials_directory.as_ref();
        let credential = credential.map(|directory| directory.join(PASSWORD_CREDENTIAL));
        self.password_file.clone().or_else(|| credential.filter(|file| file.exists()))
    }
}

/// Everything that a command works with.
pub(crate) struct Context {
    pub(crate) output: Output,
    pub(crate) terminals: Terminals,
    pub(crate) state: State,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) network: Network,
    pub(crate) clouds: Clouds,
    pub(crate) rate: Rate,
    /// That of programs, which a command becomes that goes on.
    lasting_rate: Rate,
    pub(crate) patience: Patience,
    pub(crate) between_turns: BetweenTurns,
    /// A password that is there without being asked for.
    pub(crate) password_file: Option<PathBuf>,
}

impl Context {
    /// The context of a person's own devices.
    pub(crate) fn new(typed: &Global, environment: &Environment, output: Output) -> Result<Self> {
        if !cfg!(target_os = "linux") {
            return Err(Problem::usage("hallpass runs on Linux only, for now").into());
        }
        let config = environment.config(typed.config.as_deref())?;
        let directory = environment.state_directory(typed.state_dir.as_deref())?;
        tracing::debug!(directory = %directory.display(), "opening the state");
        let state = State::open(&directory, &environment.key(), &output)?;
        let clock = Arc::new(SystemClock);
        let password_file = environment.password_file();
        let connector = cloud_connector(&environment.proxies);
        let mut context =
            Self::assemble(output, environment.terminals, state, clock, &config, connector)?;
        context.password_file = password_file;
        Ok(context)
    }

    /// The context of a world that runs by `clock`, without anything of the environment.
    pub(crate) fn assemble(
        output: Output,
        terminals: Terminals,
        state: State,
        clock: Arc<dyn Clock>,
        config: &Config,
        to_clouds: Arc<dyn Connector>,
    ) -> Result<Self> {
        let by_hand = terminals.by_hand();
        let usual_rate = if by_hand { Rate::BY_HAND } else { Rate::UNATTENDED };
        Ok(Self {
            output,
            terminals,
            state,
            clock,
            network: Network::tcp(),
            clouds: clouds(config, to_clouds)?,
            rate: config.rate.unwrap_or(usual_rate),
            lasting_rate: config.rate.unwrap_or(Rate::UNATTENDED),
            patience: if by_hand { PATIENCE_OF_A_PERSON } else { PATIENCE },
            // A command is over after its turn; others are waiting for theirs.
            between_turns: BetweenTurns::CloseConnection,
            password_file: None,
        })
    }

    /// The same for a command that goes on until it is ended: a program like any other, even when a
    /// person has started it (B3).
    pub(crate) fn lasting(self) -> Self {
        let (rate, patience) = (self.lasting_rate, PATIENCE);
        Self { rate, patience, between_turns: BetweenTurns::KeepConnection, ..self }
    }
}

fn clouds(config: &Config, connector: Arc<dyn Connector>) -> Result<Clouds> {
    let mut clouds = Clouds::public(connector)?;
    clouds.limits = Limits::CLOUD;
    clouds.enlighten = config.enlighten.clone().unwrap_or(clouds.enlighten);
    clouds.entrez = config.entrez.clone().unwrap_or(clouds.entrez);
    clouds.keys.extend(config.entrez_keys.iter().cloned());
    Ok(clouds)
}

/// A proxy is never asked for this machine.
fn cloud_connector(proxies: &Proxies) -> Arc<dyn Connector> {
    if proxies.https_proxy.is_empty() {
        return Arc::new(TcpConnector);
    }
    let no_proxy = format!("{LOOPBACK},{}", proxies.no_proxy);
    let proxies = Proxies { no_proxy, ..proxies.clone() };
    Arc::new(ProxyConnector::new(&proxies, Arc::new(TcpConnector)))
}

fn is_overlay(name: &str) -> bool {
    name.strip_prefix("HALLPASS_").is_some_and(|key| key.contains("__"))
}

/// The XDG specification wants relative paths ignored.
fn absolute(path: Option<&PathBuf>) -> Option<PathBuf> {
    path.filter(|path| path.is_absolute()).cloned()
}

const CONFIG_FILE: &str = "hallpass/config.toml";
const KEY_CREDENTIAL: &str = "hallpass-key";
const PASSWORD_CREDENTIAL: &str = "hallpass-password";
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// How long a command waits for a budget or another process.
const PATIENCE: Patience = Patience(Duration::from_secs(30));
const PATIENCE_OF_A_PERSON: Patience = Patience(Duration::from_secs(60));

#[cfg(test)]
mod tests;

//! A simulated world on loopback, a state directory, and the program run in them.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use hallpass_sim::{Counters, Description, GatewayDescription, GatewayOptions, Options, Sim};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::canaries::Scanner;

pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) description: Description,
    pub(crate) directory: TempDir,
    /// Serves the world until the test ends.
    _runtime: Runtime,
    secrets: RefCell<Vec<String>>,
    outcomes: RefCell<Vec<Outcome>>,
    settings: RefCell<BTreeMap<String, String>>,
}

/// What a run of the program left.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) command: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Whether its standard output is a secret that was asked for.
    hands_out: bool,
}

impl Outcome {
    /// The run must have ended so.
    #[track_caller]
    pub(crate) fn code(self, expect: i32) -> Self {
        assert_eq!(self.code, Some(expect), "{self}");
        if expect != 0 {
            assert!(self.stderr.contains("hint: "), "no hint: {self}");
        }
        self
    }

    /// Its standard error must mention this.
    #[track_caller]
    pub(crate) fn says(self, expect: &str) -> Self {
        assert!(self.stderr.contains(expect), "does not say {expect:?}: {self}");
        self
    }

    /// Its standard output, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { command, code, stdout, stderr, .. } = self;
        write!(f, "{command}\n  exit {code:?}\n  stdout: {stdout}\n  stderr: {stderr}")
    }
}

impl World {
    /// A world with one gateway of each firmware.
    pub(crate) fn new(firmwares: &[&str]) -> Self {
        let gateways =
            firmwares.iter().map(|firmware| GatewayOptions::firmware(firmware)).collect();
        Self::with(Options { gateways, ..Options::default() })
    }

    pub(crate) fn with(options: Options) -> Self {
        let sim = Sim::new(options).unwrap();
        let runtime = Runtime::new().unwrap();
        let running = runtime.block_on(sim.listen()).unwrap();
        let description = running.description().clone();
        runtime.spawn(running.run());
        let secrets = RefCell::new(vec![description.account.password.clone()]);
        let directory = TempDir::new().unwrap();
        fs::create_dir(directory.path().join("temporary")).unwrap();
        let settings = RefCell::default();
        let outcomes = RefCell::default();
        Self { sim, description, directory, _runtime: runtime, secrets, outcomes, settings }
    }

    pub(crate) fn gateway(&self, index: usize) -> &GatewayDescription {
        &self.description.gateways[index]
    }

    pub(crate) fn host(&self) -> &str {
        &self.gateway(0).host
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    /// Where the program puts temporary files.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.directory.path().join("temporary")
    }

    /// Sets a variable of the environment for all runs from now on.
    pub(crate) fn set(&self, name: &str, value: &str) {
        self.settings.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    /// Lets the program ask as often as it likes, in tests of other things.
    pub(crate) fn lift_rate(&self) {
        self.set("HALLPASS_GATEWAY__REQUESTS_PER_MINUTE", "100000");
        self.set("HALLPASS_GATEWAY__BURST", "100000");
    }

    /// A secret that is searched for at the end, too.
    pub(crate) fn secret(&self, text: &str) -> String {
        self.secrets.borrow_mut().push(text.trim().to_owned());
        text.to_owned()
    }

    /// A file of mode 0600 with a secret, which is searched for at the end.
    pub(crate) fn secret_file(&self, name: &str, secret: &str) -> String {
        self.secrets.borrow_mut().push(secret.trim().to_owned());
        let path = self.directory.path().join(name);
        let mut file = fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .unwrap();
        file.write_all(secret.as_bytes()).unwrap();
        path.display().to_string()
    }

    /// The account's password in a file.
    pub(crate) fn password_file(&self) -> String {
        self.secret_file("password", &self.description.account.password)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
        command.env_clear().env("HOME", self.directory.path()).envs(&self.description.env);
        command.env("TMPDIR", self.temporary());
        command.envs(&*self.settings.borrow());
        command.arg("--state-dir").arg(self.state()).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program with its most talkative log.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let mut talkative = arguments.to_vec();
        talkative.push("-vvv");
        self.note(&talkative, self.command(&talkative).output().unwrap())
    }

    /// Runs the program with something on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        let child = self.spawn_with_input(arguments);
        self.finish(arguments, child, input)
    }

    /// Starts the program; its standard input is still open.
    pub(crate) fn spawn_with_input(&self, arguments: &[&str]) -> Child {
        self.command(arguments).arg("-vvv").stdin(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn finish(&self, arguments: &[&str], mut child: Child, input: &str) -> Outcome {
        // The program may end without reading all of it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        self.note(arguments, child.wait_with_output().unwrap())
    }

    /// Keeps what a run left, to be searched at the end.
    pub(crate) fn note(&self, arguments: &[&str], output: Output) -> Outcome {
        let outcome = Outcome {
            command: format!("hallpass {}", arguments.join(" ")),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            // The simulator's account opens nothing; whoever starts one wants to see it.
            hands_out: matches!(arguments.first(), Some(&("token" | "sim" | "demo"))),
        };
        self.outcomes.borrow_mut().push(outcome.clone());
        outcome
    }

    /// Logs the first gateway in, as `roof`.
    pub(crate) fn log_in(&self) {
        let password = self.password_file();
        let username = self.description.account.username.clone();
        let login = ["login", self.host(), "--name", "roof", "--username", &username];
        let login = [&login[..], &["--password-file", &password, "--trust-new"]].concat();
        self.run(&login).code(0);
    }

    pub(crate) fn counters(&self) -> Counters {
        self.sim.control().counters()
    }

    pub(crate) fn fault(&self, name: &str, arguments: Value) {
        self.sim.control().set_fault(name, &arguments).unwrap();
    }

    pub(crate) fn event(&self, name: &str) {
        self.sim.control().event(name, &serde_json::json!({})).unwrap();
    }

    /// Every secret in play: those that were given or handed out, and those that the simulator
    /// knows of.
    pub(crate) fn secrets(&self) -> Vec<(String, String)> {
        let given =
            self.secrets.borrow().clone().into_iter().map(|it| ("given secret".to_owned(), it));
        let handed_out = tokens_of(&self.outcomes.borrow());
        let handed_out = handed_out.into_iter().map(|it| ("token".to_owned(), it));
        let simulated = self.sim.control().secrets();
        let simulated = simulated.into_iter().map(|(what, text)| (what.to_owned(), text));
        given.chain(handed_out).chain(simulated).collect()
    }

    /// Everything that was printed, and everything in the state directory and among temporary files.
    pub(crate) fn places(&self) -> Vec<(String, Vec<u8>)> {
        let mut places: Vec<(String, Vec<u8>)> = Vec::new();
        for Outcome { command, stdout, stderr, hands_out, .. } in self.outcomes.borrow().iter() {
            if !hands_out {
                places.push((format!("{command} (stdout)"), stdout.clone().into()));
            }
            places.push((format!("{command} (stderr)"), stderr.clone().into()));
        }
        // The key itself is what everything else is sealed with.
        let key = self.state().join("key").display().to_string();
        places.extend(files(&self.state()).into_iter().filter(|(name, _)| *name != key));
        places.extend(files(&self.temporary()));
        places
    }

    /// No secret may be in any place, and none may have reached a listener that it should not.
    fn search(&self) {
        Scanner::new(self.secrets()).assert_clean(&self.places());
        assert!(self.counters().leaks.is_empty(), "{:?}", self.counters().leaks);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.search();
        }
    }
}

/// The tokens that were handed out, to be searched for elsewhere.
fn tokens_of(outcomes: &[Outcome]) -> Vec<String> {
    let handed = outcomes.iter().filter(|outcome| outcome.hands_out);
    let words = handed.flat_map(|outcome| outcome.stdout.split_whitespace());
    words.filter(|word| word.starts_with("eyJ")).map(str::to_owned).collect()
}

/// Every file below `folder`, with its bytes.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            found.push((path.display().to_string(), bytes));
        }
    }
    found
}

/// Waits until `ready`, at most half a minute: for other processes, which no clock of ours drives.
pub(crate) fn wait_for(what: &str, mut ready: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if ready() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what} did not come");
}

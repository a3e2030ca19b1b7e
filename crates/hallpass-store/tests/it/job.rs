//! Work in a process of its own: this test program, started again for the test [`run`].

use std::{
    env,
    io::{self, Write},
    path::Path,
    process::{Command, Stdio},
};

use hallpass_store::{KeySource, SqliteStore};

use crate::world::{count, key};

const JOB: &str = "HALLPASS_STORE_TEST_JOB";
const STATE: &str = "HALLPASS_STORE_TEST_STATE";

/// The command for `job`; it tells what it did on standard error, one line each.
pub(crate) fn command(job: &str, state: &Path) -> Command {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args(["job::run", "--exact", "--nocapture"]).env(JOB, job).env(STATE, state);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Does the job that this process was started for; none, in a run of all tests.
#[test]
#[expect(clippy::disallowed_methods, reason = "the environment carries the job to this process")]
fn run() {
    let (Some(job), Some(state)) = (env::var_os(JOB), env::var_os(STATE)) else { return };
    let state = Path::new(&state);
    match job.to_str() {
        Some("open") => match SqliteStore::open(state, &KeySource::Generated) {
            Ok(_) => tell("opened"),
            Err(error) => tell(&format!("{:?}", error.kind())),
        },
        Some("count once") => {
            let store = SqliteStore::open(state, &KeySource::Generated).expect("a store");
            count(&store, &key("counter"));
        }
        Some("count for ever") => {
            tell("opening");
            let store = SqliteStore::open(state, &KeySource::Generated).expect("a store");
            loop {
                tell(&count(&store, &key("counter")).to_string());
            }
        }
        Some("re-key for ever") => {
            let store = SqliteStore::open(state, &KeySource::Generated).expect("a store");
            tell("opened");
            loop {
                store.rekey(&KeySource::Generated).expect("another key");
            }
        }
        _ => panic!("unknown job {job:?}"),
    }
}

/// Past libtest, which would hold the line back.
fn tell(line: &str) {
    writeln!(io::stderr(), "{line}").expect("the test listens");
}

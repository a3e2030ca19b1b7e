//! Work in a process of its own: this test program, started again for the test [`run`].

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
    process::{Command, Stdio},
};

use hallpass_credential::store::StoreError;
use hallpass_store::{KeySource, SqliteStore};

use crate::world::{count, key, try_count};

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
        Some("count in steps") => {
            for _ in 0..CALLS_BEFORE {
                fs::write("/dev/null", "x").expect("a device that is always there");
            }
            if let Err(error) = count_thrice(state) {
                tell(&format!("{:?}", error.kind()));
            }
        }
        Some("re-key for ever") => {
            let store = SqliteStore::open(state, &KeySource::Generated).expect("a store");
            tell("opened");
            loop {
                store.rekey(&KeySource::Generated).expect("another key");
            }
        }
        Some("count on a full disk") => {
            let store = SqliteStore::open(state, &KeySource::Generated).expect("a store");
            for _ in 0..10 {
                count(&store, &key("counter"));
            }
            let mut rest = fs::File::create(state.join(".new-rest")).expect("a file");
            while rest.write_all(&[0; 100]).is_ok() {}
            for _ in 0..100 {
                tell(&count(&store, &key("counter")).to_string());
            }
        }
        _ => panic!("unknown job {job:?}"),
    }
}

/// How often the job "count in steps" opens a file and writes before it begins. A tracer counts the
/// calls of each thread by itself, and no other thread of this program ever makes as many.
pub(crate) const CALLS_BEFORE: usize = 100;

/// Opens the store, saves a credential three times, telling each number, and closes it.
fn count_thrice(state: &Path) -> Result<(), StoreError> {
    let store = SqliteStore::open(state, &KeySource::Generated)?;
    for _ in 0..3 {
        tell(&try_count(&store, &key("counter"))?.to_string());
    }
    Ok(())
}

/// Past libtest, which would hold the line back; in one piece. What cannot be told is not told.
fn tell(line: &str) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

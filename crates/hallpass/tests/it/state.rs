//! `state`: everything carried to another machine, and what is in the way.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::{Value, json};

use crate::world::{Outcome, World};

const PASSPHRASE: &str = "four words of mine";

struct Move {
    world: World,
    passphrase: String,
    file: String,
    other: String,
}

impl Move {
    /// A world that is logged in, a passphrase, and the name of another machine's directory.
    fn new() -> Self {
        let world = World::new(&["7.6.175"]);
        world.log_in();
        let passphrase = world.secret_file("passphrase", PASSPHRASE);
        let below = |name: &str| world.directory.path().join(name).display().to_string();
        let (file, other) = (below("hallpass.state"), below("other"));
        Self { world, passphrase, file, other }
    }

    fn state(&self, arguments: &[&str]) -> Outcome {
        let passphrase = ["--passphrase-file", &self.passphrase];
        self.world.run(&[&["state"], arguments, &passphrase].concat())
    }

    fn export(&self) -> Outcome {
        self.state(&["export", &self.file])
    }

    /// Runs the program as on the other machine.
    fn elsewhere(&self, arguments: &[&str]) -> Outcome {
        let arguments = [arguments, &["-vvv"]].concat();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hallpass"));
        let here = self.world.command(&[]);
        command.env_clear();
        command.envs(here.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.args(["--state-dir", &self.other]).args(&arguments).output().unwrap();
        self.world.note(&arguments, output)
    }

    fn import_elsewhere(&self, options: &[&str]) -> Outcome {
        let import = ["state", "import", &self.file, "--passphrase-file", &self.passphrase];
        self.elsewhere(&[&import, options].concat())
    }

    fn logins_left(&self) -> Value {
        let status = self.elsewhere(&["status", "--json"]).json();
        status["devices"][0]["account"]["budget"]["logins_left_today"].clone()
    }
}

#[test]
fn another_machine_goes_on_with_no_login() {
    let moved = Move::new();
    let exported = moved.export().code(0);
    assert!(exported.stdout.contains("1 device"), "{exported}");
    let mode = fs::metadata(&moved.file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let before = moved.world.counters();
    let imported = moved.import_elsewhere(&["--json"]).code(0).json();
    assert_eq!(imported, json!({"file": moved.file, "devices": 1}));
    moved.elsewhere(&["read", "roof", "system_production.watts_now"]).code(0);
    assert_eq!(moved.logins_left(), 9, "the login that was made counts there, too");
    let after = moved.world.counters();
    assert_eq!(
        (after.cloud_logins, after.token_requests),
        (before.cloud_logins, before.token_requests)
    );
    // Neither the file nor the other directory shows what it holds.
    let places = [(moved.file.clone(), fs::read(&moved.file).unwrap())];
    crate::canaries::assert_absent(&moved.world.description.account.password, &places);
    let there = crate::world::files(Path::new(&moved.other));
    crate::canaries::assert_absent(&moved.world.description.account.password, &there);
}

#[test]
fn a_lost_key_is_no_loss() {
    let moved = Move::new();
    moved.export().code(0);
    fs::remove_file(moved.world.state().join("key")).unwrap();
    moved.world.run(&["read", "roof"]).code(1);
    fs::rename(moved.world.state(), moved.world.directory.path().join("lost")).unwrap();
    moved.state(&["import", &moved.file]).code(0);
    moved.world.run(&["read", "roof"]).code(0);
    assert_eq!(moved.world.counters().cloud_logins, 1);
}

#[test]
fn what_is_there_is_replaced_for_who_says_so_and_no_budget_grows() {
    let moved = Move::new();
    moved.export().code(0);
    // A second login, which the file does not know.
    moved.world.log_in();
    moved.state(&["import", &moved.file]).code(2).says("--yes");
    moved.state(&["import", &moved.file, "--yes"]).code(0);
    let status = moved.world.run(&["status", "--json"]).code(0).json();
    let budget = &status["devices"][0]["account"]["budget"];
    assert_eq!(budget["logins_left_today"], 8, "{status}");
    assert_eq!(moved.world.counters().cloud_logins, 2);
    moved.world.run(&["read", "roof"]).code(0);
}

#[test]
fn the_logins_of_both_machines_count() {
    let moved = Move::new();
    moved.export().code(0);
    let (account, password) = (&moved.world.description.account, moved.world.password_file());
    let login = ["login", moved.world.host(), "--trust-new", "--username", &account.username];
    moved.elsewhere(&[&login[..], &["--password-file", &password]].concat()).code(0);
    assert_eq!(moved.logins_left(), 9);
    moved.import_elsewhere(&["--yes"]).code(0);
    assert_eq!(moved.logins_left(), 8);
}

#[test]
fn an_import_that_cannot_be_is_told_and_changes_nothing() {
    let moved = Move::new();
    moved.export().code(0);
    let wrong = moved.world.secret_file("wrong", "other words of mine");
    let import = ["state", "import", &moved.file, "--passphrase-file", &wrong];
    moved.elsewhere(&import).code(3).says("another passphrase");
    moved.elsewhere(&["state", "import", &moved.file]).code(2).says("no terminal");
    let sealed = fs::read(&moved.file).unwrap();
    fs::write(&moved.file, &sealed[..sealed.len() - 1]).unwrap();
    moved.import_elsewhere(&[]).code(1).says("damaged");
    fs::write(&moved.file, b"a letter").unwrap();
    moved.import_elsewhere(&[]).code(1).says("no exported state");
    fs::remove_file(&moved.file).unwrap();
    moved.import_elsewhere(&[]).code(2).says("cannot be read");
    let status = moved.elsewhere(&["status", "--json"]).code(0).json();
    assert_eq!(status, json!({"devices": []}));
}

#[test]
fn an_export_replaces_no_file_and_wants_a_passphrase() {
    let moved = Move::new();
    moved.export().code(0);
    let first = fs::read(&moved.file).unwrap();
    moved.export().code(2).says("exists already");
    assert_eq!(fs::read(&moved.file).unwrap(), first);
    let new = moved.world.directory.path().join("new").display().to_string();
    let short = moved.world.secret_file("short", "1234567");
    moved.world.run(&["state", "export", &new, "--passphrase-file", &short]).code(2).says("fewer");
    moved.world.run(&["state", "export", &new]).code(2).says("--passphrase-file");
    let nowhere = moved.world.directory.path().join("no/where").display().to_string();
    moved.state(&["export", &nowhere]).code(1).says("cannot be written");
    let from_input = ["state", "export", &new, "--passphrase-stdin"];
    moved.world.run_with_input(&from_input, PASSPHRASE).code(0);
    fs::set_permissions(&moved.passphrase, fs::Permissions::from_mode(0o644)).unwrap();
    let again = moved.world.directory.path().join("again").display().to_string();
    moved.state(&["export", &again]).code(0).says("other users can read");
}

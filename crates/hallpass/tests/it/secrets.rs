//! Where no secret may be found, and what is refused instead of one. The search of output and state
//! is part of every test; here are other places, and a run through faults of every kind.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::{
        fs::PermissionsExt,
        process::{CommandExt, ExitStatusExt},
    },
    process::{Child, Command},
};

use serde_json::{Value, json};

use crate::{
    canaries::{Scanner, assert_absent},
    world::{World, files, wait_for},
};

/// A world that is logged in.
fn world() -> World {
    let world = World::new(&["7.6.175"]);
    world.lift_rate();
    world.log_in();
    world
}

/// A `watch` that has read once.
fn watching(world: &World) -> Child {
    let mut watch = world.command(&["watch", "roof", "--every", "1h", "-vvv"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(watch.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with('{'), "{line}");
    watch
}

fn kill(process: &Child, signal: &str) {
    let id = process.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}

#[test]
fn neither_arguments_nor_environment_of_a_running_login_have_the_password() {
    let world = World::new(&["7.6.175"]);
    let username = world.description.account.username.clone();
    let login = ["login", world.host(), "--trust-new", "--username", &username, "--password-stdin"];
    let child = world.spawn_with_input(&login);
    let process = format!("/proc/{}", child.id());
    let running = || fs::read(format!("{process}/cmdline")).is_ok_and(|text| !text.is_empty());
    wait_for("the process", running);
    // Once it has closed its memory, only root can read the second.
    let places: Vec<_> = ["cmdline", "environ"]
        .map(|name| (name.to_owned(), fs::read(format!("{process}/{name}")).unwrap_or_default()))
        .into();
    assert_absent(&world.description.account.password, &places);
    world.finish(&login, child, &world.description.account.password).code(0);
    world.run(&["token", world.host()]).code(0);
}

#[test]
fn a_crash_leaves_no_core() {
    let world = world();
    let watch = watching(&world);
    let limits = fs::read_to_string(format!("/proc/{}/limits", watch.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    kill(&watch, "-ABRT");
    let output = watch.wait_with_output().unwrap();
    assert!(output.status.signal().is_some() && !output.status.core_dumped(), "{}", output.status);
    world.note(&["watch"], output);
}

#[test]
fn a_command_of_exec_may_have_cores_again() {
    let world = world();
    let mut raised = world.command(&["exec", "roof", "--", "/bin/sh", "-c"]);
    raised.arg("ulimit -S -c; ulimit -S -c \"$(ulimit -H -c)\" && echo raised");
    let output = raised.output().unwrap();
    assert_eq!(world.note(&["exec"], output).code(0).stdout, "0\nraised\n");
}

/// What another user of this machine might try, as lines for the shell. `$P` is a running `watch`,
/// `$S` the state directory, `$F` a password file, `$T` the file with a token.
const ATTEMPTS: [&str; 25] = [
    "cat $S/hallpass.db",
    "cat $S/hallpass.db-wal",
    "cat $S/key",
    "ls $S",
    "cd $S",
    "echo x > $S/hallpass.db",
    "echo x > $S/key",
    "echo x > $S/planted",
    "ln -s /etc/passwd $S/planted",
    "rm -f $S/key && ! stat $S/key",
    "mv $S $S.moved",
    "chmod 777 $S",
    "cat $F",
    "echo x > $F",
    "cat $T",
    "ls ${T%/*}",
    "cat /proc/$P/environ",
    "head -c1 /proc/$P/mem",
    "cat /proc/$P/maps",
    "cat /proc/$P/auxv",
    "ls /proc/$P/fd/",
    "readlink /proc/$P/cwd",
    "readlink /proc/$P/exe",
    "cat /proc/$P/io",
    "kill -0 $P",
];

#[test]
fn another_user_gets_nowhere() {
    let world = world();
    if !is_root() {
        println!("skipped: only root can act as another user");
        return;
    }
    // Only what hallpass itself has closed is to keep others out.
    fs::set_permissions(world.directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let password = world.password_file();
    let mut exec = world.command(&["exec", "roof", "--", "/bin/sh", "-c"]);
    exec.arg("echo \"$HALLPASS_TOKEN_FILE\"; read line").stdin(std::process::Stdio::piped());
    let mut exec = exec.spawn().unwrap();
    let mut token = String::new();
    BufReader::new(exec.stdout.as_mut().unwrap()).read_line(&mut token).unwrap();
    let watch = watching(&world);
    let attempt = |script: &str, user: u32| {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", script]).env("P", watch.id().to_string()).env("S", world.state());
        shell.env("F", &password).env("T", token.trim()).uid(user).gid(user);
        shell.output().unwrap()
    };
    for script in ATTEMPTS {
        let output = attempt(script, NOBODY);
        assert!(!output.status.success(), "{script}");
        assert!(output.stdout.is_empty(), "{script}");
        world.note(&["attempt", script], output);
    }
    // The attempts are such that fail for no other reason.
    for script in ["cat $S/key", "cat $T", "cat /proc/$P/environ", "kill -0 $P"] {
        assert!(attempt(script, 0).status.success(), "{script}");
    }
    drop(exec.stdin.take());
    exec.wait().unwrap();
    kill(&watch, "-TERM");
    let output = watch.wait_with_output().unwrap();
    world.note(&["watch"], output).code(0);
}

const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

#[test]
fn a_mask_is_no_secret_and_replaces_none() {
    let world = world();
    let logins = world.counters().cloud_logins;
    let username = world.description.account.username.clone();
    let login = ["login", world.host(), "--username", &username];
    for (name, mask) in [("stars", "********"), ("bullets", "••••••••\n"), ("word", "(hidden)")]
    {
        let file = world.secret_file(name, "");
        fs::write(&file, mask).unwrap();
        let with_password = [&login[..], &["--password-file", &file]].concat();
        world.run(&with_password).code(2).says("a mask").says("what was stored is kept");
        world.run(&["login", "roof", "--token-file", &file]).code(2).says("a mask");
        world
            .run(&["state", "export", "bundle", "--passphrase-file", &file])
            .code(2)
            .says("a mask");
    }
    let from_input = [&login[..], &["--password-stdin"]].concat();
    world.run_with_input(&from_input, "REDACTED\n").code(2).says("a mask");
    world
        .set("HALLPASS_PASSWORD_FILE", &world.directory.path().join("stars").display().to_string());
    world.run(&login).code(2).says("a mask");
    assert_eq!(world.counters().cloud_logins, logins, "nothing was sent");
    world.set("HALLPASS_PASSWORD_FILE", "");
    world.event("expire-token");
    world.run(&login).code(0);
}

#[test]
fn a_secret_file_that_others_can_read_is_a_warning() {
    let world = World::new(&["7.6.175"]);
    let password = world.password_file();
    fs::set_permissions(&password, fs::Permissions::from_mode(0o644)).unwrap();
    let username = world.description.account.username.clone();
    let login = ["login", world.host(), "--trust-new", "--username", &username];
    let login = [&login[..], &["--password-file", &password]].concat();
    world.run(&login).code(0).says("other users can read");
}

#[test]
fn a_password_that_is_not_to_be_stored_is_not() {
    let world = World::new(&["7.6.175"]);
    let (username, password) = (world.description.account.username.clone(), world.password_file());
    let login = ["login", world.host(), "--name", "roof", "--trust-new", "--username", &username];
    world.run(&[&login[..], &["--password-file", &password, "--no-store"]].concat()).code(0);
    world.run(&["read", "roof"]).code(0);
}

#[test]
fn a_logout_says_what_nobody_can_take_back() {
    let world = world();
    let token = world.run(&["token", "roof", "--claims"]).code(0).json();
    let told = world.run(&["logout", "roof", "--json"]).code(0).json();
    assert_eq!(told["token_good_until"], token["expires_at"]);
    assert_eq!(told["password_forgotten"], true);
    let again = world.run(&["logout", "roof", "--json"]).code(0).json();
    assert_eq!(again["token_good_until"], Value::Null);
    world.log_in();
    world.run(&["logout", "roof", "--forget"]).code(0).says("until 20").says("nobody can take");
}

/// Faults of every group, each with the commands that meet it.
const RUN: [(&str, &str); 34] = [
    ("reboot_503", r#"{"down": "0s", "starting": "1h"}"#),
    ("powercut_session", "{}"),
    ("html200", "{}"),
    ("gateway_504", "{}"),
    ("truncated_body", "{}"),
    ("wrong_length", "{}"),
    ("half_chunk", "{}"),
    ("odd_numbers", "{}"),
    ("one_endpoint_401", "{}"),
    ("redirects", "{}"),
    ("not_a_gateway", "{}"),
    ("no_serial", "{}"),
    ("refused", "{}"),
    ("https_gone", "{}"),
    ("burst_401", "{}"),
    ("bearer_refused", "{}"),
    ("session_limit", r#"{"sessions": 0}"#),
    ("revoked", "{}"),
    ("new_refused", "{}"),
    ("clock_skew", "{}"),
    ("keepalive_reset", "{}"),
    ("wrong_password", "{}"),
    ("blocked", "{}"),
    ("too_many_sessions", "{}"),
    ("rate_limited", r#"{"retry_after": "60"}"#),
    ("login_wall", "{}"),
    ("down", "{}"),
    ("tokens_503", "{}"),
    ("endpoint_moved", "{}"),
    ("not_jwt", r#"{"kind": "two_segments"}"#),
    ("wrong_aud", "{}"),
    ("odd_jwt", r#"{"kind": "expired"}"#),
    ("role_drop", r#"{"role": "installer"}"#),
    ("short_token", "{}"),
];

#[test]
fn no_fault_brings_a_secret_to_light() {
    let mut kinds = BTreeSet::new();
    for (fault, arguments) in RUN {
        let world = World::new(&["8.3.5289"]);
        world.lift_rate();
        world.log_in();
        world.fault(fault, serde_json::from_str::<Value>(arguments).unwrap());
        world.run(&["read", "roof"]);
        world.run(&["get", "roof", "/ivp/meters", "-i"]);
        world.run(&["token", "roof", "--min-life", "360d"]);
        world.run(&["status", "--json"]);
        // Of another account's making: this one logs in anew.
        let (username, password) = (&world.description.account.username, world.password_file());
        let fresh = ["read", world.host(), "--username", username, "--password-file", &password];
        world.run(
            &[&fresh[..], &["--state-dir", &world.temporary().display().to_string()]].concat(),
        );
        world.run(&["doctor", "roof"]);
        kinds.extend(world.secrets().into_iter().map(|(what, _)| what));
    }
    let expected = ["account password", "cloud session", "manager token", "session", "token"];
    assert!(expected.iter().all(|kind| kinds.contains(*kind)), "{kinds:?}");
}

#[test]
fn no_way_to_log_in_brings_a_secret_to_light() {
    let world = World::new(&["7.6.175", "4.10.35"]);
    world.lift_rate();
    let key = fs::read_to_string(world.state().join("key"));
    assert!(key.is_err(), "it is made with the first login");
    // The form of Entrez, with its portal's cookie.
    let (username, password) = (&world.description.account.username, world.password_file());
    let login = ["login", world.host(), "--trust-new", "--username", username, "--name", "roof"];
    let login = [&login[..], &["--password-file", &password]].concat();
    world.run(&[&login[..], &["--route", "entrez-form"]].concat()).code(0);
    world.secret(&fs::read_to_string(world.state().join("key")).unwrap());
    // A digest user, whose password is computed.
    let (host, serial) = (world.gateway(1).host.clone(), &world.gateway(1).serial_number);
    world.run(&["login", &host, "--trust-new", "--name", "old", "--username", "installer"]).code(0);
    world.run(&["read", "old"]).code(0);
    let computed = hallpass_enphase::default_password("installer", serial).unwrap();
    world.secret(computed.expose());
    // A one-time code that is wanted.
    world.fault("mfa", json!({"code": "907316482455"}));
    world.run(&["logout", "roof"]).code(0);
    world.run(&login).code(3);
    // A passphrase.
    let passphrase = world.secret_file("passphrase", "four words of mine");
    let bundle = world.temporary().join("bundle").display().to_string();
    world.run(&["state", "export", &bundle, "--passphrase-file", &passphrase]).code(0);
    world.run(&["state", "import", &bundle, "--yes", "--passphrase-file", &passphrase]).code(0);
    let kinds: BTreeSet<_> = world.secrets().into_iter().map(|(what, _)| what).collect();
    for kind in ["portal session", "one-time nonce", "digest response", "given secret"] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
}

#[test]
fn nothing_that_runs_with_a_token_shows_it_to_the_system() {
    let world = world();
    let mut exec = world.command(&["exec", "roof", "--", "/bin/sh", "-c", "echo ready; read line"]);
    let mut exec = exec.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut ready = [0; 6];
    exec.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
    let places = places_of(exec.id());
    assert!(places.iter().any(|(_, text)| contains(text, b"echo ready")), "the command is seen");
    Scanner::new(world.secrets()).assert_clean(&places);
    drop(exec.stdin.take());
    exec.wait().unwrap();
    assert!(files(&world.temporary()).is_empty(), "the file is gone");
}

/// Arguments and environment of a process and those that it has started.
fn places_of(process: u32) -> Vec<(String, Vec<u8>)> {
    let folder = format!("/proc/{process}");
    let read = |name: &str| {
        let path = format!("{folder}/{name}");
        // What is closed to us is closed to others.
        (path.clone(), fs::read(path).unwrap_or_default())
    };
    let mut places = vec![read("cmdline"), read("environ")];
    for task in fs::read_dir(format!("{folder}/task")).unwrap() {
        let children = fs::read_to_string(task.unwrap().path().join("children")).unwrap();
        places.extend(children.split_whitespace().flat_map(|id| places_of(id.parse().unwrap())));
    }
    places
}

fn contains(text: &[u8], piece: &[u8]) -> bool {
    text.windows(piece.len()).any(|window| window == piece)
}

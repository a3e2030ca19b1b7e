//! `exec`: a command with a token in a file, and its end in every way.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command},
};

use crate::world::{Outcome, World};

/// Where the files with tokens are put.
fn place(world: &World) -> PathBuf {
    world.directory.path().join("run")
}

/// A world that is logged in, with a directory for such files.
fn world() -> World {
    let world = World::new(&["7.6.175"]);
    fs::create_dir(place(&world)).unwrap();
    world.set("XDG_RUNTIME_DIR", &place(&world).display().to_string());
    world.set("PATH", "/usr/local/bin:/usr/bin:/bin");
    world.log_in();
    world
}

fn command(world: &World, script: &str) -> Command {
    let mut command = world.command(&["-vvv", "exec", "roof", "--", "sh", "-c", script]);
    // As a supervisor starts it: the keys of a terminal do not reach it.
    command.process_group(0);
    command
}

/// Runs a script for the shell. Nothing may be left of the token.
fn exec(world: &World, script: &str) -> Outcome {
    let output = command(world, script).output().unwrap();
    ended(world, world.note(&["exec", script], output))
}

fn ended(world: &World, outcome: Outcome) -> Outcome {
    assert!(is_empty(&place(world)), "something is left: {outcome}");
    outcome
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).unwrap().next().is_none()
}

#[test]
fn a_command_finds_a_token_that_nobody_else_can_read() {
    let world = world();
    let file = world.directory.path().join("copy");
    let script = format!(
        r#"cp "$HALLPASS_TOKEN_FILE" '{}'; stat -c %a "$HALLPASS_TOKEN_FILE" "${{HALLPASS_TOKEN_FILE%/*}}""#,
        file.display()
    );
    let outcome = exec(&world, &script).code(0);
    assert_eq!(outcome.stdout, "600\n700\n");
    let token = world.run(&["token", "roof"]).code(0).stdout;
    assert_eq!(fs::read_to_string(file).unwrap(), token.trim_end());
}

#[test]
fn no_secret_is_in_the_arguments_or_the_environment_of_a_command() {
    let world = world();
    // The search at the end looks for it in what this prints.
    world.run(&["token", "roof"]).code(0);
    let shown = exec(&world, "env; cat /proc/$$/cmdline /proc/$PPID/cmdline /proc/$PPID/environ");
    assert!(shown.code(0).stdout.contains("HALLPASS_TOKEN_FILE="));
}

#[test]
fn the_streams_are_those_of_the_command() {
    let world = world();
    let mut command = world.command(&["exec", "roof", "--", "sh", "-c", "cat; echo told >&2"]);
    let input = world.directory.path().join("input");
    fs::write(&input, "given").unwrap();
    let output = command.stdin(fs::File::open(&input).unwrap()).output().unwrap();
    let outcome = ended(&world, world.note(&["exec"], output));
    assert_eq!((&*outcome.stdout, &*outcome.stderr), ("given", "told\n"));
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    let world = world();
    let code = |script: &str| exec(&world, script).code;
    assert_eq!(code("exit 0"), Some(0));
    assert_eq!(code("exit 3"), Some(3));
    assert_eq!(code("exit 255"), Some(255));
    assert_eq!(code("kill -KILL $$"), Some(128 + 9));
}

#[test]
fn what_cannot_be_started_is_told_as_shells_do() {
    let world = world();
    world.run(&["exec", "roof", "--", "no-such-program"]).code(127).says("no-such-program");
    let file = world.secret_file("no-program", "no program");
    world.run(&["exec", "roof", "--", &file]).code(126).says("execute");
    assert!(is_empty(&place(&world)));
    world.run(&["exec", "roof"]).code(2);
}

/// Starts a script that says when it is ready, and sends a signal to us.
fn signalled(world: &World, script: &str, signal: &str) -> Outcome {
    let mut process = command(world, script).spawn().unwrap();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    assert!(!is_empty(&place(world)), "the file is there while the command runs");
    send(&process, signal);
    let mut output = process.wait_with_output().unwrap();
    std::io::Read::read_to_end(&mut stdout, &mut output.stdout).unwrap();
    ended(world, world.note(&["exec", script], output))
}

fn send(process: &Child, signal: &str) {
    let id = process.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}

#[test]
fn signals_reach_the_command_and_leave_nothing_behind() {
    let world = world();
    for (signal, number) in [("INT", 2), ("QUIT", 3), ("TERM", 15), ("HUP", 1)] {
        let signal_option = format!("-{signal}");
        // The shell waits for what is in front, and for nothing that it started beside.
        let wait = "echo ready; i=0; while [ $i -lt 1000 ]; do i=$((i+1)); sleep 0.01; done";
        let died = signalled(&world, wait, &signal_option);
        assert_eq!(died.code, Some(128 + number), "{died}");
        let caught = signalled(&world, &format!("trap 'exit 7' {signal}; {wait}"), &signal_option);
        assert_eq!(caught.code, Some(7), "{caught}");
    }
}

#[test]
fn what_our_caller_ignores_the_command_ignores() {
    let world = world();
    let mut nohup = Command::new("sh");
    let inner = command(&world, "kill -HUP $PPID; kill -HUP $$; echo survived");
    nohup.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    nohup.args(["-c", r#"trap '' HUP; exec "$@""#, "sh"]).arg(inner.get_program());
    let output = nohup.args(inner.get_args()).output().unwrap();
    let outcome = ended(&world, world.note(&["exec"], output)).code(0);
    assert_eq!(outcome.stdout, "survived\n");
}

#[test]
fn a_gateway_without_tokens_is_told() {
    let world = World::new(&["4.10.35"]);
    world.run(&["login", world.host(), "--name", "old", "--username", "envoy", "--trust-new"]);
    world.run(&["exec", "old", "--", "true"]).code(1).says("older than tokens");
}

#[test]
fn a_gateway_that_nobody_logged_in_to_needs_a_login() {
    let world = World::new(&["7.6.175"]);
    world.run(&["exec", world.host(), "--", "true"]).code(1).says("--trust-new");
    world.run(&["exec", "roof", "--", "true"]).code(4);
}

//! Disks that are full, fail or turn read-only: what was obtained is used, nothing is asked twice,
//! and what is wrong is told.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    process::{Command, ExitStatus, Output},
};

use crate::{
    crash::told,
    kept::{Backup, LONGER, kept_token, old_token_world},
    strace::{CALLS, may_trace, traced},
    world::{Outcome, World},
};

/// Runs a command with one call after the other failing, from the same state each time. Returns
/// how often it ran.
fn fail_each_step(world: &World, arguments: &[&str], error: &str, judge: impl Fn(&Outcome)) -> u64 {
    if !may_trace() {
        println!("skipped: no process may be traced here, or there is no strace");
        return 0;
    }
    let backup = Backup::of(world);
    let (mut runs, mut failures) = (0, 0);
    for call in CALLS {
        for number in 1.. {
            backup.restore(world);
            let spoil = format!("inject={call}:error={error}:when={number}");
            let mut strace = traced(world, arguments, call, &spoil);
            runs += 1;
            let outcome = world.note(arguments, strace.command.output().unwrap());
            if !strace.log().contains("(INJECTED)") {
                break;
            }
            judge(&outcome);
            failures += 1;
        }
    }
    println!("{}: {failures} times {error}", arguments.join(" "));
    runs
}

/// A failure is one of the disk and says what to do about it.
fn assert_told(outcome: &Outcome) {
    assert!(matches!(outcome.code, Some(0 | 1)), "{outcome}");
    let hint = outcome.stderr.contains("hint: ") && outcome.stderr.contains("state directory");
    assert!(outcome.code == Some(0) || hint, "{outcome}");
}

fn check_renewal(error: &str) {
    let world = old_token_world();
    let old = kept_token(&world);
    fail_each_step(&world, &["token", "roof", "--min-life", LONGER], error, |outcome| {
        assert_told(outcome);
        let kept = kept_token(&world);
        match told(outcome, "eyJ") {
            Some(printed) => assert!(printed == kept.trim_end() || kept == old, "{outcome}"),
            None => assert_eq!(outcome.code, Some(1), "{outcome}"),
        }
    });
    assert_eq!(world.counters().cloud_logins, 1, "the first one");
}

#[test]
fn m12_a_renewal_on_a_full_disk_costs_no_login_and_no_token() {
    check_renewal("ENOSPC");
}

#[test]
fn m12_a_renewal_on_a_failing_disk_costs_no_login_and_no_token() {
    check_renewal("EIO");
}

#[test]
fn m12_a_renewal_on_a_disk_that_turns_read_only_costs_no_login_and_no_token() {
    check_renewal("EROFS");
}

#[test]
fn m12_a_login_on_a_full_disk_costs_one_login_at_most_and_keeps_the_old_token() {
    let world = old_token_world();
    let old = kept_token(&world);
    let (username, password) = (world.description.account.username.clone(), world.password_file());
    let login = ["login", "roof", "--username", &username, "--password-file", &password];
    let before = world.counters().cloud_logins;
    let runs = fail_each_step(&world, &login, "ENOSPC", |outcome| {
        assert_told(outcome);
        let (kept, is_done) = (kept_token(&world), outcome.code == Some(0));
        assert!(!is_done || kept != old || outcome.stderr.contains("not stored"), "{outcome}");
    });
    assert!(world.counters().cloud_logins - before <= runs);
}

#[test]
fn s3_a_full_disk_is_told_and_what_is_kept_is_used_when_there_is_room() {
    let world = old_token_world();
    let old = kept_token(&world);
    for room in ["0", "4", "16", "40", "64"] {
        let renewal = ["token", "roof", "--min-life", LONGER];
        let Some([outcome, later]) = on_full_disk(&world, room, [&renewal, &["token", "roof"]])
        else {
            println!("skipped: no disk may be mounted here");
            return;
        };
        assert_told(&outcome);
        assert!(room != "0" || outcome.code == Some(1), "{outcome}");
        let kept = later.code(0).stdout;
        assert!(kept == old || outcome.stdout == kept, "{outcome}");
    }
    assert_eq!(world.counters().cloud_logins, 1, "the first one");
}

/// Runs a command on the state as it is, on a disk that is full but for so many KiB, and another
/// one when there is room again; none where no disk may be mounted.
fn on_full_disk(world: &World, room: &str, commands: [&[&str]; 2]) -> Option<[Outcome; 2]> {
    let place = world.directory.path();
    let line = |arguments: &[&str]| {
        let command = world.command(arguments);
        let words = [command.get_program()].into_iter().chain(command.get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    };
    let mut unshare = Command::new("unshare");
    let environment = world.command(&[]);
    unshare.env_clear();
    unshare.envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
    unshare.env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin").env("ROOM", room);
    unshare.env("FIRST", line(commands[0])).env("SECOND", line(commands[1]));
    unshare.args(["-rm", "sh", "-c", ON_FULL_DISK]).current_dir(place);
    if !unshare.output().is_ok_and(|output| output.status.success()) {
        return None;
    }
    let read = |name: String| fs::read(place.join(name)).unwrap();
    let outcome = |name: &str, arguments| {
        let code = String::from_utf8(read(format!("{name}.code"))).unwrap();
        let status = ExitStatus::from_raw(code.trim().parse::<i32>().unwrap() << 8);
        let (stdout, stderr) = (read(format!("{name}.out")), read(format!("{name}.err")));
        world.note(arguments, Output { status, stdout, stderr })
    };
    Some([outcome("first", commands[0]), outcome("second", commands[1])])
}

/// What `on_full_disk` does, in a world of mounts of its own that ends with it.
const ON_FULL_DISK: &str = r#"
    cp -a state backup && mount -t tmpfs -o size=1m,mode=700 none state || exit 1
    cp -a backup/. state && rm -r backup
    head -c "${ROOM}k" /dev/zero > state/.new-room
    cat /dev/zero > state/.new-fill 2> cat.err
    rm state/.new-room
    $FIRST > first.out 2> first.err
    echo $? > first.code
    rm state/.new-fill
    $SECOND > second.out 2> second.err
    echo $? > second.code
"#;

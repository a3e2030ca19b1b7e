//! Disks that are full, fail or turn read-only: what was obtained is used, nothing is asked twice,
//! and what is wrong is told.

use crate::{
    crash::{LONGER, kept_token, old_token_world, told},
    kill::{Backup, CALLS, may_trace, traced},
    world::{Outcome, World},
};

/// Runs a command with one call after the other failing, from the same state each time.
fn fail_each_step(world: &World, arguments: &[&str], error: &str, judge: impl Fn(&Outcome)) {
    if !may_trace() {
        println!("skipped: no process may be traced here, or there is no strace");
        return;
    }
    let backup = Backup::of(world);
    let mut failures = 0;
    for call in CALLS {
        for number in 1.. {
            backup.restore(world);
            let spoil = format!("inject={call}:error={error}:when={number}");
            let mut strace = traced(world, arguments, call, &spoil);
            let outcome = world.note(arguments, strace.command.output().unwrap());
            if !strace.log().contains("(INJECTED)") {
                break;
            }
            judge(&outcome);
            failures += 1;
        }
    }
    println!("{}: {failures} times {error}", arguments.join(" "));
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

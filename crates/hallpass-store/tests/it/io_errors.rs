//! Disks that fail: each call that changes a file fails once, in each way.

use std::{
    fs,
    process::{Command, Output},
};

use crate::{
    job,
    step::{Spoil, Spoiled, at_each_step},
    world::{World, count, key, load, number},
};

/// A job that fails at one step says why in words of ours, and leaves the old record or the new.
fn judge(world: &World, spoiled: &Spoiled, before: u32) {
    let Spoiled { step, told } = spoiled;
    let acknowledged = spoiled.acknowledged().unwrap_or(before);
    let last = told.last().expect("a word");
    assert!(last.parse::<u32>().is_ok() || ERRORS.contains(&last.as_str()), "{told:?} at {step}");
    let store = world.open();
    store.verify().unwrap_or_else(|error| panic!("{error} after {step}"));
    let stored = load(&store, &key("counter")).map_or(0, |body| number(&body));
    let expected = acknowledged..=acknowledged + 1;
    assert!(expected.contains(&stored), "{stored} after {acknowledged} at {step}");
    assert_eq!(count(&store, &key("counter")), stored + 1, "it goes on after {step}");
}

/// Fails the making of a store, and the use of one that is there.
fn check(error: &'static str) {
    let made = at_each_step(Spoil::Error(error), World::new, |world, spoiled| {
        judge(world, spoiled, 0);
    });
    let used = at_each_step(Spoil::Error(error), World::counted, |world, spoiled| {
        judge(world, spoiled, 1);
    });
    println!("{error}: {made} steps of a new store, {used} of one that is there");
}

#[test]
fn m12_a_full_disk_leaves_the_old_record_or_the_new() {
    check("ENOSPC");
}

#[test]
fn m12_a_failing_disk_leaves_the_old_record_or_the_new() {
    check("EIO");
}

#[test]
fn m12_a_disk_that_turns_read_only_leaves_the_old_record_or_the_new() {
    check("EROFS");
}

#[test]
fn s3_a_store_that_is_open_goes_on_while_the_disk_is_full() {
    let world = World::new();
    fs::create_dir(&world.state).expect("a directory");
    let job = job::command("count on a full disk", &world.state);
    // A disk in a world of mounts of its own, which ends with it.
    let mount = r#"mount -t tmpfs -o size=1m,mode=700 none "$0" || exit 99; exec "$@""#;
    let mut unshare = Command::new("unshare");
    unshare.args(["-rm", "sh", "-c", mount]).arg(&world.state);
    unshare.arg(job.get_program()).args(job.get_args());
    unshare.envs(job.get_envs().filter_map(|(name, value)| Some((name, value?))));
    match unshare.output() {
        Ok(Output { status, stderr, .. }) if ![Some(1), Some(99)].contains(&status.code()) => {
            let told = String::from_utf8_lossy(&stderr);
            assert!(told.ends_with("\n110\n"), "{told}");
        }
        _ => println!("skipped: no disk may be mounted here"),
    }
}

/// What a store may say of a disk that fails.
const ERRORS: [&str; 3] = ["NotWritable", "NoKey", "Failed"];

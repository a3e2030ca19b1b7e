//! Where no secret may be found. The search of output and state is part of every test; here is the
//! rest, and the proof that the search finds something.

use std::{fs, panic};

use crate::world::{World, assert_absent, wait_for};

#[test]
fn neither_arguments_nor_environment_of_a_running_login_have_the_password() {
    let world = World::new(&["7.6.175"]);
    let username = world.description.account.username.clone();
    let login = ["login", world.host(), "--trust-new", "--username", &username, "--password-stdin"];
    let child = world.spawn_with_input(&login);
    let process = format!("/proc/{}", child.id());
    let running = || fs::read(format!("{process}/cmdline")).is_ok_and(|text| !text.is_empty());
    wait_for("the process", running);
    let places: Vec<_> = ["cmdline", "environ"]
        .map(|name| (name.to_owned(), fs::read(format!("{process}/{name}")).unwrap()))
        .into();
    assert!(places.iter().all(|(_, text)| !text.is_empty()));
    assert_absent(&world.description.account.password, &places);
    world.finish(&login, child, &world.description.account.password).code(0);
    world.run(&["token", world.host()]).code(0);
}

#[test]
fn the_search_finds_a_planted_leak_in_every_form() {
    let secret = "correct horse battery";
    for planted in [
        "x correct horse battery x",
        "636f727265637420686f7273652062617474657279",
        "correct%20horse%20battery",
        "aaY29ycmVjdCBob3JzZSBiYXR0ZXJ5bb",
    ] {
        let places = [("planted".to_owned(), planted.as_bytes().to_vec())];
        let found = panic::catch_unwind(|| assert_absent(secret, &places));
        assert!(found.is_err(), "{planted} was not found");
    }
    assert_absent(secret, &[("clean".to_owned(), b"nothing here".to_vec())]);
}

#[test]
fn a_secret_file_that_others_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
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

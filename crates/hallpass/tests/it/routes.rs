//! The routes to a token, as a person chooses them.

use serde_json::json;

use crate::world::{Outcome, World};

/// Logs in with the account, as `roof`, and `flags`.
fn log_in(world: &World, flags: &[&str]) -> Outcome {
    let (username, password) = (&world.description.account.username, world.password_file());
    let login = ["login", world.host(), "--name", "roof", "--trust-new", "--username", username];
    world.run(&[&login[..], &["--password-file", &password, "--json"], flags].concat())
}

#[test]
fn a_route_or_a_role_is_chosen_and_stays_chosen() {
    for (flags, role, page) in [
        (&["--route", "tokens"][..], "owner", "/tokens"),
        (&["--route", "entrez-auth-token"], "owner", "/entrez-auth-token"),
        (&["--route", "entrez-form"], "installer", "/entrez_tokens"),
        (&["--role", "owner"], "owner", "/tokens"),
        (&["--role", "installer"], "installer", "/entrez_tokens"),
    ] {
        let world = World::new(&["7.6.175"]);
        assert_eq!(log_in(&world, flags).code(0).json()["role"], role, "{flags:?}");
        let counters = world.counters();
        assert_eq!((counters.cloud_logins, counters.token_requests), (1, 1), "{flags:?}");
        assert!(counters.requests.contains_key(page), "{flags:?}: {:?}", counters.requests);
        assert_eq!(log_in(&world, &[]).code(0).json()["role"], role, "{flags:?}, and later none");
        world.run(&["read", "roof"]).code(0);
        world.run(&["logout", "roof"]).code(0);
    }
}

#[test]
fn a_role_that_the_route_does_not_give_is_a_warning() {
    let world = World::new(&["7.6.175"]);
    log_in(&world, &["--route", "tokens", "--role", "installer"])
        .code(0)
        .says("the token has the role owner, not installer");
}

#[test]
fn a_route_that_is_gone_is_no_matter_while_another_is_there() {
    let world = World::new(&["7.6.175"]);
    world.fault("endpoint_moved", json!({}));
    assert_eq!(log_in(&world, &[]).code(0).json()["role"], "owner");
    log_in(&world, &["--route", "tokens"]).code(5).says("404");
}

#[test]
fn a_wrong_password_is_told_on_every_route_and_sent_on_one() {
    for route in ["tokens", "entrez-auth-token", "entrez-form"] {
        let world = World::new(&["7.6.175"]);
        world.fault("wrong_password", json!({}));
        for _ in 0..2 {
            log_in(&world, &["--route", route]).code(3).says("password");
        }
        log_in(&world, &["--route", "entrez-form"]).code(3).says("password");
        assert_eq!(world.counters().cloud_logins, 1, "{route}");
    }
}

#[test]
fn a_token_that_is_there_is_on_no_route_to_one() {
    let world = World::new(&["7.6.175"]);
    let token = world.secret_file("token", &world.sim.token(0).mint());
    for route in ["tokens", "entrez-auth-token", "entrez-form"] {
        let login = ["login", world.host(), "--trust-new", "--token-file", &token, "--route"];
        world.run(&[&login[..], &[route]].concat()).code(2).says("--route");
    }
    world.run(&["login", world.host(), "--trust-new", "--token-file", &token]).code(0);
    assert_eq!(world.counters().cloud_logins, 0);
}

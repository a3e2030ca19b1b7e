//! The routes to a token: which of them are tried after which failure, and what each costs.

use std::time::Duration;

use hallpass_enphase::{ErrorKind, Gateway, Role, Route, Routes, forget_login};
use serde_json::{Value, json};

use crate::bench::{Bench, kind};

/// Logs in while each of `faults` is on: what came of it, and the logins, tokens asked for on any
/// route, however that was answered, and `check_jwt` that it cost.
async fn check(
    routes: Option<Routes>,
    faults: &[(&str, Value)],
    expect: Result<Role, ErrorKind>,
    asked: (u64, u64, u64),
) {
    let bench = Bench { routes, ..Bench::new(&["7.6.175"]) };
    for (fault, arguments) in faults {
        bench.fault(fault, arguments.clone());
    }
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let came = match gateway.log_in().await {
        Ok(()) => Ok(role(&gateway).await),
        Err(error) => Err(error.kind()),
    };
    assert_eq!((came, bench.asked()), (expect, asked), "{routes:?} {faults:?}");
    bench.assert_fair();
}

async fn role(gateway: &Gateway) -> Role {
    gateway.token(Duration::ZERO).await.unwrap().credential.role().clone()
}

fn gone(path: &str, status: u16) -> (&'static str, Value) {
    ("endpoint_moved", json!({"path": path, "status": status}))
}

/// A second one: each fault is on once.
fn gone_too(path: &str, status: u16) -> (&'static str, Value) {
    ("down", json!({"path": path, "status": status}))
}

#[tokio::test(start_paused = true)]
async fn each_route_leads_to_a_token() {
    for (route, role) in [
        (Route::Tokens, Role::Owner),
        (Route::EntrezAuthToken, Role::Owner),
        (Route::EntrezForm, Role::Installer),
    ] {
        check(Some(Routes::Only(route)), &[], Ok(role), (1, 1, 1)).await;
    }
    for role in [Role::Owner, Role::Installer] {
        check(Some(Routes::to(&role)), &[], Ok(role), (1, 1, 1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_tokens_does_not_give_the_same_login_gives_at_the_next_route() {
    for status in [400, 401, 403, 404, 406, 500] {
        check(None, &[gone("/tokens", status)], Ok(Role::Owner), (1, 2, 1)).await;
    }
    check(None, &[("tokens_503", json!({}))], Ok(Role::Owner), (1, 2, 1)).await;
    for shape in ["textarea_error", "empty", "two_segments", "html"] {
        let fault = ("not_jwt", json!({"path": "/tokens", "kind": shape}));
        check(None, &[fault], Ok(Role::Owner), (1, 2, 1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_form_is_asked_where_the_other_routes_are_gone() {
    for status in [403, 404, 406] {
        let faults = [gone("/tokens", status), gone_too("/entrez-auth-token", status)];
        check(None, &faults, Ok(Role::Installer), (2, 3, 1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_form_is_not_asked_otherwise() {
    let no = Err(ErrorKind::CloudUnreachable);
    let faults = [gone("/tokens", 404), gone_too("/entrez-auth-token", 503)];
    check(None, &faults, no.clone(), (1, 2, 0)).await;
    let faults = [gone("/tokens", 404), ("not_jwt", json!({}))];
    check(None, &faults, no.clone(), (1, 2, 0)).await;
    let faults = [gone("/tokens", 404), gone_too("/entrez-auth-token", 404)];
    check(Some(Routes::OfOwners), &faults, no.clone(), (1, 2, 0)).await;
    check(Some(Routes::Only(Route::Tokens)), &faults, no, (1, 1, 0)).await;
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_asks_for_patience_is_asked_on_no_other_route() {
    let fault = ("rate_limited", json!({"path": "/tokens", "retry_after": "600"}));
    check(None, &[fault], Err(ErrorKind::CloudUnreachable), (1, 1, 0)).await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_password_is_tried_on_no_other_route() {
    let form = Some(Routes::Only(Route::EntrezForm));
    for routes in [None, form] {
        let faults = [("wrong_password", json!({}))];
        check(routes, &faults, Err(ErrorKind::Rejected), (1, 0, 0)).await;
    }
    for fault in ["mfa", "blocked", "too_many_sessions", "login_wall"] {
        let bench = Bench::new(&["7.6.175"]);
        bench.fault(fault, json!({}));
        let gateway = bench.gateway(0, Some(bench.account())).await;
        gateway.log_in().await.unwrap_err();
        assert!(!bench.counters().requests.contains_key("/login"), "{fault}");
        assert_eq!(bench.asked(), (1, 0, 0), "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_form_counts_in_the_budget_of_the_account() {
    let bench = Bench::new(&["7.6.175"]);
    let seen = bench.look(0).await.unwrap();
    bench.fault("wrong_password", json!({}));
    let wrong = bench.gateway_of(&seen, Some(bench.account()));
    assert_eq!(kind(wrong.log_in().await), ErrorKind::Rejected);
    bench.no_fault("wrong_password");
    let bench = Bench { routes: Some(Routes::Only(Route::EntrezForm)), ..bench };
    let by_form = bench.gateway_of(&seen, Some(bench.account()));
    assert_eq!(kind(by_form.log_in().await), ErrorKind::Rejected);
    assert_eq!(bench.asked().0, 1, "the same password is held back at every page");
    bench.pass(301).await;
    by_form.log_in().await.unwrap();
    assert_eq!(bench.asked().0, 2);
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_last_resort_that_the_budget_does_not_allow_is_not_taken() {
    let bench = Bench::new(&["7.6.175"]);
    let seen = bench.look(0).await.unwrap();
    for (fault, arguments) in [gone("/tokens", 404), gone_too("/entrez-auth-token", 404)] {
        bench.fault(fault, arguments);
    }
    for _ in 0..6 {
        let gateway = bench.gateway_of(&seen, Some(bench.account()));
        // A token that is new each time: two logins, until the hour's four are used up.
        let _ = gateway.log_in().await;
        bench.pass(61).await;
    }
    assert_eq!(bench.asked().0, 4);
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn one_login_at_the_form_opens_all_gateways_of_an_account() {
    let bench = Bench::new(&["7.6.175", "8.2.4345", "8.3.5289"]);
    let bench = Bench { routes: Some(Routes::to(&Role::Installer)), ..bench };
    for index in 0..3 {
        let gateway = bench.gateway(index, Some(bench.account())).await;
        assert_eq!(role(&gateway).await, Role::Installer);
    }
    assert_eq!(bench.asked(), (1, 3, 3));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn installer_tokens_are_renewed_for_a_week_on_the_chosen_route() {
    let bench = Bench::new(&["7.6.175"]);
    let seen = bench.look(0).await.unwrap();
    let chosen = Bench { routes: Some(Routes::to(&Role::Installer)), ..bench };
    chosen.gateway_of(&seen, Some(chosen.account())).log_in().await.unwrap();
    // Another process, which was told nothing.
    let bench = Bench { routes: None, ..chosen };
    let gateway = bench.gateway_of(&seen, Some(bench.account()));
    for _ in 0..7 * 24 {
        bench.pass(3600).await;
        assert_eq!(role(&gateway).await, Role::Installer);
    }
    assert!(bench.asked().0 >= 14, "{:?}", bench.asked());
    assert!(bench.sim.control().verdict().maxima.logins_per_day <= 3);
    assert!(!bench.counters().requests.contains_key("/login/login.json"));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_choice_is_kept_only_once_it_has_led_to_a_token_and_until_logout() {
    let bench = Bench::new(&["7.6.175"]);
    let seen = bench.look(0).await.unwrap();
    bench.fault("down", json!({"path": "/entrez_tokens"}));
    let bench = Bench { routes: Some(Routes::to(&Role::Installer)), ..bench };
    let told = bench.gateway_of(&seen, Some(bench.account()));
    assert_eq!(kind(told.log_in().await), ErrorKind::CloudUnreachable);
    let bench = Bench { routes: None, ..bench };
    let untold = bench.gateway_of(&seen, Some(bench.account()));
    untold.log_in().await.unwrap();
    assert_eq!(role(&untold).await, Role::Owner);

    bench.no_fault("down");
    bench.pass(3600).await;
    told.log_in().await.unwrap();
    bench.pass(3600).await;
    untold.log_in().await.unwrap();
    assert_eq!(role(&untold).await, Role::Installer);
    bench.pass(3600).await;
    forget_login(&bench.records, bench.sim.serial_number(0)).await.unwrap();
    untold.log_in().await.unwrap();
    assert_eq!(role(&untold).await, Role::Owner);
    let verdict = bench.sim.control().verdict();
    let needless = "without a cause: the gateway takes the token that there is";
    assert!(verdict.violations.iter().all(|it| it.contains(needless)), "{verdict:?}");
}

//! The way to credentials: each answer of the clouds and the gateway, and what it costs.

use std::time::Duration;

use hallpass_credential::store::StoreErrorKind;
use hallpass_enphase::{Account, ErrorKind, Role, Token, default_password};
use hallpass_sim::{Options, Signing};
use jiff::SignedDuration;
use serde_json::json;

use crate::bench::{Bench, kind};

#[tokio::test(start_paused = true)]
async fn a_password_opens_gateways_with_tokens() {
    for firmware in ["7.3.130", "7.6.175", "8.2.4345", "8.3.5289", "8.3.5433"] {
        let bench = Bench::new(&[firmware]);
        let gateway = bench.gateway(0, Some(bench.account())).await;
        gateway.log_in().await.unwrap();
        assert_eq!(bench.asked(), (1, 1, 1), "{firmware}");
        let snapshot = gateway.read().await.unwrap();
        assert!(!snapshot.readings.is_empty(), "{firmware}");
        assert!(snapshot.complaints.is_empty(), "{firmware}: {:?}", snapshot.complaints);
        assert_eq!(bench.asked(), (1, 1, 1), "{firmware}");
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn digest_users_open_older_gateways() {
    for firmware in ["3.9.36", "4.10.35", "5.0.62"] {
        let bench = Bench::new(&[firmware]);
        let serial_number = bench.sim.serial_number(0).to_owned();
        for username in ["envoy", "installer"] {
            let password = default_password(username, &serial_number).unwrap();
            let account = Account { username: username.to_owned(), password };
            let gateway = bench.gateway(0, Some(account)).await;
            gateway.log_in().await.unwrap();
            let snapshot = gateway.read().await.unwrap();
            assert!(!snapshot.readings.inverters.is_empty(), "{firmware} as {username}");
        }
        assert_eq!(bench.asked(), (0, 0, 0));
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_digest_password_is_said_once_and_open_readings_are_still_read() {
    let bench = Bench::new(&["4.10.35"]);
    let gateway = bench.gateway(0, Some(bench.account_with("envoy", "wrong"))).await;
    assert_eq!(kind(gateway.log_in().await), ErrorKind::Rejected);
    let snapshot = gateway.read().await.unwrap();
    assert!(snapshot.readings.system_production.is_some());
    assert!(!snapshot.complaints.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_garbage_challenge_is_survived() {
    let bench = Bench::new(&["3.9.36"]);
    bench.fault("garbage_challenge", json!({}));
    let gateway = bench.gateway(0, Some(bench.account_with("envoy", "x"))).await;
    assert_eq!(kind(gateway.log_in().await), ErrorKind::Rejected);
    assert!(gateway.read().await.unwrap().readings.system_production.is_some());
}

/// Logs in under a fault of the cloud: the kind of the failure, and the logins it cost, also when
/// it is tried again at once.
async fn check(fault: &str, expect: ErrorKind, logins: u64) {
    let bench = Bench::new(&["7.6.175"]);
    bench.fault(fault, json!({}));
    let gateway = bench.gateway(0, Some(bench.account())).await;
    for _ in 0..3 {
        assert_eq!(kind(gateway.log_in().await), expect, "{fault}");
    }
    assert_eq!(bench.asked().0, logins, "{fault}");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn refusals_of_the_cloud_cost_one_login_each() {
    check("wrong_password", ErrorKind::Rejected, 1).await;
    check("mfa", ErrorKind::OneTimeCode, 1).await;
    check("blocked", ErrorKind::Blocked, 1).await;
    check("too_many_sessions", ErrorKind::Blocked, 1).await;
    check("login_wall", ErrorKind::Blocked, 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_definite_no_of_the_cloud_says_when_a_program_asks_again() {
    for (fault, minutes) in [("wrong_password", 5), ("blocked", 24 * 60), ("login_wall", 24 * 60)] {
        let bench = Bench::new(&["7.6.175"]);
        bench.fault(fault, json!({}));
        let gateway = bench.gateway(0, Some(bench.account())).await;
        let begun = bench.sim.control().now();
        let retry_at = gateway.log_in().await.unwrap_err().retry_at().unwrap();
        let expect = begun + SignedDuration::from_mins(minutes);
        assert!((expect..expect + SignedDuration::from_secs(5)).contains(&retry_at), "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn passwords_of_any_characters_arrive() {
    for password in ["p%41&+=", "a b+c", "käse\u{1f511}", "\"';--", "="] {
        let mut options = Options::default();
        options.account.password = Some(password.to_owned());
        let bench = Bench::with(options);
        let gateway = bench.gateway(0, Some(bench.account())).await;
        gateway.log_in().await.unwrap_or_else(|error| panic!("{password}: {error}"));
    }
}

#[tokio::test(start_paused = true)]
async fn one_login_opens_all_gateways_of_an_account() {
    let bench = Bench::new(&["7.6.175", "8.2.4345", "8.3.5289"]);
    for index in 0..3 {
        let gateway = bench.gateway(index, Some(bench.account())).await;
        assert!(!gateway.read().await.unwrap().readings.is_empty());
    }
    assert_eq!(bench.asked(), (1, 3, 3));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_given_token_is_proven_before_it_is_kept() {
    let bench = Bench::new(&["7.6.175"]);
    let seen = bench.look(0).await.unwrap();
    let gateway = bench.gateway_of(&seen, None);
    assert_eq!(kind(gateway.read().await), ErrorKind::NeedsLogin);

    let admit = |text: &str| {
        let keys = bench.clouds().keys;
        Token::admit(text, &seen.info.serial_number, &keys, bench.clock.now()).unwrap()
    };
    let forged = admit(&bench.sim.token(0).signing(Signing::Stranger).mint());
    assert!(!forged.is_verified());
    assert_eq!(kind(gateway.adopt_token(forged).await), ErrorKind::NeedsLogin);
    assert_eq!(kind(gateway.read().await), ErrorKind::NeedsLogin);

    bench.pass(61).await;
    let good = admit(&bench.sim.token(0).role("installer").mint());
    assert!(good.is_verified());
    assert_eq!(good.role(), &Role::Installer);
    gateway.adopt_token(good).await.unwrap();
    assert!(!gateway.read().await.unwrap().readings.is_empty());
    assert_eq!(bench.asked().0, 0);
}

#[tokio::test(start_paused = true)]
async fn every_shape_of_an_answer_of_entrez_is_a_token_or_an_error() {
    for (shape, expect) in [
        ("json", None),
        ("html", Some(ErrorKind::CloudUnreachable)),
        ("empty", Some(ErrorKind::CloudUnreachable)),
    ] {
        let bench = Bench::new(&["7.6.175"]);
        bench.fault("not_jwt", json!({"kind": shape}));
        let gateway = bench.gateway(0, Some(bench.account())).await;
        assert_eq!(gateway.log_in().await.err().map(|error| error.kind()), expect, "{shape}");
        assert_eq!(bench.asked().0, 1, "{shape}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_for_another_gateway_is_never_shown() {
    let bench = Bench::new(&["7.6.175"]);
    bench.fault("wrong_aud", json!({}));
    let gateway = bench.gateway(0, Some(bench.account())).await;
    assert_eq!(kind(gateway.log_in().await), ErrorKind::CloudUnreachable);
    assert_eq!(bench.asked(), (1, 1, 0));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_wants_multipart_gets_it_at_once() {
    let bench = Bench::new(&["7.6.175"]);
    bench.fault("multipart_only", json!({}));
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.log_in().await.unwrap();
    assert_eq!(bench.asked(), (2, 1, 1));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_fails_is_told_as_such_and_asked_less_and_less() {
    for fault in ["tokens_503", "endpoint_moved"] {
        let bench = Bench::new(&["7.6.175"]);
        bench.fault(fault, json!({}));
        bench.fault("down", json!({"path": "/entrez-auth-token"}));
        let gateway = bench.gateway(0, Some(bench.account())).await;
        for _ in 0..60 {
            assert_eq!(kind(gateway.read().await), ErrorKind::CloudUnreachable, "{fault}");
            bench.pass(60).await;
        }
        let (logins, tokens, _) = bench.asked();
        assert!(logins <= 4 && tokens <= 4 * logins, "{fault}: {logins} logins, {tokens} tokens");
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn who_brings_an_account_is_not_answered_for_who_had_none() {
    let bench = Bench::new(&["7.6.175"]);
    let seen = bench.look(0).await.unwrap();
    assert_eq!(kind(bench.gateway_of(&seen, None).read().await), ErrorKind::NeedsLogin);
    bench.gateway_of(&seen, Some(bench.account())).read().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_brings_the_right_password_is_not_answered_for_who_brought_a_wrong_one() {
    let bench = Bench::new(&["7.6.175"]);
    let seen = bench.look(0).await.unwrap();
    let wrong = bench.account_with(bench.sim.account().0, "wrong");
    let (wrong, right) =
        (bench.gateway_of(&seen, Some(wrong)), bench.gateway_of(&seen, Some(bench.account())));
    let (wrong, right) = tokio::join!(wrong.log_in(), right.log_in());
    assert_eq!(kind(wrong), ErrorKind::Rejected);
    right.unwrap();
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_token_that_lasts_longer_than_any_is_told_and_not_asked_for_again() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let year = Duration::from_secs(400 * 86_400);
    for _ in 0..10 {
        assert_eq!(kind(gateway.token(year).await), ErrorKind::Invalid);
        bench.pass(600).await;
    }
    assert_eq!(bench.asked().0, 1);
    gateway.token(Duration::from_secs(364 * 86_400)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn six_logins_at_the_same_time_are_one() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let logins = (0..6).map(|_| gateway.log_in());
    for login in futures_util::future::join_all(logins).await {
        login.unwrap();
    }
    assert_eq!(bench.asked(), (1, 1, 1));
}

#[test]
fn a_store_that_fails_is_a_kind_of_its_own() {
    let error = hallpass_credential::store::StoreError::new(StoreErrorKind::Corrupt, "damaged");
    let error = hallpass_enphase::Error::from(error);
    assert_eq!(error.kind(), ErrorKind::Store(StoreErrorKind::Corrupt));
}

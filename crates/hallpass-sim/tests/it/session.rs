use std::time::Duration;

use hallpass_sim::Signing;

use crate::client::{ask, bearer, get, sim};

#[tokio::test]
async fn check_jwt_hands_out_a_session_that_ends_after_ten_idle_minutes() {
    let sim = sim("7.6.175");
    let reply = ask(&sim, "POST", "/auth/check_jwt", &[&bearer(&sim.token(0).mint())], "").await;
    let session = reply.cookie("sessionId").unwrap();
    assert_eq!(
        (reply.status, reply.text().as_str(), session.len()),
        (200, "<!DOCTYPE html><h2>Valid token.</h2>\n", 32)
    );
    let cookie = format!("Cookie: sessionId={session}");
    for minutes in [0, 9, 9] {
        sim.control().advance(Duration::from_secs(minutes * 60));
        assert_eq!(get(&sim, "/production.json", &[&cookie]).await.status, 200);
    }
    sim.control().advance(Duration::from_secs(600));
    let refused = get(&sim, "/production.json", &[&cookie]).await;
    assert_eq!(
        (refused.status, refused.body.len(), refused.header("www-authenticate")),
        (401, 555, None)
    );
}

#[tokio::test]
async fn only_good_tokens_pass() {
    let sim = sim("7.6.175");
    let hour = Duration::from_secs(3_600);
    let check = async |token: String, expect: u16, why: &str| {
        assert_eq!(get(&sim, "/ivp/meters", &[&bearer(&token)]).await.status, expect, "{why}");
    };
    check(sim.token(0).mint(), 200, "good").await;
    check(sim.token(0).audience("999999999999").mint(), 401, "another gateway's").await;
    check(sim.token(0).life(hour).issued_ago(hour * 2).mint(), 401, "expired").await;
    check(sim.token(0).issued_ahead(hour).mint(), 401, "from the future").await;
    check(sim.token(0).signing(Signing::Stranger).mint(), 401, "forged").await;
    check(sim.token(0).signing(Signing::Nobody).mint(), 401, "unsigned").await;
    check(sim.token(0).signing(Signing::Shared).mint(), 401, "symmetric").await;
    check("nonsense".to_owned(), 401, "no token").await;
}

#[tokio::test]
async fn the_first_uncommissioned_token_sets_the_horizon() {
    let sim = sim("7.6.175");
    let token = || sim.token(0).audience("un-commissioned").role("installer");
    let check = async |token: String, expect: u16| {
        assert_eq!(get(&sim, "/ivp/meters", &[&bearer(&token)]).await.status, expect);
    };
    check(token().life(Duration::from_secs(3_600)).mint(), 200).await;
    check(token().life(Duration::from_secs(1_800)).mint(), 200).await;
    check(token().life(Duration::from_secs(7_200)).mint(), 401).await;
}

#[tokio::test]
async fn installers_may_do_more_than_owners() {
    let power = "/ivp/mod/603980032/mode/power";
    let sim = sim("7.6.175");
    let (owner, installer) =
        (bearer(&sim.token(0).mint()), bearer(&sim.token(0).role("installer").mint()));
    assert_eq!(get(&sim, power, &[&owner]).await.status, 401);
    assert_eq!(ask(&sim, "PUT", power, &[&owner], r#"{"length":1,"arr":[1]}"#).await.status, 401);
    assert_eq!(
        ask(&sim, "PUT", power, &[&installer], r#"{"length":1,"arr":[1]}"#).await.status,
        204
    );
    assert_eq!(get(&sim, power, &[&installer]).await.json()["powerForcedOff"], true);
}

#[tokio::test]
async fn late_firmware_hands_out_a_session_with_any_answer() {
    let sim = sim("8.3.5289");
    let token = bearer(&sim.token(0).mint());
    let first = get(&sim, "/ivp/meters", &[&token]).await.cookie("sessionId").unwrap();
    assert_eq!(get(&sim, "/home", &[&token]).await.cookie("sessionId"), Some(first.clone()));
    assert_eq!(get(&sim, "/home", &[&format!("Cookie: sessionid={first}")]).await.status, 200);
    assert_eq!(get(&sim, "/info", &[&token]).await.cookie("sessionId"), None);
    assert_eq!(get(&sim, "/home", &[]).await.body.len(), 561);
    assert_eq!(sim.control().counters().sessions, 1);
}

#[tokio::test]
async fn an_early_seven_refuses_the_ensemble_to_everybody() {
    let sim = sim("7.3.130");
    let token = bearer(&sim.token(0).role("installer").mint());
    assert_eq!(get(&sim, "/ivp/ensemble/inventory", &[&token]).await.status, 200);
    assert_eq!(get(&sim, "/ivp/ensemble/power", &[&token]).await.status, 401);
}

#[tokio::test]
async fn the_same_instant_is_told_everywhere() {
    let sim = sim("7.6.175");
    let token = bearer(&sim.token(0).mint());
    let report = get(&sim, "/production.json?details=1", &[&token]).await.json();
    let totals = get(&sim, "/api/v1/production", &[&token]).await.json();
    let readings = get(&sim, "/ivp/meters/readings", &[&token]).await.json();
    let inverters = get(&sim, "/api/v1/production/inverters", &[&token]).await.json();
    let close = |one: &serde_json::Value, two: &serde_json::Value| {
        let (one, two) = (one.as_f64().unwrap(), two.as_f64().unwrap());
        assert!((one - two).abs() <= 5.0 + 0.02 * one.abs(), "{one} {two}");
    };
    let (solar, total, net) =
        (&report["production"][1], &report["consumption"][0], &report["consumption"][1]);
    close(&solar["wNow"], &totals["wattsNow"]);
    close(&solar["whLifetime"], &totals["wattHoursLifetime"]);
    close(&solar["whLifetime"], &readings[0]["actEnergyDlvd"]);
    close(&net["wNow"], &readings[1]["activePower"]);
    let balance = total["wNow"].as_f64().unwrap() - solar["wNow"].as_f64().unwrap();
    close(&net["wNow"], &balance.into());
    let lines: f64 =
        total["lines"].as_array().unwrap().iter().map(|line| line["wNow"].as_f64().unwrap()).sum();
    close(&total["wNow"], &lines.into());
    assert_eq!(inverters.as_array().unwrap().len(), 12);
}

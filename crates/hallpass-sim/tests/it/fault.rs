use std::time::Duration;

use hallpass_sim::{GatewayOptions, Options, Place, Sim};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::client::{bearer, get, request, sim, tls};

#[tokio::test]
async fn answers_are_spoilt_in_each_of_the_known_ways() {
    let check = async |fault: &str, arguments: Value, status: u16, contains: &str| {
        let sim = sim("7.6.175");
        sim.control().set_fault(fault, &arguments).unwrap();
        let reply = get(&sim, "/production.json", &[&bearer(&sim.token(0).mint())]).await;
        assert!(
            reply.status == status && reply.text().contains(contains),
            "{fault} {arguments}: {reply:?}"
        );
    };
    check("html200", json!({}), 200, "<html").await;
    check("G14", json!({"status": 502}), 502, "502 Bad Gateway").await;
    check("one_endpoint_401", json!({}), 401, "401 Authorization Required").await;
    check("redirects", json!({}), 301, "").await;
    check("not_a_gateway", json!({}), 200, "It works!").await;
    check("refused", json!({}), 0, "").await;
    check("truncated_body", json!({}), 200, "").await;
    check("half_chunk", json!({}), 200, "{").await;
    check("wrong_length", json!({}), 200, "{").await;
    check("odd_numbers", json!({"kind": "nan"}), 200, "\"wNow\":NaN").await;
    check("odd_numbers", json!({"kind": "deep"}), 200, "[[[[").await;
    check(
        "shape_change",
        json!({"kind": "unknown", "path": "/production.json"}),
        200,
        "{\"surprise\"",
    )
    .await;
    check("burst_401", json!({"times": 1}), 401, "").await;
}

#[tokio::test]
async fn short_bodies_are_short() {
    let sim = sim("7.6.175");
    let token = bearer(&sim.token(0).mint());
    let whole = get(&sim, "/ivp/meters", &[&token]).await;
    sim.control().set_fault("wrong_length", &json!({"path": "/ivp/meters"})).unwrap();
    let cut = get(&sim, "/ivp/meters", &[&token]).await;
    assert_eq!(cut.header("content-length"), Some(whole.body.len().to_string().as_str()));
    assert_eq!(cut.body.len(), whole.body.len() / 2);
}

#[tokio::test]
async fn an_info_can_lack_its_serial_number() {
    let sim = sim("7.6.175");
    sim.control().set_fault("no_serial", &Value::Null).unwrap();
    let info = get(&sim, "/info", &[]).await.text();
    assert!(!info.contains("<sn>") && info.contains("<software>D7.6.175</software>"));
}

#[tokio::test]
async fn a_reboot_refuses_then_starts_then_forgets_sessions_but_not_tokens() {
    let sim = sim("7.6.175");
    let control = sim.control();
    let token = bearer(&sim.token(0).mint());
    let session = get(&sim, "/auth/check_jwt", &[&token]).await.cookie("sessionId").unwrap();
    let cookie = format!("Cookie: sessionId={session}");
    control.set_fault("reboot_503", &json!({"down": "60s", "starting": "3m"})).unwrap();
    assert!(sim.refuses(0));
    assert_eq!(get(&sim, "/info", &[]).await.status, 0);
    control.advance(Duration::from_secs(61));
    assert_eq!(get(&sim, "/info", &[]).await.status, 503);
    control.advance(Duration::from_secs(180));
    assert_eq!(get(&sim, "/home", &[&cookie]).await.status, 401);
    assert_eq!(get(&sim, "/home", &[&token]).await.status, 200);
}

#[tokio::test]
async fn firmware_3_shows_zeros_after_a_reboot() {
    let sim = sim("3.9.36");
    let lifetime = async || {
        get(&sim, "/api/v1/production", &[]).await.json()["wattHoursLifetime"].as_i64().unwrap()
    };
    assert!(lifetime().await > 0);
    sim.control().event("reboot", &json!({"down": "1s", "starting": "1m"})).unwrap();
    sim.control().advance(Duration::from_secs(2));
    assert_eq!(lifetime().await, 0);
    sim.control().advance(Duration::from_secs(60));
    assert!(lifetime().await > 0);
}

#[tokio::test]
async fn an_update_changes_the_version_and_kills_tokens() {
    let sim = sim("7.6.175");
    let old = bearer(&sim.token(0).mint());
    sim.control().set_fault("G5", &json!({"down": "1s", "version": "8.3.5289"})).unwrap();
    sim.control().advance(Duration::from_secs(2));
    assert!(get(&sim, "/info", &[]).await.text().contains("<software>D8.3.5289</software>"));
    assert_eq!(get(&sim, "/home", &[&old]).await.status, 401);
    assert_eq!(get(&sim, "/home", &[&bearer(&sim.token(0).mint())]).await.status, 200);
}

#[tokio::test]
async fn tokens_can_be_revoked_and_new_ones_refused() {
    let sim = sim("7.6.175");
    let control = sim.control();
    let check = async |token: &str, expect: u16| {
        assert_eq!(get(&sim, "/home", &[&bearer(token)]).await.status, expect)
    };
    let old = sim.token(0).mint();
    control.set_fault("new_refused", &Value::Null).unwrap();
    let new = sim.token(0).mint();
    check(&old, 200).await;
    check(&new, 401).await;
    control.clear_fault("A5").unwrap();
    check(&new, 200).await;
    control.set_fault("revoked", &Value::Null).unwrap();
    check(&new, 401).await;
    check(&sim.token(0).mint(), 200).await;
}

#[tokio::test]
async fn the_night_begins_at_23_local_time() {
    let place = Place { utc_offset_hours: 2, ..Place::default() };
    let start = "2026-06-01T20:59:00Z".parse().unwrap();
    let faults = vec!["nightly_2300=how=refused&length=10m".to_owned()];
    let sim = Sim::new(Options { place, start, faults, ..Options::default() }).unwrap();
    for (advance, expect) in [(0, 200), (2, 0), (8, 0), (2, 200), (23 * 60 + 50, 0)] {
        sim.control().advance(Duration::from_secs(advance * 60));
        assert_eq!(get(&sim, "/info", &[]).await.status, expect, "{advance} minutes later");
    }
}

#[tokio::test]
async fn sessions_can_be_few() {
    let sim = sim("7.6.175");
    let token = bearer(&sim.token(0).mint());
    let login = async || get(&sim, "/auth/check_jwt", &[&token]).await;
    sim.control().set_fault("session_limit", &json!({"sessions": 1})).unwrap();
    let first = login().await.cookie("sessionId").unwrap();
    assert_eq!(login().await.status, 503);
    sim.control().set_fault("session_limit", &json!({"sessions": 1, "full": "evict"})).unwrap();
    assert_eq!(login().await.status, 200);
    assert_eq!(get(&sim, "/home", &[&format!("Cookie: sessionId={first}")]).await.status, 401);
}

#[tokio::test]
async fn a_bearer_alone_can_be_too_little() {
    let sim = sim("7.6.175");
    let token = bearer(&sim.token(0).mint());
    sim.control().set_fault("bearer_refused", &Value::Null).unwrap();
    assert_eq!(get(&sim, "/ivp/meters/readings", &[&token]).await.status, 401);
    assert_eq!(get(&sim, "/ivp/meters", &[&token]).await.status, 200);
    let session = get(&sim, "/auth/check_jwt", &[&token]).await.cookie("sessionId").unwrap();
    assert_eq!(
        get(&sim, "/ivp/meters/readings", &[&token, &format!("Cookie: sessionId={session}")])
            .await
            .status,
        200
    );
}

#[tokio::test(start_paused = true)]
async fn paused_time_drives_the_simulation() {
    let options = Options {
        gateways: vec![GatewayOptions::firmware("5.0.62")],
        speed: 60.0,
        ..Options::default()
    };
    let sim = Sim::new(options).unwrap();
    let begin = sim.control().now();
    sim.control().set_fault("slow", &json!({"path": "/info", "by": "10m"})).unwrap();
    let before = tokio::time::Instant::now();
    assert_eq!(
        crate::client::plain(
            |stream| sim.serve_gateway(0, stream),
            &request("GET", "/info", &[], "")
        )
        .await
        .status,
        200
    );
    assert_eq!(before.elapsed().as_secs(), 10);
    assert_eq!(sim.control().now().duration_since(begin).as_secs(), 600);
}

#[tokio::test]
async fn an_impostor_knows_the_info_but_not_the_key() {
    let sim = sim("7.6.175");
    let (pem, ask) = (sim.certificate_pem(0), request("GET", "/info", &[], ""));
    assert_eq!(tls(&sim, 0, &pem, &ask).await.unwrap().status, 200);
    sim.control().set_fault("impostor", &Value::Null).unwrap();
    assert!(tls(&sim, 0, &pem, &ask).await.is_err());
    sim.control().clear_fault("impostor").unwrap();
    sim.control().event("rotate-certificate", &Value::Null).unwrap();
    assert!(tls(&sim, 0, &pem, &ask).await.is_err());
    assert_eq!(tls(&sim, 0, &sim.certificate_pem(0), &ask).await.unwrap().status, 200);
}

/// A gateway at noon of a day in summer.
fn at_noon(version: &str) -> Sim {
    let gateways = vec![GatewayOptions::firmware(version)];
    let start = "2026-06-21T11:00:00Z".parse().unwrap();
    Sim::new(Options { gateways, start, ..Options::default() }).unwrap()
}

async fn read(sim: &Sim, target: &str) -> Value {
    get(sim, target, &[&bearer(&sim.token(0).mint())]).await.json()
}

const REPORT: &str = "/production.json";

#[tokio::test(start_paused = true)]
async fn faults_of_the_counters_show_on_the_wire() {
    let check =
        async |fault: &str, arguments: Value, place: (&str, &str), expect: &dyn Fn(f64) -> f64| {
            let sim = at_noon("8.2.127");
            let look = async || {
                read(&sim, place.0).await.pointer(place.1).and_then(Value::as_f64).unwrap()
            };
            let before = look().await;
            sim.control().set_fault(fault, &arguments).unwrap();
            sim.control().advance(Duration::from_secs(60));
            let (after, expect) = (look().await, expect(before));
            // What a minute adds is little.
            assert!((after - expect).abs() < 200.0, "{fault} {arguments}: {after} {expect}");
        };
    let lifetime = (REPORT, "/production/1/whLifetime");
    check("rollover", json!({}), lifetime, &|was| was % 1.19e6).await;
    check("step_down", json!({}), lifetime, &|was| was - 1.2e6).await;
    check("zeros_after_boot", json!({"down": 0}), lifetime, &|_| 0.0).await;
    check("half", json!({}), ("/ivp/meters/readings", "/2/actEnergyRcvd"), &|was| was / 2.0).await;
    check("huge_today", json!({}), (REPORT, "/production/1/whToday"), &|was| was + 5e6).await;
    check("reset_to_nonzero", json!({"to": 77}), lifetime, &|_| 77.0).await;
    let consumed = (REPORT, "/consumption/0/whLifetime");
    check("D9", json!({"counter": "consumption"}), consumed, &|_| 1_234.0).await;
}

#[tokio::test(start_paused = true)]
async fn total_consumption_can_be_a_copy_of_the_net() {
    let sim = at_noon("8.2.127");
    let copied = async || {
        let consumption = &read(&sim, REPORT).await["consumption"];
        consumption[0]["wNow"] == consumption[1]["wNow"]
            && consumption[0]["whLifetime"] == consumption[1]["whLifetime"]
    };
    assert!(!copied().await);
    sim.control().set_fault("net_copy", &Value::Null).unwrap();
    assert!(copied().await);
    sim.control().clear_fault("net_copy").unwrap();
    assert!(!copied().await);
}

#[tokio::test(start_paused = true)]
async fn time_can_stand_still() {
    let sim = at_noon("8.2.127");
    sim.control().set_fault("frozen", &Value::Null).unwrap();
    let begin = read(&sim, REPORT).await;
    sim.control().advance(Duration::from_secs(3_600));
    assert_eq!(read(&sim, REPORT).await, begin);
    sim.control().clear_fault("frozen").unwrap();
    assert_ne!(read(&sim, REPORT).await, begin);
}

#[tokio::test(start_paused = true)]
async fn endpoints_are_as_slow_as_real_ones_if_asked_for() {
    let sim = sim("7.6.175");
    let took = async |target: &str| {
        let begin = tokio::time::Instant::now();
        get(&sim, target, &[&bearer(&sim.token(0).mint())]).await;
        begin.elapsed().as_millis()
    };
    assert_eq!(took("/home").await, 0);
    sim.control().set_fault("recorded_delays", &Value::Null).unwrap();
    assert_eq!((took("/home").await, took("/production.json?details=1").await), (6_400, 1_800));
}

#[tokio::test(start_paused = true)]
async fn who_has_gone_has_nothing_in_flight() {
    let sim = sim("5.0.62");
    sim.control().set_fault("hang", &Value::Null).unwrap();
    for _ in 0..3 {
        let (mut ours, theirs) = tokio::io::duplex(4_096);
        tokio::spawn(sim.serve_gateway(0, theirs));
        ours.write_all(request("GET", "/info", &[], "").as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(45)).await;
    }
    let maxima = sim.control().verdict().maxima;
    assert_eq!((maxima.in_flight, maxima.connections), (1, 1));
}

//! What a program that reads again and again relies on: that it is told what changed, and that a
//! gateway which is away is left in peace.

use hallpass_enphase::{Gateway, Snapshot, default_password};
use hallpass_sim::{GatewayOptions, Options};
use serde_json::json;

use crate::bench::Bench;

/// A gateway without meters after sunset, where nothing is measured that changes.
async fn at_night() -> (Bench, Gateway) {
    let bench = Bench::with(Options {
        gateways: vec![GatewayOptions::firmware("5.0.62")],
        start: "2026-06-21T20:30:00Z".parse().unwrap(),
        ..Options::default()
    });
    let serial_number = bench.look(0).await.unwrap().info.serial_number;
    let password = default_password("envoy", &serial_number).unwrap();
    let account = bench.account_with("envoy", password.expose());
    let gateway = bench.gateway(0, Some(account)).await;
    (bench, gateway)
}

/// The next snapshot, and whether it differs from the one before.
async fn next(bench: &Bench, gateway: &Gateway, before: &mut Snapshot) -> bool {
    bench.pass(300).await;
    let snapshot = gateway.read().await.unwrap();
    assert!(snapshot.taken_at > before.taken_at);
    let differs = snapshot.differs_from(before);
    *before = snapshot;
    differs
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_differs_when_something_is_measured_or_missed() {
    let (bench, gateway) = at_night().await;
    let mut before = gateway.read().await.unwrap();
    assert!(!next(&bench, &gateway, &mut before).await);
    bench.fault("html200", json!({"path": "/api/v1/production/inverters"}));
    assert!(next(&bench, &gateway, &mut before).await, "a complaint");
    assert!(!next(&bench, &gateway, &mut before).await, "the same complaint");
    bench.no_fault("html200");
    assert!(next(&bench, &gateway, &mut before).await, "none any more");
    assert!(!next(&bench, &gateway, &mut before).await);
    bench.pass(8 * 3_600).await;
    assert!(next(&bench, &gateway, &mut before).await, "the sun is up");
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_is_away_is_asked_who_it_is_and_nothing_else() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    bench.fault("gateway_504", json!({}));
    bench.pass(60).await;
    gateway.read().await.unwrap_err();
    let asked = || {
        let counters = bench.counters();
        let all: u64 = counters.requests.values().flat_map(|answers| answers.values()).sum();
        (counters.requests["/info"].values().sum::<u64>(), all)
    };
    for _ in 0..5 {
        bench.pass(60).await;
        let before = asked();
        gateway.read().await.unwrap_err();
        assert_eq!(asked(), (before.0 + 1, before.1 + 1));
    }
    bench.no_fault("gateway_504");
    bench.pass(60).await;
    assert!(!gateway.read().await.unwrap().readings.is_empty());
    bench.assert_fair();
}

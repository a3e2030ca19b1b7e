//! What refusals, outages and impostors cost, and what they do not.

use std::{sync::Arc, time::Duration};

use hallpass_enphase::{Endpoint, ErrorKind, Nowhere, Snapshot, reading::Family};
use hallpass_transport::Limits;
use http::Request;
use serde_json::json;
use tokio::task::JoinSet;

use crate::bench::{Bench, kind};

#[tokio::test(start_paused = true)]
async fn an_ended_session_costs_one_check_jwt() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    // The gateway takes the bearer as well; where it does not, the session is renewed.
    bench.fault("bearer_refused", json!({}));
    for _ in 0..3 {
        bench.pass(3600).await;
        bench.event("expire-session");
        let snapshot = gateway.read().await.unwrap();
        assert!(snapshot.complaints.is_empty(), "{:?}", snapshot.complaints);
    }
    assert_eq!(bench.asked(), (1, 1, 4));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_share_a_session_a_token_and_a_login() {
    let mut bench = Bench::new(&["7.6.175"]);
    bench.rate = hallpass_credential::Rate::UNLIMITED;
    let seen = bench.look(0).await.unwrap();
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        // Each is a process of its own; only the store is shared.
        let gateway = bench.gateway_of(&seen, Some(bench.account()));
        callers.spawn(async move {
            let request = Request::get("/production.json").body(bytes::Bytes::new()).unwrap();
            gateway.forward(request).await.unwrap().status.as_u16()
        });
    }
    assert!(callers.join_all().await.into_iter().all(|status| status == 200));
    assert_eq!(bench.asked(), (1, 1, 1));
    assert_eq!(bench.counters().requests["/production.json"][&200], 50);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_is_renewed_after_two_definite_refusals() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    bench.pass(3600).await;
    bench.event("expire-token");
    let first = gateway.read().await.unwrap_err();
    assert_eq!(first.kind(), ErrorKind::NeedsLogin);
    assert!(first.retry_at().is_some(), "it says from when on");
    assert_eq!(bench.asked().0, 1, "one refusal is no proof");
    bench.pass(61).await;
    assert!(!gateway.read().await.unwrap().readings.is_empty());
    assert_eq!(bench.asked().0, 2);
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn one_endpoint_that_always_refuses_costs_no_login() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    let path = "/api/v1/production/inverters";
    bench.fault("one_endpoint_401", json!({"path": path}));
    bench.pass(600).await;
    let (_, _, proofs_before) = bench.asked();
    for _ in 0..12 {
        let snapshot = gateway.read().await.unwrap();
        assert!(snapshot.readings.system_production.is_some());
        assert_eq!(snapshot.complaints.len(), 1);
        bench.pass(300).await;
    }
    let (logins, _, proofs) = bench.asked();
    assert_eq!(logins, 1);
    assert!(proofs - proofs_before <= 2, "{proofs} check_jwt");
    let asked = bench.counters().requests[path][&401];
    bench.no_fault("one_endpoint_401");
    bench.pass(24 * 3600).await;
    assert_eq!(gateway.read().await.unwrap().complaints, [], "a day later it is asked again");
    assert!(asked <= 4, "{asked} refusals");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn what_refuses_shortly_after_a_login_may_have_ended_the_token() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    bench.fault("burst_401", json!({}));
    bench.pass(5).await;
    for _ in 0..3 {
        let refused = gateway.read().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::NeedsLogin);
        assert!(refused.retry_at().is_some());
        let family = gateway.read_only(Family::Production).await.unwrap();
        assert_eq!(family.complaints.len(), 1);
    }
    bench.pass(60).await;
    assert_eq!(kind(gateway.read().await), ErrorKind::Forbidden, "it has let us in again");
    bench.no_fault("burst_401");
    bench.pass(60).await;
    assert_eq!(gateway.read().await.unwrap().complaints, [], "nothing was parked");
}

#[tokio::test(start_paused = true)]
async fn two_endpoints_that_hang_cost_their_own_readings() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    bench.fault("hang", json!({"path": "/ivp/meters*"}));
    let snapshot = gateway.read().await.unwrap();
    assert!(snapshot.readings.ctmeters.is_empty());
    assert!(snapshot.readings.system_production.is_some());
    assert!(!snapshot.readings.inverters.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_changes_slowly_is_asked_now_and_then() {
    let bench = Bench::new(&["8.2.127"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let asked = |path: &str| bench.counters().requests[path].values().sum::<u64>();
    gateway.read().await.unwrap();
    let (fast, slow) = (asked("/production.json"), asked("/api/v1/production/inverters"));
    for _ in 0..10 {
        bench.pass(60).await;
        let snapshot = gateway.read().await.unwrap();
        assert!(!snapshot.readings.inverters.is_empty());
        assert_eq!((snapshot.complaints.len(), snapshot.stale.len()), (0, 0));
    }
    assert_eq!(asked("/production.json") - fast, 10);
    assert_eq!(asked("/api/v1/production/inverters") - slow, 2);
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn what_fails_keeps_its_last_value_for_an_hour() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let whole = gateway.read().await.unwrap();
    bench.fault("truncated_body", json!({"path": "/production.json"}));
    bench.pass(60).await;
    let partial = gateway.read().await.unwrap();
    let production = |snapshot: &Snapshot| snapshot.readings.system_production.is_some();
    assert!(production(&partial));
    let stale: Vec<_> = partial.stale.iter().map(|one| (one.endpoint, one.since)).collect();
    assert_eq!(stale, [(Endpoint::ProductionDetails, whole.taken_at)]);
    bench.pass(3600).await;
    let without = gateway.read().await.unwrap();
    assert!(!production(&without) && without.stale.is_empty());
    bench.no_fault("truncated_body");
    bench.pass(60).await;
    let healed = gateway.read().await.unwrap();
    assert!(production(&healed) && healed.stale.is_empty() && healed.complaints.is_empty());
}

#[tokio::test(start_paused = true)]
async fn outages_cost_no_login_and_pass() {
    for fault in ["gateway_504", "html200", "truncated_body", "empty_body"] {
        let bench = Bench::new(&["7.6.175"]);
        let gateway = bench.gateway(0, Some(bench.account())).await;
        gateway.read().await.unwrap();
        bench.fault(fault, json!({}));
        for _ in 0..5 {
            bench.pass(120).await;
            let hit = gateway.read().await.map_or(true, |read| !read.complaints.is_empty());
            assert!(hit, "{fault}");
        }
        bench.no_fault(fault);
        bench.pass(120).await;
        assert!(!gateway.read().await.unwrap().readings.is_empty(), "{fault}");
        assert_eq!(bench.asked().0, 1, "{fault}");
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn an_endless_or_dripping_answer_is_cut() {
    let limits = Limits { body: 64 * 1024, total: Duration::from_secs(5), ..Limits::DEVICE };
    for fault in ["endless_body", "slowloris"] {
        let bench = Bench::new(&["7.6.175"]).limited(limits);
        let gateway = bench.gateway(0, Some(bench.account())).await;
        gateway.read().await.unwrap();
        bench.fault(fault, json!({"path": "/production.json"}));
        bench.pass(60).await;
        let snapshot = gateway.read().await.unwrap();
        assert!(!snapshot.complaints.is_empty(), "{fault}");
        assert!(!snapshot.readings.inverters.is_empty(), "{fault}: the rest is read");
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_key_is_told_and_receives_nothing() {
    let bench = Bench::new(&["7.6.175"]);
    let seen = bench.look(0).await.unwrap();
    let gateway = bench.gateway_of(&seen, Some(bench.account()));
    gateway.read().await.unwrap();
    bench.event("rotate-certificate");
    bench.event("cut-connections");
    for _ in 0..20 {
        bench.pass(120).await;
        assert_eq!(kind(gateway.read().await), ErrorKind::IdentityChanged);
        let fresh = bench.gateway_of(&seen, Some(bench.account()));
        assert_eq!(kind(fresh.read().await), ErrorKind::IdentityChanged);
    }
    assert!(bench.counters().leaks.is_empty());
    assert_eq!(bench.asked().0, 1);
}

#[tokio::test(start_paused = true)]
async fn another_serial_number_behind_the_same_address_is_told() {
    let bench = Bench::new(&["4.10.35", "4.10.35"]);
    let (first, second) = (bench.look(0).await.unwrap(), bench.look(1).await.unwrap());
    let mut swapped = first.clone();
    swapped.origin = second.origin;
    let password = hallpass_enphase::default_password("envoy", &first.info.serial_number).unwrap();
    let account = bench.account_with("envoy", password.expose());
    let lost = bench.network().locating(Arc::new(Nowhere));
    let gateway = bench.gateway_over(lost, &swapped, Some(account.clone()));
    assert_eq!(kind(gateway.read().await), ErrorKind::IdentityChanged);
    let request = Request::get("/production").body(bytes::Bytes::new()).unwrap();
    assert_eq!(kind(gateway.forward(request).await), ErrorKind::IdentityChanged);
    let found = bench.gateway_of(&swapped, Some(account));
    assert_eq!(found.read().await.unwrap().device.serial_number, first.info.serial_number);
    assert!(bench.counters().leaks.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_a_get_is_sent_once() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    bench.fault("one_endpoint_401", json!({"path": "/admin/lib/tariff"}));
    bench.pass(3600).await;
    let sent = || bench.counters().requests["/admin/lib/tariff"].values().sum::<u64>();
    let before = sent();
    let request = Request::put("/admin/lib/tariff").body(bytes::Bytes::from("{}")).unwrap();
    assert_eq!(gateway.forward(request).await.unwrap().status.as_u16(), 401);
    assert_eq!(sent() - before, 1);
}

#[tokio::test(start_paused = true)]
async fn a_write_after_an_idle_hour_meets_a_session_that_is_proven() {
    let bench = Bench::new(&["7.6.175"]);
    let path = "/ivp/livedata/stream";
    let put = |gateway: hallpass_enphase::Gateway| async move {
        let request = Request::post(path).body(bytes::Bytes::from(r#"{"enable": 1}"#)).unwrap();
        (gateway.forward(request).await.unwrap().status.as_u16(), gateway)
    };
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    // Where the bearer opens too, nobody notices that a session has ended.
    bench.fault("bearer_refused", json!({"path": "/*"}));
    bench.pass(61).await;
    gateway.read().await.unwrap();
    let (status, gateway) = put(gateway).await;
    assert_ne!(status, 401);
    let proofs = || {
        let counters = bench.counters();
        counters.requests.get("/api/v1/production").map_or(0, |it| it.values().sum::<u64>())
    };
    let checks = || bench.asked().2;
    let before = (proofs(), checks());
    // Used a moment ago: nothing is to be proven.
    let (_, gateway) = put(gateway).await;
    assert_eq!((proofs(), checks()), before);
    bench.pass(3600).await;
    let (status, gateway) = put(gateway).await;
    assert_ne!(status, 401);
    assert_eq!(checks() - before.1, 1);
    // So for a process that does not know when others have used it last.
    drop(gateway);
    bench.pass(700).await;
    let (status, _) = put(bench.gateway(0, Some(bench.account())).await).await;
    assert_ne!(status, 401);
    assert_eq!(bench.counters().requests[path].values().sum::<u64>(), 4, "none is repeated");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_refusal_now_and_one_long_ago_are_not_definite() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    for _ in 0..5 {
        bench.pass(86_400).await;
        bench.event("expire-session");
        bench.fault("one_endpoint_401", json!({"path": "/auth/check_jwt"}));
        bench.fault("bearer_refused", json!({}));
        let _ = gateway.read().await;
        bench.no_fault("one_endpoint_401");
        bench.pass(120).await;
        gateway.read().await.unwrap();
    }
    assert_eq!(bench.asked().0, 1, "a good answer in between clears the refusal");
}

#[tokio::test(start_paused = true)]
async fn the_cloud_is_not_asked_for_a_gateway_that_is_away_or_another_one() {
    for fault in ["refused", "impostor", "gateway_504"] {
        let bench = Bench::new(&["7.6.175"]);
        let seen = bench.look(0).await.unwrap();
        let gateway = bench.gateway_of(&seen, Some(bench.account()));
        bench.fault(fault, json!({}));
        let request = Request::get("/production.json").body(bytes::Bytes::new()).unwrap();
        assert!(gateway.forward(request).await.is_err(), "{fault}");
        assert!(gateway.token(Duration::ZERO).await.is_err(), "{fault}");
        assert!(gateway.log_in().await.is_err(), "{fault}");
        assert_eq!(bench.asked(), (0, 0, 0), "{fault}");
        assert!(bench.counters().leaks.is_empty(), "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn reads_and_logins_of_many_processes_do_not_wait_for_each_other() {
    let mut bench = Bench::new(&["7.6.175"]);
    bench.rate = hallpass_credential::Rate::UNLIMITED;
    let seen = bench.look(0).await.unwrap();
    bench.fault("bearer_refused", json!({}));
    bench.gateway_of(&seen, Some(bench.account())).read().await.unwrap();
    bench.pass(3600).await;
    bench.event("expire-session");
    let begun = tokio::time::Instant::now();
    let mut processes = JoinSet::new();
    for number in 0..10 {
        let gateway = bench.gateway_of(&seen, Some(bench.account()));
        processes.spawn(async move {
            if number % 2 == 0 {
                return gateway.read().await.map(|_| ());
            }
            let request = Request::get("/production.json").body(bytes::Bytes::new()).unwrap();
            gateway.forward(request).await.map(|_| ())
        });
    }
    for done in processes.join_all().await {
        done.unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(9), "somebody waited for a lease to end");
    let maxima = bench.sim.control().verdict().maxima;
    assert_eq!(maxima.in_flight, 1, "{maxima:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_digest_password_is_sent_once_a_path() {
    let bench = Bench::new(&["4.10.35"]);
    let gateway = bench.gateway(0, Some(bench.account_with("envoy", "wrong"))).await;
    gateway.read().await.unwrap();
    let asked = &bench.counters().requests["/api/v1/production/inverters"];
    assert!(asked[&401] <= 2, "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_gateway_is_asked_who_it_is_once_an_hour_or_when_something_is_odd() {
    let bench = Bench::new(&["7.6.175"]);
    let seen = bench.look(0).await.unwrap();
    let asked = || bench.counters().requests["/info"][&200];
    let read = async || {
        let before = asked();
        // Each is a process of its own.
        let gateway = bench.gateway_of(&seen, Some(bench.account()));
        gateway.read().await.unwrap();
        asked() - before
    };
    read().await;
    bench.pass(60).await;
    assert_eq!(read().await, 0);
    bench.pass(3600).await;
    assert_eq!(read().await, 1);
    bench.fault("truncated_body", json!({"path": "/production.json"}));
    bench.pass(60).await;
    assert_eq!(read().await, 0);
    bench.pass(60).await;
    assert_eq!(read().await, 1, "an answer was odd");
}

#[tokio::test(start_paused = true)]
async fn a_program_that_runs_on_finds_out_that_the_firmware_has_changed() {
    let bench = Bench::new(&["8.1.41"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let asked = || bench.counters().requests["/info"][&200];
    let old = gateway.read().await.unwrap().device.firmware;
    let before = asked();
    bench.pass(1800).await;
    gateway.read().await.unwrap();
    assert_eq!(asked(), before);
    // Between two reads, so that no answer is odd.
    bench.event("update");
    bench.pass(1800).await;
    let snapshot = gateway.read().await.unwrap();
    assert_eq!(asked() - before, 1);
    assert_ne!(snapshot.device.firmware, old);
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_refused_endpoint_is_parked_by_who_reads_nothing_else_too() {
    let bench = Bench::new(&["7.6.175"]);
    let seen = bench.look(0).await.unwrap();
    bench.fault("one_endpoint_401", json!({"path": "/admin/lib/tariff"}));
    let mut before = None;
    for _ in 0..12 {
        // Each is a process of its own.
        let gateway = bench.gateway_of(&seen, Some(bench.account()));
        let snapshot = gateway.read_only(Family::Tariff).await.unwrap();
        assert_eq!(snapshot.complaints.len(), 1);
        before.get_or_insert_with(|| bench.asked().2 - 1);
        bench.pass(300).await;
    }
    let proofs = bench.asked().2 - before.unwrap();
    assert!(proofs <= 2, "{proofs} check_jwt");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn reads_at_the_same_time_share_what_is_remembered() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    let asked = || bench.counters().requests["/api/v1/production/inverters"][&200];
    let before = asked();
    bench.pass(60).await;
    let (one, other) = tokio::join!(gateway.read(), gateway.read_only(Family::Inverters));
    assert!(!one.unwrap().readings.inverters.is_empty());
    assert!(!other.unwrap().readings.inverters.is_empty());
    bench.pass(60).await;
    gateway.read().await.unwrap();
    assert_eq!(asked(), before);
    bench.assert_fair();
}

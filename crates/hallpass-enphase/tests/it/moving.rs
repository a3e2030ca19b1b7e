//! Gateways that get other addresses, and others that get theirs.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use hallpass_enphase::{Account, ErrorKind, Gateway, Locator, default_password};
use http::Request;
use serde_json::{Value, json};

use crate::bench::{Bench, kind};

/// Reads once a minute, as a program would, until it succeeds: after how many seconds.
async fn back_after(bench: &Bench, gateway: &Gateway) -> i64 {
    let begun = bench.clock.now();
    for _ in 0..5 {
        if gateway.read().await.is_ok_and(|snapshot| snapshot.complaints.is_empty()) {
            return begun.duration_until(bench.clock.now()).as_secs();
        }
        bench.pass(60).await;
    }
    panic!("it is not found again");
}

/// What opens a gateway of this firmware.
fn account(bench: &Bench, firmware: &str) -> Account {
    if firmware >= "7" {
        return bench.account();
    }
    let password = default_password("envoy", bench.sim.serial_number(0)).unwrap();
    Account { username: "envoy".to_owned(), password }
}

/// Lets a gateway move that somebody has logged in to; it must be found within a minute.
async fn check_move(firmware: &str, faults: &[(&str, Value)]) {
    let bench = Bench::new(&[firmware]);
    let gateway = bench.gateway(0, Some(account(&bench, firmware))).await;
    gateway.read().await.unwrap();
    let old = gateway.address();
    bench.pass(600).await;
    for (name, arguments) in faults {
        bench.fault(name, arguments.clone());
    }
    // The kept connection is silent for 45 s before it is given up.
    let after = back_after(&bench, &gateway).await;
    assert!(after <= 60, "{firmware} {faults:?}: after {after} s");
    assert_ne!(gateway.address(), old);
    assert_eq!(gateway.address(), bench.address(0));
    assert!(bench.asked().0 <= 1, "{firmware} {faults:?}: no login");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_moves_is_found_by_its_serial_number() {
    for firmware in ["7.6.175", "8.3.5289", "4.10.35", "5.0.62"] {
        check_move(firmware, &[("dhcp_move", json!({}))]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn impostors_at_its_old_address_and_elsewhere_are_told_by_their_keys() {
    let by_impostor = json!({"successor": "impostor"});
    for firmware in ["7.6.175", "8.3.5289"] {
        check_move(firmware, &[("dhcp_move", by_impostor.clone())]).await;
        let faults = [("false_advert", json!({})), ("dhcp_move", by_impostor.clone())];
        check_move(firmware, &faults).await;
    }
}

#[tokio::test(start_paused = true)]
async fn two_gateways_that_swap_their_addresses_are_both_found() {
    for firmware in ["7.6.175", "8.3.5289"] {
        let bench = Bench::new(&[firmware, firmware]);
        let one = bench.gateway(0, Some(bench.account())).await;
        let other = bench.gateway(1, Some(bench.account())).await;
        for gateway in [&one, &other] {
            gateway.read().await.unwrap();
        }
        for _ in 0..3 {
            bench.pass(600).await;
            bench.event("swap-addresses");
            for gateway in [&one, &other] {
                assert!(back_after(&bench, gateway).await <= 60, "{firmware}");
            }
            assert_eq!((one.address(), other.address()), (bench.address(0), bench.address(1)));
        }
        assert_eq!(bench.asked().0, 1, "logins");
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn who_only_says_to_be_it_gets_nothing() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    bench.fault("false_advert", json!({}));
    bench.event("cut-connections");
    bench.fault("refused", json!({}));
    bench.pass(60).await;
    assert_eq!(kind(gateway.read().await), ErrorKind::Unreachable);
    bench.no_fault("refused");
    bench.fault("impostor", json!({}));
    bench.pass(60).await;
    assert_eq!(kind(gateway.read().await), ErrorKind::IdentityChanged, "at its own address");
    assert_eq!(gateway.address(), bench.address(0));
    bench.no_fault("impostor");
    bench.pass(60).await;
    gateway.read().await.unwrap();
    bench.assert_fair();
}

/// Counts how often somebody asks, and knows nothing.
#[derive(Debug, Default)]
struct Counting(AtomicUsize);

impl Locator for Counting {
    fn locate<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Vec<String>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let unusable = ["", "no host", "127.0.0.1:1000", "[fe80::1%eth0]", "http://127.0.0.1:1009"];
        std::future::ready(unusable.map(str::to_owned).to_vec()).boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_looked_for_once_a_minute() {
    let bench = Bench::new(&["7.6.175"]);
    let seen = bench.look(0).await.unwrap();
    let counting = Arc::new(Counting::default());
    let network = bench.network().locating(counting.clone());
    let gateway = bench.gateway_over(network, &seen, Some(bench.account()));
    gateway.read().await.unwrap();
    assert_eq!(counting.0.load(Ordering::Relaxed), 0, "it is where it was");
    bench.fault("refused", json!({}));
    bench.event("cut-connections");
    for _ in 0..60 {
        assert_eq!(kind(gateway.read().await), ErrorKind::Unreachable);
        bench.pass(10).await;
    }
    assert_eq!(counting.0.load(Ordering::Relaxed), 10);
}

#[tokio::test(start_paused = true)]
async fn what_changes_something_is_sent_once() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    let post =
        || Request::post("/ivp/livedata/stream").body(Bytes::from("{\"enable\":1}")).unwrap();
    // Missed before anything has left: it is sent, to where the gateway is.
    bench.event("dhcp-move");
    assert_eq!(gateway.forward(post()).await.unwrap().status, 200);
    // It may have been carried out: it is not sent again, though the gateway is found elsewhere.
    bench.fault("hang", json!({"path": "/ivp/livedata/stream"}));
    let moving = async {
        bench.pass(1).await;
        bench.event("dhcp-move");
        bench.no_fault("hang");
    };
    let (sent, ()) = futures_util::future::join(gateway.forward(post()), moving).await;
    assert_eq!(kind(sent), ErrorKind::Unreachable);
    let asked: u64 = bench.counters().requests["/ivp/livedata/stream"].values().sum();
    assert_eq!(asked, 1);
    bench.pass(60).await;
    gateway.read().await.unwrap();
    bench.assert_fair();
}

//! Gateways that get other addresses while they are watched.

use std::{future::Future, time::Duration};

use futures_util::future::{FutureExt, join_all};
use hallpass_credential::store::{Space, Store};

use super::*;
use crate::cmd::{bench::address, status};

/// The longest from a move to the next reading (N4, N8), s.
const MOST: f64 = 120.0;

/// Two gateways of a firmware, both logged in to.
async fn two(firmware: &str) -> Bench {
    let gateways = [firmware; 2].map(GatewayOptions::firmware).to_vec();
    let bench = Bench::new(Options { start: MORNING, gateways, ..Options::default() });
    bench.log_in_everywhere().await.unwrap();
    bench
}

/// Watches the device called so while the script runs: when readings came, and why it ended.
async fn watch(
    bench: &Bench,
    name: &str,
    script: impl Future<Output = ()>,
) -> (Vec<Timestamp>, Option<Exit>) {
    let access = Access::open(&bench.context, name, &With::default()).await.unwrap();
    let wanted = Wanted { every: Duration::from_secs(60), daylight: None };
    let readings = RefCell::new(Vec::new());
    let told = |news: &News<'_>| {
        if let News::Reading { .. } = news {
            readings.borrow_mut().push(bench.clock.now());
        }
        Ok(())
    };
    let ended = tokio::select! {
        Err(ended) = Watch::new(&bench.context, access, wanted).run(told) => Some(Exit::of(&ended)),
        () = script => None,
    };
    (readings.into_inner(), ended)
}

/// How long after `moved` the next reading came, s.
fn back_after(readings: &[Timestamp], moved: Timestamp) -> f64 {
    let back = readings.iter().find(|at| **at > moved).expect("it is read again");
    moved.duration_until(*back).as_secs_f64()
}

async fn stored_address(bench: &Bench, name: &str) -> String {
    bench.context.state.devices.find(name).await.unwrap().unwrap().address
}

/// What the audit says of moves.
async fn moves(bench: &Bench) -> Vec<String> {
    let events = bench.context.state.with_store(|store| store.last_events(100)).await.unwrap();
    let moves = events.into_iter().filter(|event| event.event == "moved");
    moves.map(|event| event.detail).collect()
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_moves_is_found_within_two_minutes() {
    for (firmware, arguments) in [
        ("7.6.175", json!({})),
        ("7.6.175", json!({"successor": "impostor"})),
        ("4.10.35", json!({})),
    ] {
        let bench = bench_of(firmware, MORNING).await;
        let is_lied_about = firmware > "7";
        let moved = RefCell::new(Timestamp::MIN);
        let script = async {
            pass(121).await;
            if is_lied_about {
                bench.fault("false_advert", json!({}));
            }
            bench.fault("dhcp_move", arguments.clone());
            *moved.borrow_mut() = bench.clock.now();
            pass(600).await;
        };
        let (readings, ended) = watch(&bench, "gateway", script).await;
        assert_eq!(ended, None, "{firmware} {arguments}");
        let after = back_after(&readings, *moved.borrow());
        assert!(after <= MOST, "{firmware} {arguments}: back after {after} s");
        assert_eq!(stored_address(&bench, "gateway").await, address(1));
        assert_eq!(moves(&bench).await, [format!("from {} to {}", address(0), address(1))]);
        assert!(bench.counters().cloud_logins <= 1);
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn two_gateways_that_swap_are_both_back_within_two_minutes() {
    for firmware in ["7.6.175", "4.10.35"] {
        let bench = two(firmware).await;
        let names: Vec<_> = bench.context.state.devices.all().await.unwrap();
        let names: Vec<_> = names.iter().map(|device| device.name().to_string()).collect();
        let swapped = RefCell::new(Timestamp::MIN);
        let script = async {
            pass(125).await;
            bench.event("swap-addresses");
            *swapped.borrow_mut() = bench.clock.now();
            pass(600).await;
        };
        let one = watch(&bench, &names[0], script);
        let other = watch(&bench, &names[1], pass(725));
        for (readings, ended) in join_all([one.boxed_local(), other.boxed_local()]).await {
            assert_eq!(ended, None, "{firmware}");
            let after = back_after(&readings, *swapped.borrow());
            assert!(after <= MOST, "{firmware}: back after {after} s");
        }
        for name in &names {
            let device = bench.context.state.devices.find(name).await.unwrap().unwrap();
            let at = (0..2).find(|it| bench.sim.serial_number(*it) == device.serial_number());
            assert_eq!(device.address, address(bench.sim.address_of(at.unwrap())));
            assert_eq!(device.suspension, None);
        }
        assert_eq!(moves(&bench).await.len(), 2);
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateway_whose_address_another_known_one_has_is_waited_for() {
    let bench = two("7.6.175").await;
    let first = bench.sim.serial_number(0).to_owned();
    let back = RefCell::new(Timestamp::MIN);
    let script = async {
        pass(125).await;
        bench.event("swap-addresses");
        bench.fault("refused", json!({"gateway": first}));
        pass(600).await;
        bench.no_fault("refused");
        *back.borrow_mut() = bench.clock.now();
        pass(200).await;
    };
    let (readings, ended) = watch(&bench, &first, script).await;
    assert_eq!(ended, None);
    let after = back_after(&readings, *back.borrow());
    assert!(after <= 90.0, "back after {after} s");
    let device = bench.context.state.devices.find(&first).await.unwrap().unwrap();
    assert_eq!((device.suspension, device.address), (None, address(1)));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn who_is_only_said_to_be_it_gets_no_line_of_its_own() {
    let bench = two("7.6.175").await;
    let mut devices = bench.context.state.devices.all().await.unwrap();
    let lines = || bench.disk.names(Space::Lease).unwrap();
    let before = lines();
    for fault in ["false_advert", "refused"] {
        bench.fault(fault, json!({}));
    }
    let seen = status::probe(&devices.remove(0), &bench.context).await.unwrap();
    assert!(seen.is_err());
    assert_eq!(lines(), before);
}

//! The loop in a simulated world.

mod changes;
mod moving;
mod slow;
mod upgrade;

use std::cell::RefCell;

use hallpass_credential::{Clock, Error, ErrorKind};
use hallpass_sim::{GatewayOptions, Options};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::{
    cmd::bench::{Bench, MORNING, Told, pass},
    suspension::suspend,
    watch::Place,
};

/// A gateway that somebody has logged in to, and a machine to watch it from.
async fn bench() -> Bench {
    bench_at(MORNING).await
}

async fn bench_at(start: Timestamp) -> Bench {
    bench_of("7.6.175", start).await
}

async fn bench_of(firmware: &str, start: Timestamp) -> Bench {
    let bench = new_bench(firmware, start);
    bench.log_in(bench.account()).await.unwrap();
    bench
}

/// The same before anybody has logged in.
fn new_bench(firmware: &str, start: Timestamp) -> Bench {
    let gateways = vec![GatewayOptions::firmware(firmware)];
    Bench::new(Options { start, gateways, ..Options::default() })
}

#[tokio::test(start_paused = true)]
async fn the_first_poll_is_at_once_and_the_others_on_a_grid() {
    let bench = bench().await;
    assert_eq!(bench.watch_for(3_601).await, None);
    let readings = bench.readings();
    assert_eq!(readings.len(), 61);
    for (number, at) in readings.iter().enumerate() {
        assert!((at - 60.0 * number as f64).abs() < 1.0, "reading {number} after {at} s");
    }
    assert_eq!(bench.outages(), (0, 0));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn an_ended_session_costs_one_check_jwt_and_no_poll() {
    let bench = bench().await;
    // The gateway takes the bearer as well; where it does not, the session is renewed.
    bench.fault("bearer_refused", json!({}));
    let script = async {
        pass(150).await;
        let before = bench.logins_and_checks();
        bench.event("expire-session");
        pass(1_200).await;
        let after = bench.logins_and_checks();
        assert_eq!((after.0 - before.0, after.1 - before.1), (0, 1));
    };
    bench.watch(60, None, script).await;
    assert!(bench.longest_gap() < 65.0, "{}", bench.longest_gap());
    assert_eq!(bench.outages(), (0, 0));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_costs_one_login_and_two_minutes() {
    for every in [10, 60, 600] {
        let bench = bench().await;
        let script = async {
            // Until the cloud's own session is no longer used.
            pass(1_000).await;
            bench.event("expire-token");
            pass(every + 300).await;
        };
        assert_eq!(bench.watch(every, None, script).await, None);
        assert_eq!(bench.counters().cloud_logins, 2, "one to begin with, one anew");
        // The second refusal that proves it comes a minute after the first (B5).
        let gap = bench.longest_gap();
        assert!(gap < every as f64 + 65.0, "every {every} s: {gap} s without a reading");
        assert_eq!(bench.outages(), (1, 1));
        bench.assert_fair();
    }
}

/// How long after the gateway's first good answer to `/info` a reading comes, with what was told.
async fn recovery(every: u64, fault: &str, arguments: Value, away: u64) -> (f64, Bench) {
    let bench = bench().await;
    let back_at = RefCell::new(Timestamp::MAX);
    let script = async {
        pass(145).await;
        bench.fault(fault, arguments);
        pass(away).await;
        let _ = bench.sim.control().clear_fault(fault);
        *back_at.borrow_mut() = bench.clock.now();
        pass(200).await;
    };
    assert_eq!(bench.watch(every, None, script).await, None, "{fault}");
    let back_at = *back_at.borrow();
    let told = bench.log.all();
    let is_reading = |told: &Told| matches!(told, Told::Reading(_));
    let first = told.iter().find(|(at, told)| *at > back_at && is_reading(told));
    let (first, _) = first.unwrap_or_else(|| panic!("{fault}: nothing is read any more"));
    (back_at.duration_until(*first).as_secs_f64(), bench)
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_told_once_and_ends_within_ninety_seconds() {
    let outages = [
        ("reboot_503", json!({"down": "60s", "starting": "3m"}), 60, 240),
        ("refused", json!({}), 10, 600),
        ("refused", json!({}), 3_600, 7_200),
        ("hang", json!({}), 60, 600),
        ("gateway_504", json!({}), 10, 600),
        ("gateway_504", json!({"status": 502}), 60, 600),
        ("not_a_gateway", json!({}), 60, 600),
    ];
    for (fault, arguments, every, away) in outages {
        let (took, bench) = recovery(every, fault, arguments, away).await;
        assert!(took <= 90.0, "{fault}, every {every} s: back after {took} s");
        assert_eq!(bench.outages(), (1, 1), "{fault}: {:?}", bench.told());
        assert!(bench.least_watts() > 0, "{fault}: zeros stand in for what was not read");
        assert_eq!(bench.counters().cloud_logins, 1, "{fault}");
        // A gateway that hangs never ends what it has begun.
        if fault != "hang" {
            bench.assert_fair();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_is_away_is_asked_who_it_is_once_a_minute_and_nothing_else() {
    for every in [10, 60, 600] {
        let bench = bench().await;
        let script = async {
            pass(125).await;
            bench.fault("gateway_504", json!({}));
            // The loss is noticed.
            pass(every + 30).await;
            let (all, info) = (bench.asked_at_all(), bench.asked("/info"));
            pass(1_800).await;
            assert_eq!(bench.asked("/info") - info, 30, "every {every} s");
            assert_eq!(bench.asked_at_all() - all, 30, "every {every} s");
        };
        bench.watch(every, None, script).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_nightly_hang_is_one_outage_and_no_login() {
    for how in ["hang", "refused"] {
        // Ten minutes before eleven in the evening, as the gateway's clock shows it.
        let bench = bench_at("2026-06-21T21:50:00Z".parse().unwrap()).await;
        bench.fault("nightly_2300", json!({"how": how, "length": "10m"}));
        bench.watch_for(3_600).await;
        assert_eq!(bench.outages(), (1, 1), "{how}: {:?}", bench.told());
        assert!(bench.longest_gap() <= 10.0 * 60.0 + 60.0 + 90.0, "{how}: {}", bench.longest_gap());
        assert_eq!(bench.counters().cloud_logins, 1, "{how}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_firmware_update_costs_one_login_and_is_over_five_minutes_after_it() {
    let (took, bench) = recovery(60, "fw_update", json!({"down": "20m"}), 1_200).await;
    assert!(took <= 300.0, "back after {took} s");
    assert_eq!(bench.counters().cloud_logins, 2);
    assert_eq!(bench.outages(), (1, 1), "{:?}", bench.told());
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn what_does_not_change_is_told_once() {
    // At night a gateway without meters measures nothing new until midnight begins another day.
    let bench = bench_of("5.0.62", "2026-06-21T22:30:00Z".parse().unwrap()).await;
    let script = async {
        pass(1_500).await;
        assert_eq!(bench.changes(), 1);
        pass(1_500).await;
        assert_eq!(bench.changes(), 2, "midnight");
        bench.fault("html200", json!({"path": "/api/v1/production/inverters"}));
        pass(1_500).await;
        assert_eq!(bench.changes(), 3, "a complaint");
        bench.no_fault("html200");
        pass(1_500).await;
        assert_eq!(bench.changes(), 4, "none any more");
        bench.fault("refused", json!({}));
        pass(600).await;
        bench.no_fault("refused");
        pass(1_500).await;
        assert_eq!(bench.changes(), 4, "back, and as it was");
    };
    assert_eq!(bench.watch(60, None, script).await, None);
    assert_eq!(bench.outages(), (1, 1));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn another_key_is_told_once_until_a_person_accepts_it() {
    let bench = bench().await;
    let script = async {
        pass(90).await;
        bench.event("rotate-certificate");
        bench.event("cut-connections");
        pass(3_600).await;
        let again = Access::open(&bench.context, "gateway", &With::default()).await;
        assert_eq!(again.err().map(|error| Exit::of(&error)), Some(Exit::IdentityChanged));
        assert_eq!(bench.outages(), (1, 0));
        bench.event("trust-certificate");
        bench.accept_key().await.unwrap();
        pass(15).await;
        assert_eq!(bench.outages(), (1, 1));
    };
    assert_eq!(bench.watch(60, None, script).await, None);
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn another_key_from_the_start_ends_it() {
    let bench = bench().await;
    bench.event("rotate-certificate");
    bench.event("cut-connections");
    assert_eq!(bench.watch_for(60).await, Some(Exit::IdentityChanged));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_its_place_gets_nothing_and_it_is_read_again_when_it_is_back() {
    for fault in ["https_gone", "impostor"] {
        let bench = bench().await;
        let script = async {
            pass(90).await;
            bench.fault(fault, json!({}));
            pass(60).await;
            assert_eq!(bench.outages(), (1, 0), "{fault}");
            pass(86_400).await;
            let checks = bench.logins_and_checks();
            bench.no_fault(fault);
            bench.event("cut-connections");
            pass(60).await;
            assert_eq!(bench.outages(), (1, 1), "{fault}");
            assert_eq!(bench.logins_and_checks().0, checks.0, "{fault}");
        };
        assert_eq!(bench.watch(60, None, script).await, None, "{fault}");
        let device = bench.context.state.devices.find("gateway").await.unwrap().unwrap();
        assert_eq!(device.suspension, None, "{fault}");
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_process_finds_out_is_looked_into() {
    let bench = bench().await;
    let device = bench.context.state.devices.find("gateway").await.unwrap().unwrap();
    let script = async {
        pass(90).await;
        let error = Error::new(ErrorKind::IdentityChanged, "it has another key");
        bench.fault("impostor", json!({}));
        suspend(&bench.context, &device, &error).await.unwrap();
        let asked = bench.asked_at_all() - bench.asked("/info");
        pass(90).await;
        assert_eq!(bench.asked_at_all() - bench.asked("/info"), asked, "only who it is");
        assert_eq!(bench.outages(), (1, 0));
        bench.no_fault("impostor");
        pass(60).await;
        assert_eq!(bench.outages(), (1, 1));
    };
    assert_eq!(bench.watch(60, None, script).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_nobody_can_renew_ends_it() {
    let bench = bench().await;
    bench.forget_password().await;
    let script = async {
        pass(90).await;
        bench.event("expire-token");
        pass(3_600).await;
    };
    assert_eq!(bench.watch(60, None, script).await, Some(Exit::NeedsLogin));
    assert_eq!(bench.counters().cloud_logins, 1);
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_is_down_is_waited_for_and_told() {
    let bench = bench().await;
    let script = async {
        pass(90).await;
        bench.fault("down", json!({}));
        bench.event("expire-token");
        pass(3 * 3_600).await;
        bench.no_fault("down");
        pass(2 * 3_600).await;
    };
    assert_eq!(bench.watch(60, None, script).await, None);
    assert!(matches!(bench.told().last(), Some(Told::Reading(_))), "it is read again");
    let lost: Vec<_> =
        bench.told().into_iter().filter(|told| matches!(told, Told::Lost(_))).collect();
    assert_eq!(lost.len(), 2, "one refusal, then the cloud: {lost:?}");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_password_that_is_refused_is_tried_again_within_its_budget() {
    let bench = bench().await;
    let script = async {
        // The session at the cloud has ended by then.
        pass(1_200).await;
        bench.fault("wrong_password", json!({}));
        bench.event("expire-token");
        pass(2 * 3_600).await;
        assert_eq!(bench.counters().cloud_logins, 1 + 3, "at once, after 5 min, after an hour");
        bench.no_fault("wrong_password");
        pass(6 * 3_600).await;
    };
    assert_eq!(bench.watch(60, None, script).await, None);
    assert!(matches!(bench.told().last(), Some(Told::Reading(_))), "it is read again");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_is_away_from_the_start_is_waited_for() {
    let bench = bench().await;
    bench.fault("refused", json!({}));
    let script = async {
        pass(600).await;
        bench.no_fault("refused");
        pass(90).await;
    };
    assert_eq!(bench.watch(60, None, script).await, None);
    assert_eq!(bench.outages(), (1, 1));
    assert!(!bench.readings().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_delays_no_poll() {
    for set_by in [-3_600, 3_600] {
        let bench = bench().await;
        let script = async {
            pass(90).await;
            bench.clock.step(set_by);
            let before = bench.asked("/production.json");
            pass(300).await;
            let polls = bench.asked("/production.json") - before;
            assert!((4..=6).contains(&polls), "set by {set_by} s: {polls} polls in five minutes");
        };
        bench.watch(60, None, script).await;
    }
}

#[tokio::test(start_paused = true)]
async fn at_night_there_are_neither_requests_nor_readings() {
    let place: Place = "52.1,5.1".parse().unwrap();
    // The sun sets at 20:04 UTC that day, and rises at 03:18.
    let bench = bench_at("2026-06-21T18:00:00Z".parse().unwrap()).await;
    let script = async {
        pass(3 * 3_600).await;
        let asked = bench.asked_at_all();
        pass(6 * 3_600).await;
        assert_eq!(bench.asked_at_all(), asked);
        pass(3 * 3_600).await;
    };
    assert_eq!(bench.watch(600, Some(place), script).await, None);
    let told = bench.log.all().into_iter();
    let asleep = told.filter_map(|(at, told)| match told {
        Told::Asleep(until) => Some((at, until)),
        _ => None,
    });
    let asleep: Vec<_> = asleep.collect();
    let [(at, until)] = asleep[..] else { panic!("it slept once: {asleep:?}") };
    assert!(at.to_string().starts_with("2026-06-21T20:10"), "{at}");
    assert!(until.to_string().starts_with("2026-06-22T03:1"), "{until}");
    let night = until.duration_since(at).as_secs_f64();
    assert!(bench.longest_gap() <= night + 610.0, "{} > {night}", bench.longest_gap());
    assert_eq!(bench.outages(), (0, 0));
    bench.assert_fair();
}

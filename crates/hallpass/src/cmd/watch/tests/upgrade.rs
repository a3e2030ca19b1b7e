//! A gateway whose firmware takes tokens from one day on (G6).

use super::*;

/// Updates a gateway of firmware 5 under a watch; why the watch ended, if it did.
async fn upgrade(allowed: bool, has_account: bool) -> (Option<Exit>, Bench) {
    let bench = bench_of("5.0.62", MORNING).await;
    if has_account {
        bench.know_account().await;
    }
    if !allowed {
        let device = bench.context.state.devices.find("gateway").await.unwrap().unwrap();
        let forbid = |device: &mut hallpass_store::Device| device.trusts_first_key = false;
        bench.context.state.devices.update(device.serial_number(), forbid).await.unwrap();
    }
    let script = async {
        pass(150).await;
        bench.fault("fw_5_to_7", json!({"down": "20m"}));
        pass(3_600).await;
    };
    let ended = bench.watch(60, None, script).await;
    bench.assert_fair();
    (ended, bench)
}

#[tokio::test(start_paused = true)]
async fn with_an_account_and_leave_it_goes_on_with_one_login() {
    let (ended, bench) = upgrade(true, true).await;
    assert_eq!(ended, None);
    assert_eq!(bench.counters().cloud_logins, 1);
    assert_eq!(bench.outages(), (1, 1), "{:?}", bench.told());
    assert!(bench.longest_gap() <= 150.0 + 20.0 * 60.0 + 90.0, "{}", bench.longest_gap());
    let told = bench.told();
    let changed: Vec<_> = told.iter().filter(|told| matches!(told, Told::Changed(_))).collect();
    assert_eq!(changed.len(), 2, "the key, and the firmware: {changed:?}");
    let device = bench.context.state.devices.find("gateway").await.unwrap().unwrap();
    assert_eq!(device.account.as_deref(), Some(bench.sim.account().0));
}

#[tokio::test(start_paused = true)]
async fn without_either_a_person_is_wanted_once() {
    for (allowed, has_account) in [(true, false), (false, true)] {
        let (ended, bench) = upgrade(allowed, has_account).await;
        assert_eq!(ended, Some(Exit::NeedsLogin), "{:?}", bench.told());
        assert_eq!(bench.counters().cloud_logins, 0);
        bench.log_in(bench.account()).await.unwrap();
        assert_eq!(bench.watch_for(90).await, None);
        assert!(matches!(bench.told().last(), Some(Told::Reading(_))));
    }
}

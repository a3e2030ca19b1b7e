//! What a watch tells of a gateway that becomes another one than it was.

use super::*;

impl Bench {
    /// What was said to have changed.
    fn changed(&self) -> Vec<String> {
        let told = self.told().into_iter().filter_map(|told| match told {
            Told::Changed(words) => Some(words),
            _ => None,
        });
        told.collect()
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_is_told_once_with_what_it_brought() {
    let bench = bench().await;
    let script = async {
        pass(150).await;
        bench.fault("fw_update", json!({"down": "20m", "version": "8.3.5433"}));
        pass(3 * 3_600).await;
    };
    assert_eq!(bench.watch(60, None, script).await, None);
    let changed = bench.changed();
    let [change] = &changed[..] else { panic!("told once: {changed:?}") };
    assert!(change.starts_with("gateway: firmware 7.6.175 -> 8.3.5433; appeared: "), "{change}");
    assert_eq!(bench.counters().cloud_logins, 2);
    bench.assert_fair();

    // Not told again, whoever watches from then on.
    bench.watch_for(300).await;
    assert_eq!(bench.changed().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_update_that_nobody_watched_is_told_at_the_next_look() {
    let bench = bench().await;
    bench.watch_for(90).await;
    bench.sim.control().event("update", &json!({"version": "8.3.5433"})).unwrap();
    // What a gateway says of itself is believed for an hour, while nothing is odd.
    pass(3_700).await;
    bench.watch_for(90).await;
    assert_eq!(bench.changed().len(), 1, "{:?}", bench.told());
}

#[tokio::test(start_paused = true)]
async fn a_role_that_drops_is_one_warning_and_no_outage() {
    let bench = new_bench("7.6.175", MORNING);
    bench.fault("role_drop", json!({"role": "installer"}));
    bench.log_in(bench.account()).await.unwrap();
    bench.no_fault("role_drop");
    let script = async {
        pass(1_000).await;
        bench.event("expire-token");
        pass(1_800).await;
    };
    assert_eq!(bench.watch(60, None, script).await, None);
    let changed = bench.changed();
    let [change] = &changed[..] else { panic!("told once: {changed:?}") };
    assert!(change.contains("role owner now, no longer installer"), "{change}");
    assert!(matches!(bench.told().last(), Some(Told::Reading(_))), "reading goes on");
    bench.assert_fair();
}

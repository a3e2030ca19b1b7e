//! Endpoints that take their time (G8).

use super::*;

#[tokio::test(start_paused = true)]
async fn one_slow_endpoint_does_not_hold_up_the_rest() {
    for fault in [json!({"by": "44s"}), json!({"by": "50s"})] {
        let bench = bench().await;
        let script = async {
            pass(130).await;
            bench.fault("slow", fault.clone());
            pass(180).await;
            let asked = bench.asked("/production.json");
            let read = bench.readings().len();
            pass(3_600).await;
            assert!(bench.asked("/production.json") - asked <= 5, "{fault}");
            assert!(bench.readings().len() - read >= 55, "{fault}: {}", bench.readings().len());
            bench.no_fault("slow");
            pass(2_500).await;
            let asked = bench.asked("/production.json");
            pass(600).await;
            assert_eq!(bench.asked("/production.json") - asked, 10, "{fault}: quick again");
        };
        assert_eq!(bench.watch(60, None, script).await, None);
        assert_eq!(bench.outages(), (0, 0), "{fault}: {:?}", bench.told());
        assert!(bench.longest_gap() < 120.0, "{fault}: {}", bench.longest_gap());
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn slow_polls_never_overlap_and_skip_what_they_missed() {
    let bench = bench().await;
    // What takes less than 20 s is waited for each time.
    for path in ["/production.json", "/ivp/meters/readings"] {
        bench.fault("slow", json!({"path": path, "by": "19s"}));
    }
    bench.watch(10, None, pass(600)).await;
    for pair in bench.readings().windows(2) {
        let apart = pair[1] - pair[0];
        // A poll takes so long; then the next tick of what was asked for, or of what the gateway bears.
        assert!((20.0..=64.0).contains(&apart), "{apart} s apart");
    }
    bench.assert_fair();
}

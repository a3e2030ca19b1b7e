//! One endpoint that takes its time (G8).

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

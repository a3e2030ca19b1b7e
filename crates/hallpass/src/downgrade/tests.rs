use hallpass_sim::Options;
use serde_json::{Value, json};

use super::*;
use crate::{
    access::Access,
    args::With,
    cmd::bench::{Bench, MORNING, pass},
};

#[tokio::test(start_paused = true)]
async fn plain_http_is_asked_only_where_tls_is_gone() {
    check("https_gone", json!({}), 1).await;
    check("gateway_504", json!({ "status": 503 }), 0).await;
    check("slow", json!({ "by": "60s", "path": "*" }), 0).await;
}

/// How often plain http is asked after a reading has met this fault.
async fn check(fault: &str, arguments: Value, expect: u64) {
    let bench = Bench::new(Options { start: MORNING, ..Options::default() });
    bench.log_in(bench.account()).await.unwrap();
    let access = Access::open(&bench.context, "gateway", &With::default()).await.unwrap();
    pass(120).await;
    bench.fault(fault, arguments);
    let error = access.gateway.read().await.unwrap_err();
    let asked = bench.asked("/info");
    or_downgrade(error, &access.device, &bench.context).await;
    assert_eq!(bench.asked("/info") - asked, expect, "{fault}");
}

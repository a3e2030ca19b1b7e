use hallpass_sim::{Options, Sim};
use serde_json::{Value, json};

use crate::client::{get, plain, request, sim};

async fn control(sim: &Sim, method: &str, target: &str, body: &str) -> (u16, Value) {
    let reply =
        plain(|stream| sim.serve_control(stream), &request(method, target, &[], body)).await;
    (reply.status, reply.json())
}

#[tokio::test]
async fn counters_have_the_fields_of_the_contract() {
    let sim = sim("7.6.175");
    get(&sim, "/info", &[]).await;
    get(&sim, "/production.json?details=1", &[]).await;
    let (status, counters) = control(&sim, "GET", "/counters", "").await;
    let keys: Vec<_> = counters.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "check_jwt",
            "cloud_logins",
            "connections",
            "leaks",
            "requests",
            "sessions",
            "token_requests"
        ]
    );
    assert_eq!(status, 200);
    assert_eq!(counters["requests"], json!({"/info": {"200": 1}, "/production.json": {"401": 1}}));
    assert_eq!(counters["connections"], 2);
    assert_eq!(control(&sim, "GET", "/verdict", "").await.1["ok"], true);
}

#[tokio::test]
async fn the_clock_moves_by_durations_only() {
    let sim = sim("7.6.175");
    let before = sim.control().now();
    assert_eq!(control(&sim, "POST", "/clock", r#"{"advance":"1d"}"#).await.0, 200);
    assert_eq!(sim.control().now().duration_since(before).as_hours(), 24);
    for nonsense in [r#"{"advance":"tomorrow"}"#, r#"{"advance":5}"#, "{}", "{", ""] {
        assert_eq!(control(&sim, "POST", "/clock", nonsense).await.0, 400, "{nonsense}");
    }
}

#[tokio::test]
async fn faults_and_events_are_set_by_name() {
    let sim = sim("7.6.175");
    let check = async |method: &str, target: &str, body: &str, status: u16| {
        let reply = control(&sim, method, target, body).await;
        assert_eq!(reply.0, status, "{method} {target} {body}: {}", reply.1);
    };
    check("PUT", "/faults/slow", r#"{"by":"1s"}"#, 200).await;
    check("PUT", "/faults/slow?by=2s&path=/home", "", 200).await;
    check("PUT", "/faults/G14", "", 200).await;
    assert_eq!(sim.control().active_faults(), ["gateway_504", "slow"]);
    check("DELETE", "/faults/slow", "", 200).await;
    check("PUT", "/faults/slow", r#"{"by":"soon"}"#, 400).await;
    check("PUT", "/faults/unheard_of", "", 404).await;
    check("DELETE", "/faults/unheard_of", "", 404).await;
    check("POST", "/events/expire-session", "", 200).await;
    check("POST", "/events/reboot", r#"{"down":"1s"}"#, 200).await;
    check("POST", "/events/reboot", r#"{"gateway":"1"}"#, 400).await;
    check("POST", "/events/earthquake", "", 404).await;
    check("GET", "/nothing", "", 404).await;
    let (_, listed) = control(&sim, "GET", "/faults", "").await;
    assert_eq!(listed["faults"].as_array().unwrap().len(), hallpass_sim::faults().len());
}

#[tokio::test]
async fn a_world_begins_with_the_faults_it_is_given() {
    let with =
        |fault: &str| Sim::new(Options { faults: vec![fault.to_owned()], ..Options::default() });
    assert_eq!(with("slow=by=2s&path=/home").unwrap().control().active_faults(), ["slow"]);
    assert_eq!(with(r#"mfa={"code":"000000"}"#).unwrap().control().active_faults(), ["mfa"]);
    assert!(with("slwo").err().unwrap().to_string().contains("slow"));
}

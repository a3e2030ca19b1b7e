use hallpass_sim::Sim;
use md5::{Digest, Md5};
use serde_json::json;

use crate::client::{Reply, get, sim};

fn md5(text: String) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Answers the challenge of a refusal.
fn answered(refusal: &Reply, user: &str, password: &str, target: &str) -> String {
    let challenge = refusal.header("www-authenticate").unwrap();
    let nonce = challenge.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    let ha1 = md5(format!("{user}:enphaseenergy.com:{password}"));
    let response = md5(format!("{ha1}:{nonce}:00000001:abc:auth:{}", md5(format!("GET:{target}"))));
    format!(
        "Authorization: Digest username=\"{user}\", realm=\"enphaseenergy.com\", nonce=\"{nonce}\", uri=\"{target}\", \
         qop=auth, nc=00000001, cnonce=\"abc\", response=\"{response}\""
    )
}

async fn fetch(sim: &Sim, user: &str, password: &str, target: &str) -> u16 {
    let refusal = get(sim, target, &[]).await;
    assert_eq!(refusal.status, 401);
    get(sim, target, &[&answered(&refusal, user, password, target)]).await.status
}

fn last_six(sim: &Sim) -> String {
    sim.serial_number(0)[6..].to_owned()
}

#[tokio::test]
async fn old_firmware_opens_to_the_last_six_of_the_serial_number() {
    for version in ["3.9.36", "4.10.35", "5.0.62"] {
        let sim = sim(version);
        let target = "/api/v1/production/inverters";
        assert_eq!(fetch(&sim, "envoy", &last_six(&sim), target).await, 200, "{version}");
        assert_eq!(fetch(&sim, "envoy", "000000", target).await, 401, "{version}");
        for open in ["/info", "/info.xml", "/production.json", "/api/v1/production"] {
            assert_eq!(get(&sim, open, &[]).await.status, 200, "{version} {open}");
        }
    }
}

#[tokio::test]
async fn production_wants_the_installer_on_four_and_five() {
    let sim = sim("4.10.35");
    assert_eq!(fetch(&sim, "envoy", &last_six(&sim), "/production").await, 401);
}

#[tokio::test]
async fn refusals_look_as_recorded() {
    let check = async |version: &str, target: &str, length: usize, content_type: &str| {
        let refusal = get(&sim(version), target, &[]).await;
        let seen = (refusal.status, refusal.body.len(), refusal.header("content-type"));
        assert_eq!(seen, (401, length, Some(content_type)), "{version} {target}");
    };
    check("3.9.36", "/home", 10, "text/plain").await;
    check("3.9.36", "/api/v1/production/inverters", 90, "application/json").await;
    check("4.10.35", "/ivp/meters", 51, "text/html").await;
    check("5.0.62", "/production", 51, "text/html").await;
}

#[tokio::test]
async fn old_firmware_has_odd_headers() {
    let five = get(&sim("5.0.62"), "/api/v1/production", &[]).await;
    let date = five.header("date").unwrap();
    let half = date.len() / 2 - 1;
    assert_eq!((&date[..half], five.header("connection")), (&date[half + 2..], Some("close")));
    let three = get(&sim("3.9.36"), "/production.json", &[]).await;
    assert_eq!(
        (three.status, three.header("content-type"), three.header("server")),
        (200, Some("text/html"), None)
    );
    assert!(three.text().contains("Page Not Found"));
}

#[tokio::test]
async fn a_stale_nonce_is_told_so_and_the_next_one_is_good() {
    let sim = sim("4.10.35");
    sim.control().set_fault("A12", &json!({"kind": "stale"})).unwrap();
    let target = "/ivp/meters";
    let refusal = get(&sim, target, &[]).await;
    let stale = get(&sim, target, &[&answered(&refusal, "envoy", &last_six(&sim), target)]).await;
    assert!(
        stale.status == 401 && stale.header("www-authenticate").unwrap().contains("stale=true")
    );
    let good = get(&sim, target, &[&answered(&stale, "envoy", &last_six(&sim), target)]).await;
    assert_eq!(good.status, 200);
}

#[tokio::test]
async fn what_refuses_everything_challenges_too() {
    let sim = sim("4.10.35");
    for fault in ["burst_401", "one_endpoint_401"] {
        sim.control().set_fault(fault, &json!({"path": "/ivp/meters"})).unwrap();
        let refusal = get(&sim, "/ivp/meters", &[]).await;
        assert_eq!(refusal.status, 401, "{fault}");
        assert!(refusal.header("www-authenticate").is_some(), "{fault}");
        sim.control().clear_fault(fault).unwrap();
    }
}

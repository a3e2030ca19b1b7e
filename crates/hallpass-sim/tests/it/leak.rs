use hallpass_sim::{GatewayOptions, Options, Sim};
use serde_json::Value;

use crate::client::{ask, bearer, get, plain, request, sim, tls};

fn leaks(sim: &Sim) -> Vec<&'static str> {
    sim.control().counters().leaks.iter().map(|leak| leak.what).collect()
}

#[tokio::test]
async fn what_belongs_is_no_leak() {
    let sim = sim("7.6.175");
    let session = get(&sim, "/auth/check_jwt", &[&bearer(&sim.token(0).mint())])
        .await
        .cookie("sessionId")
        .unwrap();
    get(&sim, "/home", &[&format!("Cookie: sessionId={session}")]).await;
    assert!(leaks(&sim).is_empty() && sim.control().verdict().ok);
}

#[tokio::test]
async fn secrets_on_plain_http_are_leaks() {
    let sim = sim("7.6.175");
    let token = bearer(&sim.token(0).mint());
    let asked = request("GET", "/info", &[&token, "Cookie: sessionId=abc"], "");
    let reply = plain(|stream| sim.serve_gateway(0, stream), &asked).await;
    assert_eq!((reply.status, reply.header("location")), (301, Some("https://gateway/info")));
    assert_eq!(leaks(&sim), ["bearer", "cookie"]);
}

#[tokio::test]
async fn a_token_at_another_gateway_is_a_leak() {
    let gateways = vec![GatewayOptions::firmware("7.6.175"), GatewayOptions::firmware("8.2.4345")];
    let sim = Sim::new(Options { gateways, ..Options::default() }).unwrap();
    let asked = request("GET", "/home", &[&bearer(&sim.token(0).mint())], "");
    assert_eq!(tls(&sim, 1, &sim.certificate_pem(1), &asked).await.unwrap().status, 401);
    assert_eq!(leaks(&sim), ["bearer"]);
}

#[tokio::test]
async fn a_token_at_a_gateway_that_wants_none_is_a_leak() {
    let sim = sim("5.0.62");
    get(&sim, "/info", &[&bearer(&sim.token(0).mint())]).await;
    assert_eq!(leaks(&sim), ["bearer"]);
}

#[tokio::test]
async fn digest_at_a_gateway_that_wants_tokens_is_a_leak() {
    let sim = sim("7.6.175");
    get(&sim, "/info", &["Authorization: Digest username=\"envoy\", response=\"abc\""]).await;
    assert_eq!(leaks(&sim), ["digest"]);
}

#[tokio::test]
async fn the_clouds_password_at_a_gateway_is_a_leak() {
    let sim = sim("7.6.175");
    ask(&sim, "POST", "/login/login.json", &[], &format!("user[password]={}", sim.account().1))
        .await;
    assert_eq!(leaks(&sim), ["password"]);
}

#[tokio::test]
async fn a_new_certificate_sees_nothing_until_it_is_trusted() {
    let sim = sim("7.6.175");
    let token = bearer(&sim.token(0).mint());
    sim.control().set_fault("cert_rotated", &Value::Null).unwrap();
    get(&sim, "/info", &[]).await;
    assert!(leaks(&sim).is_empty());
    get(&sim, "/home", &[&token]).await;
    assert_eq!(leaks(&sim), ["bearer"]);
    sim.control().event("trust-certificate", &Value::Null).unwrap();
    get(&sim, "/home", &[&token]).await;
    assert_eq!(leaks(&sim).len(), 1);
}

#[tokio::test]
async fn credentials_at_the_control_plane_the_clouds_and_the_trap_are_leaks() {
    let sim = sim("7.6.175");
    let asked = request("GET", "/", &["Authorization: Bearer abc"], "");
    plain(|stream| sim.serve_control(stream), &asked).await;
    plain(|stream| sim.serve_enlighten(stream), &asked).await;
    plain(|stream| sim.serve_entrez(stream), &asked).await;
    plain(|stream| sim.serve_trap(stream), &asked).await;
    assert_eq!(leaks(&sim), ["bearer"; 4]);
}

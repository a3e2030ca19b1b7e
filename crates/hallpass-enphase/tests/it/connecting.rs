//! The short way in, as a program of one's own goes it.

use std::sync::Arc;

use hallpass_enphase::{Connect, ErrorKind, Gateway, KeyPin};

use crate::bench::{Bench, kind};

/// The gateway `index` of `bench`, with nothing to open it and nobody who vouches for it.
fn connect(bench: &Bench, index: u16) -> Connect {
    Gateway::connect(bench.address(index))
        .network(bench.network())
        .clouds(bench.clouds())
        .clock(Arc::clone(&bench.clock))
        .records(bench.records.clone())
}

/// Opens and reads it.
async fn read(connect: Connect) -> Result<(), ErrorKind> {
    let (gateway, keeping) = connect.open().await.map_err(|error| error.kind())?;
    tokio::spawn(keeping);
    let snapshot = gateway.read().await.map_err(|error| error.kind())?;
    assert!(snapshot.readings.system_production.is_some());
    Ok(())
}

async fn key(bench: &Bench, index: u16) -> KeyPin {
    bench.look(index).await.unwrap().key.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_pin_and_an_account_are_enough() {
    let bench = Bench::new(&["7.6.175", "8.3.5289"]);
    let (username, password) = bench.sim.account();
    for index in 0..2 {
        let connect = connect(&bench, index).pin(key(&bench, index).await);
        assert_eq!(read(connect.account(username, password)).await, Ok(()));
    }
    assert_eq!(bench.asked(), (1, 2, 2));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn nothing_secret_is_sent_before_somebody_vouches() {
    let bench = Bench::new(&["7.6.175", "7.6.175", "4.10.35"]);
    let (username, password) = bench.sim.account();
    let connect = |index| connect(&bench, index).account(username, password);

    let untrusted = connect(0).open().await.err().unwrap();
    assert_eq!(untrusted.kind(), ErrorKind::Untrusted);
    assert!(untrusted.to_string().ends_with(&key(&bench, 0).await.to_string()), "{untrusted}");
    assert_eq!(read(connect(2)).await, Err(ErrorKind::Untrusted));

    let pin = key(&bench, 1).await;
    for other in [0, 2] {
        assert_eq!(read(connect(other).pin(pin)).await, Err(ErrorKind::IdentityChanged));
    }
    assert_eq!(bench.asked(), (0, 0, 0));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_token_is_shown_once_and_kept() {
    let bench = Bench::new(&["7.6.175", "7.6.175"]);
    let token = bench.sim.token(0).mint();
    for _ in 0..2 {
        assert_eq!(read(connect(&bench, 0).trust_new().token(token.as_str())).await, Ok(()));
        bench.pass(61).await;
    }
    assert_eq!(read(connect(&bench, 0).trust_new()).await, Ok(()));
    assert_eq!(bench.asked(), (0, 0, 1));
    let elsewhere = connect(&bench, 1).trust_new();
    assert_eq!(read(elsewhere.token(token.as_str())).await, Err(ErrorKind::Rejected));
    assert_eq!(read(connect(&bench, 1).trust_new()).await, Err(ErrorKind::NeedsLogin));
}

#[tokio::test(start_paused = true)]
async fn an_old_gateway_opens_to_a_user_of_its_own() {
    let bench = Bench::new(&["4.10.35"]);
    let connect = || connect(&bench, 0).trust_new();
    assert_eq!(read(connect()).await, Ok(()));
    assert_eq!(read(connect().user("installer")).await, Ok(()));
    assert_eq!(read(connect().user("somebody")).await, Err(ErrorKind::Invalid));
    let token = bench.sim.token(0).mint();
    assert_eq!(read(connect().token(token)).await, Err(ErrorKind::Invalid));

    let wrong = connect().account("envoy", "wrong").open().await.unwrap().0;
    assert_eq!(kind(wrong.log_in().await), ErrorKind::Rejected);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_gateway_is_told() {
    let bench = Bench::new(&["7.6.175"]);
    bench.fault("gateway_504", serde_json::json!({}));
    assert_eq!(read(connect(&bench, 0).trust_new()).await, Err(ErrorKind::Unreachable));
    let nowhere = Gateway::connect("no host").network(bench.network()).trust_new();
    assert_eq!(read(nowhere).await, Err(ErrorKind::Invalid));
}

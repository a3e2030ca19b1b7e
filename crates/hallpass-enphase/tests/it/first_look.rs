//! What shows itself at an address.

use std::{sync::Arc, time::Duration};

use hallpass_credential::Patience;
use hallpass_enphase::{ErrorKind, Lookout};
use hallpass_transport::Scheme;
use serde_json::json;

use crate::bench::{Bench, kind};

#[tokio::test(start_paused = true)]
async fn gateways_of_every_firmware_are_known_by_what_they_say() {
    let firmwares = ["3.9.36", "4.10.35", "5.0.62", "7.3.130", "7.6.175", "8.2.4345", "8.3.5289"];
    let bench = Bench::new(&firmwares);
    for (index, firmware) in (0..).zip(firmwares) {
        let seen = bench.look(index).await.unwrap();
        assert_eq!(seen.info.firmware.to_string(), firmware);
        assert_eq!(seen.info.serial_number, bench.sim.serial_number(index.into()));
        let tls = firmware >= "7";
        assert_eq!(seen.origin.scheme == Scheme::Https, tls, "{firmware}");
        assert_eq!(seen.key.is_some(), tls, "{firmware}");
    }
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn what_is_no_gateway_is_told_from_one_that_is_not_ready() {
    let bench = Bench::new(&["7.6.175"]);
    bench.fault("gateway_504", json!({}));
    assert_eq!(kind(bench.look(0).await), ErrorKind::Unreachable);
    bench.no_fault("gateway_504");
    bench.fault("down", json!({}));
    assert!(bench.look(0).await.is_ok(), "the clouds being down is nothing to a gateway");
    assert_eq!(kind(hallpass_enphase::look("no host", &bench.network()).await), ErrorKind::Invalid);
}

#[tokio::test(start_paused = true)]
async fn first_looks_of_many_processes_come_one_after_the_other() {
    let bench = Bench::new(&["7.6.175"]);
    bench.fault("slow", json!({"path": "/info", "by": "1s"}));
    let serial_number = bench.sim.serial_number(0).to_owned();
    // By strangers, and by those who know who is there.
    for expected in [None, Some(serial_number.clone())] {
        let mut looks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let lookout = Lookout {
                records: bench.records.clone(),
                clock: Arc::clone(&bench.clock),
                rate: bench.rate,
                patience: Patience(Duration::from_secs(30)),
            };
            let (address, network) = (bench.address(0), bench.network());
            let expected = expected.clone();
            looks.spawn(async move { lookout.look(&address, expected.as_deref(), &network).await });
        }
        while let Some(looked) = looks.join_next().await {
            assert_eq!(looked.unwrap().unwrap().info.serial_number, serial_number);
        }
    }
    bench.assert_fair();
}

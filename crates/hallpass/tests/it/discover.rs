//! Gateways that are heard by mDNS, within this machine: `discover`, and the way to one that moved.

use serde_json::json;

use crate::world::World;

/// A world in which gateways can be heard; none where this machine has no multicast.
fn world(firmwares: &[&str]) -> Option<World> {
    let world = World::new(firmwares);
    let can_be_heard = world.description.env.contains_key("HALLPASS_NETWORK__MDNS_PORT");
    if !can_be_heard {
        println!("skipped: this machine has no multicast on loopback");
    }
    Some(world).filter(|_| can_be_heard)
}

#[test]
fn gateways_are_heard_with_serial_number_firmware_and_address() {
    let Some(world) = world(&["7.6.175", "4.10.35"]) else { return };
    world.log_in();
    let heard = world.run(&["discover", "--timeout", "1s"]).code(0).stdout;
    for index in 0..2 {
        let gateway = world.gateway(index);
        let line = heard.lines().find(|line| line.contains(&gateway.serial_number)).unwrap();
        assert!(line.contains(&gateway.firmware) && line.contains(&gateway.host), "{line}");
        assert_eq!(line.contains("roof"), index == 0, "{line}");
    }
    world.fault("dhcp_move", json!({"gateway": world.gateway(0).serial_number}));
    let heard = world.run(&["discover", "--timeout", "1s", "--json"]).code(0).json();
    let by_serial_number = |index: usize| {
        let mut devices = heard["devices"].as_array().unwrap().iter();
        devices.find(|it| it["serial_number"] == world.gateway(index).serial_number).unwrap()
    };
    let (moved, unknown) = (by_serial_number(0), by_serial_number(1));
    assert_eq!((&moved["name"], &moved["is_known_address"]), (&json!("roof"), &json!(false)));
    assert_ne!(moved["addresses"], json!([world.host()]));
    assert_eq!(unknown["name"], json!(null));
    assert_eq!(unknown["is_known_address"], json!(null));
    assert_eq!(unknown["addresses"], json!([world.gateway(1).host]));
}

#[test]
fn silence_is_told_with_what_helps() {
    let Some(world) = world(&["7.6.175"]) else { return };
    world.fault("refused", json!({}));
    world.run(&["discover", "--timeout", "200ms"]).code(1).says("mDNS does not cross routers");
    let empty = world.run(&["discover", "--timeout", "200ms", "--json"]).code(1);
    assert_eq!(empty.json(), json!({"devices": []}));
    world.set("HALLPASS_NETWORK__MDNS", "false");
    world.run(&["discover"]).code(2).says("mDNS is switched off");
}

#[test]
fn a_gateway_that_moved_is_found_by_every_command() {
    let Some(world) = world(&["7.6.175"]) else { return };
    world.lift_rate();
    world.log_in();
    world.fault("false_advert", json!({}));
    for command in
        [&["read", "roof"][..], &["status"], &["get", "roof", "/info"], &["trust", "show", "roof"]]
    {
        world.fault("dhcp_move", json!({"successor": "impostor"}));
        world.run(command).code(0).says("roof has moved");
        let again = world.run(command).code(0);
        assert!(!again.stderr.contains("roof has moved"), "it is kept: {again}");
    }
    assert_eq!(world.counters().cloud_logins, 1);
}

#[test]
fn gateways_that_swapped_are_told_apart() {
    let Some(world) = world(&["7.6.175", "8.3.5289"]) else { return };
    world.lift_rate();
    world.log_in();
    let password = world.password_file();
    let username = world.description.account.username.clone();
    let other = world.gateway(1).host.clone();
    let login = ["login", &other, "--name", "barn", "--username", &username, "--trust-new"];
    world.run(&[&login[..], &["--password-file", &password]].concat()).code(0);
    world.event("swap-addresses");
    let status = world.run(&["status", "--json"]).code(0).json();
    let address = |name: &str| {
        let mut devices = status["devices"].as_array().unwrap().iter();
        devices.find(|device| device["name"] == name).unwrap()["address"].clone()
    };
    assert_eq!((address("roof"), address("barn")), (json!(other), json!(world.host())));
    world.event("swap-addresses");
    for name in ["roof", "barn"] {
        world.run(&["read", name]).code(0).says("has moved");
    }
}

#[test]
fn without_another_place_a_changed_key_is_still_a_changed_key() {
    let Some(world) = world(&["7.6.175"]) else { return };
    world.log_in();
    world.fault("false_advert", json!({}));
    world.fault("impostor", json!({}));
    world.run(&["read", "roof"]).code(7);
    world.run(&["status"]).code(7).says("suspended");
}

//! Who is at which address, and what mDNS says of it.

use hallpass_sim::{GatewayOptions, Options, Sim};
use serde_json::json;

fn sim() -> Sim {
    let gateways = vec![GatewayOptions::firmware("7.6.175"), GatewayOptions::firmware("4.10.35")];
    Sim::new(Options { gateways, ..Options::default() }).unwrap()
}

/// The addresses that are said to be a gateway's.
fn said(sim: &Sim, gateway: usize) -> Vec<usize> {
    let adverts = sim.adverts().into_iter();
    let its_own = adverts.filter(|advert| advert.serial_number == sim.serial_number(gateway));
    its_own.map(|advert| advert.address).collect()
}

#[test]
fn a_gateway_that_moves_says_so_and_leaves_nothing_behind() {
    let sim = sim();
    assert_eq!((said(&sim, 0), said(&sim, 1)), (vec![0], vec![1]));
    let serial_number = sim.serial_number(0).to_owned();
    sim.control().set_fault("N4", &json!({"gateway": serial_number})).unwrap();
    assert_eq!((sim.address_of(0), sim.address_of(1)), (2, 1));
    assert_eq!(said(&sim, 0), [2]);
    assert!(sim.refuses_at(0) && !sim.refuses_at(2));
    let arguments = json!({"gateway": serial_number, "successor": "impostor"});
    sim.control().event("dhcp-move", &arguments).unwrap();
    assert_eq!(sim.address_of(0), 0);
    assert!(!sim.refuses_at(2), "somebody else is there");
}

#[test]
fn all_gateways_change_places_at_once() {
    let sim = sim();
    sim.control().set_fault("swap_addresses", &json!({})).unwrap();
    assert_eq!((said(&sim, 0), said(&sim, 1)), (vec![1], vec![0]));
}

#[test]
fn a_false_advert_stands_beside_the_true_one() {
    let sim = sim();
    let arguments = json!({"gateway": sim.serial_number(0)});
    sim.control().set_fault("false_advert", &arguments).unwrap();
    assert_eq!(said(&sim, 1), [1]);
    let addresses = said(&sim, 0);
    assert_eq!(addresses.len(), 2);
    assert!(addresses.contains(&0) && addresses.iter().all(|at| !sim.refuses_at(*at)));
    sim.control().set_fault("refused", &arguments).unwrap();
    assert_eq!(said(&sim, 0).len(), 1, "who is away says nothing; who lies does");
}

//! Answers have the shape of recorded ones of the same firmware: the same members in the same order, the same types.

use std::path::Path;

use hallpass_sim::{Recording, Sim};

use crate::{
    client::{bearer, get, sim},
    tree::Tree,
};

/// Recordings with the firmware whose gateway is like the recorded one.
const ALIKE: [(&str, &str); 11] = [
    ("7.3.130", "7.3.130"),
    ("7.3.466_metered_disabled_cts", "7.3.466"),
    ("7.3.517_legacy_savings_mode", "7.3.517"),
    ("7.6.175_with_cts_3phase", "7.6.175"),
    ("8.1.41", "8.1.41"),
    ("8.2.127_with_generator_running", "8.2.127"),
    ("8.2.4264_metered_noct", "8.2.4264"),
    ("8.2.4345_with_device_data", "8.2.4345"),
    ("8.2.4382_ACB", "8.2.4382"),
    ("8.3.1598_collar", "8.3.1598"),
    ("8.3.5289_modGone", "8.3.5289"),
];

/// What a client reads.
pub(crate) const TARGETS: [&str; 18] = [
    "/production.json?details=1",
    "/production",
    "/api/v1/production",
    "/api/v1/production/inverters",
    "/ivp/meters",
    "/ivp/meters/readings",
    "/ivp/pdm/device_data",
    "/ivp/ensemble/inventory",
    "/ivp/ensemble/secctrl",
    "/ivp/ensemble/power",
    "/ivp/ensemble/dry_contacts",
    "/ivp/ss/dry_contact_settings",
    "/ivp/ensemble/generator",
    "/ivp/ss/gen_config",
    "/ivp/ss/gen_schedule",
    "/ivp/sc/pvlimit",
    "/admin/lib/tariff",
    "/home",
];

/// Where the simulated plant is another than the recorded one.
const OTHERWISE: [&str; 9] = [
    // The usual gateway has batteries.
    "7.6.175_with_cts_3phase /ivp/ss/dry_contact_settings",
    // These were recorded without details.
    "7.3.130 /production.json?details=1",
    "7.3.466_metered_disabled_cts /production.json?details=1",
    "8.1.41 /production.json?details=1",
    "8.2.127_with_generator_running /production.json?details=1",
    "7.3.517_legacy_savings_mode /production.json?details=1",
    // Nobody had set up a tariff.
    "8.2.4382_ACB /admin/lib/tariff.schedule.schedule: ",
    "8.3.5289_modGone /admin/lib/tariff.schedule.schedule: ",
    // On the wifi.
    "8.3.1598_collar /home.network.interfaces[wifi wlan0].ip: ",
];

/// Reads ../shared/gateways; passes without it.
#[tokio::test]
async fn answers_have_the_shape_of_recorded_ones() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/gateways");
    if !shared.is_dir() {
        println!("skipped: there is no {}", shared.display());
        return;
    }
    let mut differences = Vec::new();
    for (name, firmware) in ALIKE {
        let recording = Recording::open(shared.join(name)).unwrap();
        let sim = sim(firmware);
        for target in TARGETS {
            let recorded = recording.get(target);
            let Ok(expected) = serde_json::from_slice(recorded.body()) else { continue };
            if recorded.status() == 200 {
                let answered = read(&sim, target).await;
                compare(&format!("{name} {target}"), &expected, &answered, &mut differences);
            }
        }
    }
    differences.retain(|one| !OTHERWISE.iter().any(|known| one.starts_with(known)));
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

async fn read(sim: &Sim, target: &str) -> Tree {
    let reply = get(sim, target, &[&bearer(&sim.token(0).mint())]).await;
    if reply.status == 200 { reply.parsed() } else { Tree::Null }
}

fn compare(path: &str, expected: &Tree, answered: &Tree, differences: &mut Vec<String>) {
    match (expected, answered) {
        (Tree::Object(one), Tree::Object(other)) => {
            if !one.is_empty() && !other.is_empty() {
                compare_members(path, expected, answered, differences);
            }
        }
        (Tree::List(expected), Tree::List(answered)) => {
            for (index, one) in expected.iter().enumerate() {
                if let Some(like) = alike(one, index, answered) {
                    compare(&format!("{path}[{}]", kind(one)), one, like, differences);
                }
            }
        }
        _ if name_of_type(expected) == name_of_type(answered) => {}
        _ => differences.push(format!("{path}: expected {expected:?}, got {answered:?}")),
    }
}

/// The same members; in the same order too, unless the recorded ones were put into that of the alphabet.
fn compare_members(path: &str, expected: &Tree, answered: &Tree, differences: &mut Vec<String>) {
    if let (Some(expected), Some(answered)) = (by_number(expected), by_number(answered)) {
        return compare(path, &expected, &answered, differences);
    }
    let (wanted, got) = (expected.names(), answered.names());
    let missing: Vec<_> = wanted.iter().filter(|name| !got.contains(name)).collect();
    let surplus: Vec<_> = got.iter().filter(|name| !wanted.contains(name)).collect();
    if !missing.is_empty() || !surplus.is_empty() {
        differences.push(format!("{path}: without {missing:?}, with {surplus:?}"));
    } else if !wanted.is_sorted() && wanted != got {
        differences.push(format!("{path}: the order is {wanted:?}, not {got:?}"));
    }
    for name in wanted {
        if let (Some(one), Some(other)) = (expected.member(name), answered.member(name)) {
            compare(&format!("{path}.{name}"), one, other, differences);
        }
    }
}

/// The values of an object whose members have numbers for names, as a list.
fn by_number(tree: &Tree) -> Option<Tree> {
    let names = tree.names().into_iter();
    let numbers = names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    let values: Vec<Tree> = numbers.filter_map(|name| tree.member(name).cloned()).collect();
    (!values.is_empty()).then_some(Tree::List(values))
}

/// What an item of a list is compared with: the one at its place, or another one of its kind.
fn alike<'a>(item: &Tree, index: usize, others: &'a [Tree]) -> Option<&'a Tree> {
    let here = others.get(index).into_iter();
    here.chain(others).find(|other| kind(item) == kind(other))
}

/// What tells items of a list apart, where something does.
fn kind(tree: &Tree) -> String {
    let names = ["type", "measurementType", "devName", "interface"];
    let kinds = names.iter().filter_map(|name| match tree.member(name) {
        Some(Tree::Text(kind)) => Some(kind.as_str()),
        _ => None,
    });
    let kinds: Vec<&str> = kinds.collect();
    if kinds.is_empty() { name_of_type(tree).to_owned() } else { kinds.join(" ") }
}

fn name_of_type(tree: &Tree) -> &'static str {
    match tree {
        Tree::Null => "null",
        Tree::Truth(_) => "truth",
        Tree::Number(_) => "number",
        Tree::Text(_) => "text",
        Tree::List(_) => "list",
        Tree::Object(_) => "object",
    }
}

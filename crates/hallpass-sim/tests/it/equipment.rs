//! What stands behind a gateway, and that all that is said about it agrees.

use std::time::Duration;

use hallpass_sim::{GatewayOptions, Options, Sim};
use serde_json::{Value, json};

use crate::{
    client::{ask, bearer, get},
    shapes::TARGETS,
};

/// The morning of a Sunday in summer, eight o'clock where the gateway stands.
const SUNDAY: &str = "2026-06-21T07:00:00Z";
const HOUR: u64 = 3_600;

fn sim(version: &str) -> Sim {
    let gateways = vec![GatewayOptions::firmware(version)];
    let start = SUNDAY.parse().unwrap();
    Sim::new(Options { gateways, start, ..Options::default() }).unwrap()
}

async fn read(sim: &Sim, target: &str) -> Value {
    let reply = get(sim, target, &[&bearer(&sim.token(0).mint())]).await;
    assert_eq!(reply.status, 200, "{target}");
    reply.json()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn near(one: f64, other: f64, within: f64) {
    assert!((one - other).abs() <= within, "{one} {other}");
}

/// The sum of a member of all items of a list.
fn total(list: &Value, member: &str) -> f64 {
    list.as_array().unwrap().iter().map(|item| number(&item[member])).sum()
}

fn meter(readings: &Value, eid: i64) -> &Value {
    readings.as_array().unwrap().iter().find(|meter| meter["eid"] == eid).unwrap()
}

/// Everything that a client reads, on every firmware that wants a token.
#[tokio::test]
async fn every_answer_is_json_or_a_plain_not_found() {
    let firmwares = [
        "7.0.0", "7.3.130", "7.3.466", "7.3.517", "7.6.175", "8.1.41", "8.2.127", "8.2.4264",
        "8.2.4345", "8.2.4382", "8.3.1598", "8.3.5289", "8.3.5433",
    ];
    let extra =
        ["/ivp/ss/gen_mode", "/ivp/livedata/status", "/inventory.json?deleted=1", "/inventory"];
    let more = ["/home.json", "/admin/lib/tariff.json", "/ivp/ensemble/status", "/production.json"];
    for version in firmwares {
        let sim = sim(version);
        let token = bearer(&sim.token(0).mint());
        for target in TARGETS.iter().chain(&extra).chain(&more) {
            let reply = get(&sim, target, &[&token]).await;
            // One early version lets nobody see its ensemble.
            let known =
                [200, 404].contains(&reply.status) || version == "7.3.130" && reply.status == 401;
            assert!(known, "{version} {target}: {}", reply.status);
            if reply.status == 200 {
                reply.json();
            }
        }
    }
}

#[tokio::test]
async fn equipment_that_is_not_there_is_absent_in_the_way_of_the_firmware() {
    let check = async |version: &str, target: &str, status: u16, body: Value| {
        let sim = sim(version);
        let reply = get(&sim, target, &[&bearer(&sim.token(0).mint())]).await;
        assert_eq!((reply.status, reply.json()), (status, body), "{version} {target}");
    };
    let gone = json!({"err": "404 - Not Found"});
    check("7.3.466", "/ivp/ensemble/inventory", 200, json!([])).await;
    check("7.3.466", "/ivp/ensemble/power", 200, json!({"devices:": []})).await;
    check("7.6.175", "/ivp/ss/gen_config", 200, json!({})).await;
    check("7.6.175", "/ivp/ss/gen_schedule", 200, json!({})).await;
    check("7.6.175", "/ivp/ss/gen_mode", 200, json!({})).await;
    check("8.1.41", "/ivp/pdm/device_data", 404, gone.clone()).await;
    check("7.6.175", "/ivp/nothing", 404, gone).await;
}

#[tokio::test]
async fn inventories_list_what_a_firmware_stands_for() {
    let check = async |version: &str, expect: &[(&str, usize)]| {
        let inventory = read(&sim(version), "/ivp/ensemble/inventory").await;
        let groups = inventory.as_array().unwrap().iter();
        let groups: Vec<(&str, usize)> = groups
            .map(|group| {
                (group["type"].as_str().unwrap(), group["devices"].as_array().unwrap().len())
            })
            .collect();
        assert_eq!(groups, expect, "{version}");
    };
    check("7.6.175", &[("ENCHARGE", 2), ("ENPOWER", 1)]).await;
    check("8.1.41", &[("ENCHARGE", 2), ("ENPOWER", 1)]).await;
    check("8.2.127", &[("ENCHARGE", 5), ("ENPOWER", 1)]).await;
    check("8.2.4264", &[]).await;
    check("8.2.4345", &[("ENCHARGE", 0), ("ENPOWER", 1)]).await;
    check("8.2.4382", &[("ENCHARGE", 1)]).await;
    let combiner = [("ENCHARGE", 2), ("COLLAR", 1), ("C6 COMBINER CONTROLLER", 1), ("C6 RGM", 1)];
    check("8.3.1598", &combiner).await;
    check("8.3.5289", &[]).await;
}

/// Asks for everything that carries power at the same instant, a day and a half long.
#[tokio::test(start_paused = true)]
async fn power_is_the_same_wherever_it_is_shown() {
    for version in ["7.6.175", "8.2.127", "8.2.4382", "8.3.1598"] {
        let sim = sim(version);
        for _ in 0..12 {
            check_powers(&sim).await;
            sim.control().advance(Duration::from_secs(3 * HOUR + 17));
        }
    }
}

async fn check_powers(sim: &Sim) {
    read(sim, "/ivp/livedata/status").await;
    ask(sim, "POST", "/ivp/livedata/stream", &[&bearer(&sim.token(0).mint())], "{\"enable\":1}")
        .await;
    let report = read(sim, "/production.json?details=1").await;
    let readings = read(sim, "/ivp/meters/readings").await;
    let batteries = read(sim, "/ivp/ensemble/power").await;
    let live = &read(sim, "/ivp/livedata/status").await["meters"];
    let shown = |kind: &str, index: usize| number(&report[kind][index]["wNow"]);
    let (solar, consumed, net) =
        (shown("production", 1), shown("consumption", 0), shown("consumption", 1));
    let stored = total(&batteries["devices:"], "real_power_mw") / 1_000.0;
    let ac_stored = shown("storage", 0);
    near(solar + net, consumed, 0.01);
    near(number(&meter(&readings, 704_643_328)["activePower"]), solar, 0.01);
    near(number(&meter(&readings, 704_643_584)["activePower"]), net, 0.01);
    near(number(&live["storage"]["agg_p_mw"]) / 1_000.0, stored + ac_stored, 1.0);
    let house = number(&live["load"]["agg_p_mw"]) / 1_000.0;
    near(house, consumed + stored + ac_stored, 1.0);
    if let Some(storage) = readings.as_array().unwrap().iter().find(|one| one["eid"] == 704_643_840)
    {
        near(number(&storage["activePower"]), stored, 0.01);
    }
}

/// What the storage transformer counted is what the controller says the batteries hold, less what is lost on the way.
#[tokio::test(start_paused = true)]
async fn counters_agree_with_what_the_batteries_hold() {
    let sim = sim("8.2.127");
    let look = async || {
        let readings = read(&sim, "/ivp/meters/readings").await;
        let control = read(&sim, "/ivp/ensemble/secctrl").await;
        let storage = meter(&readings, 704_643_840);
        let counted = ["actEnergyRcvd", "actEnergyDlvd"].map(|name| number(&storage[name]));
        (counted, number(&control["ENC_agg_avail_energy"]), control)
    };
    let (before, held, _) = look().await;
    for hours in [2, 5, 9, 9] {
        sim.control().advance(Duration::from_secs(hours * HOUR));
        let (after, holding, control) = look().await;
        near(holding - held, 0.92 * (after[0] - before[0]) - (after[1] - before[1]), 2.0);
        let percent = 100.0 * holding / number(&control["Enc_max_available_capacity"]);
        near(number(&control["ENC_agg_soc"]), percent, 0.6);
        assert!(percent >= number(&control["configured_backup_soc"]) - 0.1, "{control}");
        let batteries = read(&sim, "/ivp/ensemble/power").await;
        near(total(&batteries["devices:"], "soc") / 5.0, percent, 1.0);
    }
}

#[tokio::test]
async fn ac_batteries_say_the_same_in_all_places() {
    let sim = sim("8.2.4382");
    sim.control().advance(Duration::from_secs(12 * HOUR));
    let report = read(&sim, "/production.json?details=1").await;
    let control = read(&sim, "/ivp/ensemble/secctrl").await;
    let inventory = read(&sim, "/inventory.json?deleted=1").await;
    let inverters = read(&sim, "/api/v1/production/inverters").await;
    let storage = &report["storage"][0];
    assert_eq!((&storage["activeCount"], &storage["state"]), (&json!(3), &json!("discharging")));
    assert_eq!(storage["percentFull"], control["ACB_agg_soc"]);
    assert_eq!(storage["whNow"], control["ACB_agg_energy"]);
    let held = number(&control["ENC_agg_avail_energy"]) + number(&storage["whNow"]);
    near(number(&control["agg_soc"]), 100.0 * held / number(&control["Max_energy"]), 0.6);

    let devices = inventory[1]["devices"].as_array().unwrap();
    let active: Vec<&Value> = devices.iter().filter(|device| device["admin_state"] != 0).collect();
    assert_eq!((devices.len(), active.len()), (4, 3));
    for device in active {
        assert_eq!(device["charge_status"], "discharging");
        let same = |entry: &&Value| entry["serialNumber"] == device["serial_num"];
        let entry = inverters.as_array().unwrap().iter().find(same).unwrap();
        assert_eq!(entry["devType"], 11);
    }
    let current = read(&sim, "/inventory.json").await;
    assert_eq!(current[1]["devices"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_generator_runs_for_half_an_hour_on_sundays() {
    let sim = sim("8.2.127");
    for (minutes, expect) in
        [(0, "open"), (4 * 60 + 29, "open"), (2, "close"), (29, "open"), (24 * 60 - 28, "open")]
    {
        sim.control().advance(Duration::from_secs(minutes * 60));
        let state = read(&sim, "/ivp/ensemble/generator").await;
        assert_eq!(state["oper_state"], expect, "{minutes} minutes later: {state}");
    }
}

#[tokio::test]
async fn live_data_stands_still_until_it_is_switched_on() {
    let sim = sim("8.3.1598");
    let token = bearer(&sim.token(0).mint());
    let look = async || {
        let status = read(&sim, "/ivp/livedata/status").await;
        (status["connection"]["sc_stream"].clone(), status["meters"]["last_update"].clone())
    };
    let begin = look().await;
    sim.control().advance(Duration::from_secs(60));
    assert_eq!(look().await, begin);
    ask(&sim, "POST", "/ivp/livedata/stream", &[&token], "{\"enable\":1}").await;
    let on = look().await;
    assert_eq!(on.0, "enabled");
    near(number(&on.1) - number(&begin.1), 60.0, 2.0);
    sim.control().advance(Duration::from_secs(900));
    assert_eq!(look().await, (json!("disabled"), on.1));
}

#[tokio::test]
async fn transformers_are_where_the_equipment_is() {
    let check = async |version: &str, expect: &[(&str, &str)]| {
        let meters = read(&sim(version), "/ivp/meters").await;
        let text = |meter: &Value, name: &str| meter[name].as_str().unwrap().to_owned();
        let meters: Vec<(String, String)> = meters
            .as_array()
            .unwrap()
            .iter()
            .map(|meter| (text(meter, "measurementType"), text(meter, "state")))
            .collect();
        let expect: Vec<(String, String)> = expect
            .iter()
            .map(|(measures, state)| ((*measures).to_owned(), (*state).to_owned()))
            .collect();
        assert_eq!(meters, expect, "{version}");
    };
    let [production, net] = ["production", "net-consumption"];
    check("7.6.175", &[(production, "enabled"), (net, "enabled")]).await;
    check("8.2.127", &[(production, "enabled"), (net, "enabled"), ("storage", "enabled")]).await;
    check("8.2.4264", &[(production, "disabled"), (net, "disabled")]).await;
    check("8.3.5289", &[(production, "enabled"), (net, "disabled")]).await;
    let combiner = ["storage", "backfeed", "load", "evse"].map(|circuit| (circuit, "enabled"));
    let combiner =
        [&[(production, "enabled"), (net, "enabled")], &combiner[..], &[("pv3p", "disabled")]];
    check("8.3.1598", &combiner.concat()).await;
}

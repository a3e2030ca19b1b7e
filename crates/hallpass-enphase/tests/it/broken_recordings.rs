//! Every recording with one endpoint after the other broken in every way: it costs the readings
//! that come from it, and nothing else.

use hallpass_credential::Rate;
use hallpass_enphase::{Endpoint, Firmware, Info, Plan, Snapshot, default_password};
use hallpass_sim::{GatewayOptions, Options, Recording};
use serde_json::{Map, Value, json};

use crate::bench::Bench;
use crate::recordings::{directories, info, survey};

/// What may be lost with an endpoint that fails before anybody knows what the gateway has.
fn costs(endpoint: Endpoint) -> &'static [&'static str] {
    match endpoint {
        Endpoint::Meters | Endpoint::MeterReadings => &["ctmeter"],
        Endpoint::ProductionDetails => &["system_", "acb_power"],
        Endpoint::ProductionV1 => &["system_production"],
        Endpoint::DeviceData | Endpoint::Inverters => &["inverters", "acb_inventory"],
        Endpoint::EnsembleInventory => &["encharge_inventory", "enpower", "collar", "c6cc"],
        Endpoint::EnsembleAggregate => &["encharge_aggregate", "battery_aggregate"],
        Endpoint::EnsemblePower => &["encharge_power"],
        Endpoint::DryContacts => &["dry_contact_status"],
        Endpoint::DryContactSettings => &["dry_contact_settings"],
        Endpoint::Inventory => &["acb_inventory"],
        Endpoint::Tariff => &["tariff"],
        Endpoint::Generator => &["generator"],
        Endpoint::GeneratorConfig => &["generator_config"],
        Endpoint::GeneratorSchedule => &["generator_schedule"],
        Endpoint::GeneratorMode => &["generator_mode"],
        _ => &[],
    }
}

/// A way of being broken: the fault that does it, and its arguments.
fn breakages(whole: &str) -> [(&'static str, Value); 12] {
    let canned = |status: u16, body: &str| ("canned", json!({"status": status, "body": body}));
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    [
        ("hang", json!({})),
        canned(500, ""),
        canned(503, whole),
        canned(401, "<html><body><h2>401 Unauthorized</h2></body></html>"),
        canned(301, ""),
        canned(200, "<!DOCTYPE html><html><body>Page Not Found</body></html>"),
        canned(200, ""),
        canned(200, &whole[..whole.len() / 2]),
        canned(
            200,
            &if whole.contains(':') {
                whole.replacen(':', ":NaN,\"odd\":", 1)
            } else {
                "[NaN]".to_owned()
            },
        ),
        canned(200, "\"text\""),
        canned(200, "[{\"new\":{\"enum\":\"unheard-of\"}}]"),
        canned(200, &deep("{\"a\":[", "]}")),
    ]
}

#[tokio::test(start_paused = true)]
async fn one_broken_endpoint_costs_its_own_readings_before_firmware_8() {
    check_all(|firmware| !firmware.is_at_least(&[8])).await;
}

#[tokio::test(start_paused = true)]
async fn one_broken_endpoint_costs_its_own_readings_from_firmware_8_on() {
    check_all(|firmware| firmware.is_at_least(&[8])).await;
}

async fn check_all(is_meant: impl Fn(&Firmware) -> bool) {
    for directory in directories() {
        let recording = Recording::open(&directory).expect("a recording");
        let is_refused = recording.expected()["error"]["stage"] == "authenticate";
        let Some(info) = info(&recording).filter(|info| is_meant(&info.firmware)) else { continue };
        if is_refused {
            continue;
        }
        let gateways = vec![GatewayOptions::recording(&directory)];
        let mut bench = Bench::with(Options { gateways, ..Options::default() });
        bench.rate = Rate::UNLIMITED;
        check(&bench, &recording, &info).await;
    }
}

async fn check(bench: &Bench, recording: &Recording, info: &Info) {
    let whole = read_anew(bench).await.expect("readings");
    let asked = survey(recording, info, None).asked;
    for endpoint in asked {
        let answer = recording.get(endpoint.path());
        let body = String::from_utf8_lossy(answer.body()).into_owned();
        if answer.status() != 200 || !body.trim_start().starts_with(['[', '{']) {
            continue;
        }
        for (way, (fault, mut arguments)) in breakages(&body).into_iter().enumerate() {
            arguments["path"] = endpoint.path().split('?').next().into();
            bench.fault(fault, arguments.clone());
            let broken = read_anew(bench).await;
            bench.no_fault(fault);
            let what = format!("{} {endpoint}, way {way}", recording.name());
            match broken {
                Ok(broken) => compare(&whole, &broken, endpoint, &what),
                Err(error) => assert!(has_nothing_else(&whole, endpoint), "{what}: {error}"),
            }
        }
    }
}

/// As a process does that has never read this gateway.
async fn read_anew(bench: &Bench) -> Result<Snapshot, hallpass_enphase::Error> {
    let seen = bench.look(0).await?;
    bench.records.remove::<Plan>(&seen.info.serial_number).await?;
    let account = match default_password("envoy", &seen.info.serial_number) {
        Some(password) if !seen.info.firmware.takes_tokens() => {
            bench.account_with("envoy", password.expose())
        }
        _ => bench.account(),
    };
    bench.gateway_of(&seen, Some(account)).read().await
}

fn compare(whole: &Snapshot, broken: &Snapshot, endpoint: Endpoint, what: &str) {
    let (whole, broken_readings) = (readings(whole), readings(broken));
    let is_its_own = |name: &str| costs(endpoint).iter().any(|own| name.starts_with(own));
    for (name, value) in &whole {
        let got = &broken_readings[name];
        assert!(is_its_own(name) || got == value, "{what}: {name}: expected {value}, got {got}");
    }
    let complaints: Vec<String> =
        broken.complaints.iter().map(|one| format!("{} {}", one.endpoint, one.problem)).collect();
    let is_told = broken.complaints.iter().any(|one| one.endpoint == endpoint);
    assert!(is_told, "{what}: complaints {complaints:?}");
}

fn has_nothing_else(whole: &Snapshot, endpoint: Endpoint) -> bool {
    let is_its_own = |name: &str| costs(endpoint).iter().any(|own| name.starts_with(own));
    readings(whole)
        .iter()
        .all(|(name, value)| is_its_own(name) || value.is_null() || *value == json!({}))
}

fn readings(snapshot: &Snapshot) -> Map<String, Value> {
    match serde_json::to_value(&snapshot.readings) {
        Ok(Value::Object(readings)) => readings,
        other => panic!("readings are an object, not {other:?}"),
    }
}

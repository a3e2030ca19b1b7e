//! What the fuzz targets share: gateways of which one endpoint answers what the fuzzer made up.
//!
//! A target for an [`Endpoint`] is a file of three lines in `src/bin`, see [`endpoint!`], and what
//! the endpoint answers on a healthy gateway, a seed that is listed in [`HEALTHY`]. The targets say
//! so where one is missing. `cargo xtask fuzz` runs them all, and tries each seed on every target.

#![forbid(unsafe_code)]

pub mod pipe;

use std::sync::LazyLock;

use bytes::Bytes;
use hallpass_enphase::{Answer, Endpoint, Format, Info, Pace, Plan, Survey, Surveyed};
use jiff::Timestamp;

/// A target for one endpoint: its whole body is the fuzzer's.
#[macro_export]
macro_rules! endpoint {
    ($endpoint:ident) => {
        libfuzzer_sys::fuzz_target!(
            init: $crate::require_reach(hallpass_enphase::Endpoint::$endpoint),
            |body: &[u8]| $crate::read(hallpass_enphase::Endpoint::$endpoint, body)
        );
    };
}

/// Reads each gateway whose `endpoint` answers `body`: at first contact, later when all is asked
/// again, and as one that was healthy when another process read it.
///
/// # Panics
/// That is what the fuzzer looks for.
pub fn read(endpoint: Endpoint, body: &[u8]) {
    let body = Bytes::copy_from_slice(body);
    for gateway in &*GATEWAYS {
        let answer = |asked| if asked == endpoint { ok(&body) } else { gateway.answer(asked) };
        let Surveyed { plan, memory, .. } = survey(gateway.first(), answer);
        survey(Survey::new(&gateway.info, Some(plan), LATER).remembering(memory), answer);
        survey(Survey::new(&gateway.info, Some(gateway.plan.clone()), LATER), answer);
    }
}

/// Reads a healthy gateway that says of itself what `body` says, if that is something.
///
/// # Panics
/// That is what the fuzzer looks for.
pub fn read_as(body: &[u8]) {
    let Ok(info) = Info::parse(body) else { return };
    let kept = serde_json::to_string(&info).expect("what was read can be kept");
    assert_eq!(info, serde_json::from_str(&kept).expect("what was kept can be read"));
    for gateway in &*GATEWAYS {
        survey(Survey::new(&info, None, EARLIER), |asked| gateway.answer(asked));
    }
}

/// Makes sure that a target is worth its time.
///
/// # Panics
/// Where no gateway is asked for `endpoint`, or there is one that no target is for.
pub fn require_reach(endpoint: Endpoint) {
    let mut is_reached = false;
    for gateway in &*GATEWAYS {
        survey(gateway.first(), |asked| {
            is_reached |= asked == endpoint;
            gateway.answer(asked)
        });
    }
    assert!(is_reached, "no gateway here is asked for {endpoint}");
    for other in Endpoint::ALL.iter().filter(|other| holds_readings(**other)) {
        assert!(healthy(*other).is_some(), "{other} has no target yet");
    }
}

/// A gateway to read.
struct Gateway {
    info: Info,
    /// Whether it has each endpoint, or none.
    has_all: bool,
    /// What the first survey of it left.
    plan: Plan,
}

/// One with all there is; one with nothing, which is asked for what stands in for something else;
/// and one that tells its production on a page for people. The firmware's quirks are repaired.
static GATEWAYS: LazyLock<[Gateway; 3]> = LazyLock::new(|| {
    [("8.3.6001", true), ("8.3.6001", false), ("3.7.0", false)]
        .map(|(firmware, has_all)| Gateway::new(firmware, has_all))
});

impl Gateway {
    fn new(firmware: &str, has_all: bool) -> Self {
        let info = format!(
            "<envoy_info><device><sn>122100001613</sn><software>D{firmware}</software>\
             <imeter>{has_all}</imeter></device></envoy_info>"
        );
        let info = Info::parse(info.as_bytes()).expect("a gateway says who it is");
        let first = Survey::new(&info, None, EARLIER);
        let Surveyed { plan, .. } = survey(first, |asked| answer(asked, has_all));
        Self { info, has_all, plan }
    }

    fn first(&self) -> Survey {
        Survey::new(&self.info, None, EARLIER)
    }

    fn answer(&self, endpoint: Endpoint) -> Answer {
        answer(endpoint, self.has_all)
    }
}

fn answer(endpoint: Endpoint, has_all: bool) -> Answer {
    match healthy(endpoint).filter(|_| has_all) {
        Some(body) => ok(&Bytes::from_static(body)),
        None => Answer::Body { status: 404, bytes: Bytes::new() },
    }
}

fn ok(body: &Bytes) -> Answer {
    Answer::Body { status: 200, bytes: body.clone() }
}

/// Ends a survey; what was found out must survive being kept, and what was read be JSON.
fn survey(mut survey: Survey, mut answer: impl FnMut(Endpoint) -> Answer) -> Surveyed {
    let mut questions = 0;
    while let Some(endpoint) = survey.next() {
        questions += 1;
        assert!(questions <= Endpoint::ALL.len(), "{endpoint} is asked again");
        survey.answer(endpoint, answer(endpoint));
    }
    let surveyed = survey.finish(LATER);
    serde_json::to_string(&surveyed.snapshot).expect("a snapshot is JSON");
    let kept = serde_json::to_string(&surveyed.plan).expect("a plan can be kept");
    assert_eq!(surveyed.plan, serde_json::from_str(&kept).expect("a kept plan can be read"));
    surveyed
}

/// Whether a survey may ask for it.
fn holds_readings(endpoint: Endpoint) -> bool {
    let facts = endpoint.facts();
    let is_json = matches!(facts.format, Format::JsonArray | Format::JsonObject);
    is_json && facts.pace != Pace::OnDemand
}

fn healthy(endpoint: Endpoint) -> Option<&'static [u8]> {
    HEALTHY.iter().find(|(known, _)| *known == endpoint).map(|(_, body)| *body)
}

const EARLIER: Timestamp = Timestamp::UNIX_EPOCH;

/// All is asked again by now, and the plan still holds.
const LATER: Timestamp = Timestamp::constant(12 * 3600, 0);

/// What each endpoint that holds readings answers on a healthy gateway.
const HEALTHY: &[(Endpoint, &[u8])] = &[
    (Endpoint::Meters, include_bytes!("../seeds/meters/healthy.json")),
    (Endpoint::MeterReadings, include_bytes!("../seeds/meter_readings/healthy.json")),
    (Endpoint::ProductionDetails, include_bytes!("../seeds/production_details/healthy.json")),
    (Endpoint::Production, include_bytes!("../seeds/production/healthy.json")),
    (Endpoint::ProductionV1, include_bytes!("../seeds/production_v1/healthy.json")),
    (Endpoint::DeviceData, include_bytes!("../seeds/device_data/healthy.json")),
    (Endpoint::Inverters, include_bytes!("../seeds/inverters/healthy.json")),
    (Endpoint::EnsembleInventory, include_bytes!("../seeds/ensemble_inventory/healthy.json")),
    (Endpoint::EnsembleAggregate, include_bytes!("../seeds/ensemble_aggregate/healthy.json")),
    (Endpoint::EnsemblePower, include_bytes!("../seeds/ensemble_power/healthy.json")),
    (Endpoint::DryContacts, include_bytes!("../seeds/dry_contacts/healthy.json")),
    (Endpoint::DryContactSettings, include_bytes!("../seeds/dry_contact_settings/healthy.json")),
    (Endpoint::Inventory, include_bytes!("../seeds/inventory/healthy.json")),
    (Endpoint::Tariff, include_bytes!("../seeds/tariff/healthy.json")),
    (Endpoint::Generator, include_bytes!("../seeds/generator/healthy.json")),
    (Endpoint::GeneratorConfig, include_bytes!("../seeds/generator_config/healthy.json")),
    (Endpoint::GeneratorSchedule, include_bytes!("../seeds/generator_schedule/healthy.json")),
    (Endpoint::GeneratorMode, include_bytes!("../seeds/generator_mode/healthy.json")),
];

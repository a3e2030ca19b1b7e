//! `/ivp/meters` and `/ivp/meters/readings`.

use serde::Deserialize;

use super::{List, Maybe, Named, Number, Text};

/// How a CT meter is set up.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Meter {
    pub(crate) eid: Number,
    pub(crate) state: Text,
    pub(crate) measurement_type: Text,
    pub(crate) phase_mode: Text,
    pub(crate) phase_count: Number,
    pub(crate) metering_status: Text,
    /// Missing on older firmware.
    pub(crate) status_flags: Option<List<Text>>,
}

/// What a CT meter, or one of its channels, measured.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct MeterReading {
    pub(crate) eid: Number,
    pub(crate) timestamp: Number,
    pub(crate) act_energy_dlvd: Number,
    pub(crate) act_energy_rcvd: Number,
    pub(crate) active_power: Number,
    pub(crate) pwr_factor: Number,
    pub(crate) voltage: Number,
    pub(crate) current: Number,
    pub(crate) freq: Number,
    pub(crate) channels: List<Maybe<Self>>,
}

impl Named for Meter {
    fn has_name(&self) -> bool {
        self.eid.value().is_some()
    }
}

impl Named for MeterReading {
    fn has_name(&self) -> bool {
        self.eid.value().is_some()
    }
}

//! `/ivp/pdm/device_data` and `/api/v1/production/inverters`.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::{Document, Flag, List, Maybe, Named, Number, Text};

/// `/ivp/pdm/device_data`: two numbers, and the devices keyed by theirs, in one object.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeviceData {
    pub(crate) device_count: Number,
    /// The gateway cuts the list here.
    pub(crate) device_data_limit: Number,
    pub(crate) devices: Vec<Device>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Device {
    /// `pcu` for a microinverter; also `eim`, `nsrb`, `acb`.
    pub(crate) dev_name: Text,
    pub(crate) sn: Text,
    pub(crate) active: Flag,
    pub(crate) channels: List<Maybe<Channel>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Channel {
    pub(crate) watts: Maybe<ChannelWatts>,
    pub(crate) watt_hours: Maybe<ChannelWattHours>,
    pub(crate) last_reading: Maybe<LastReading>,
    pub(crate) lifetime: Maybe<Lifetime>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ChannelWatts {
    pub(crate) now: Number,
    pub(crate) max: Number,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ChannelWattHours {
    pub(crate) today: Number,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct LastReading {
    pub(crate) end_date: Number,
    pub(crate) duration: Number,
    pub(crate) joules_produced: Number,
    #[serde(rename = "acVoltageINmV")]
    pub(crate) ac_millivolts: Number,
    #[serde(rename = "acFrequencyINmHz")]
    pub(crate) ac_millihertz: Number,
    /// Spelled unlike the others.
    #[serde(rename = "acCurrentInmA")]
    pub(crate) ac_milliamperes: Number,
    #[serde(rename = "dcVoltageINmV")]
    pub(crate) dc_millivolts: Number,
    #[serde(rename = "dcCurrentINmA")]
    pub(crate) dc_milliamperes: Number,
    pub(crate) channel_temp: Number,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Lifetime {
    pub(crate) joules_produced: Number,
}

impl Device {
    /// Whether this is a microinverter in use. `modGone` is no sign of removal (seen on 8.3.5289).
    pub(crate) fn is_inverter(&self) -> bool {
        self.dev_name.is("pcu") && self.active.is_set() && !self.sn.is_missing()
    }
}

impl DeviceData {
    pub(crate) fn inverters(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter().filter(|device| device.is_inverter())
    }

    /// The limit, where the list has reached it or does not say: then it may lack devices.
    pub(crate) fn is_complete(&self) -> bool {
        match (self.device_count.value(), self.device_data_limit.value()) {
            (Some(count), Some(limit)) => count < limit,
            _ => false,
        }
    }
}

impl Document for DeviceData {
    fn says_nothing(&self) -> bool {
        self.device_count.value().is_none() && self.devices.is_empty()
    }
}

impl<'de> Deserialize<'de> for DeviceData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DeviceDataVisitor)
    }
}

struct DeviceDataVisitor;

impl<'de> Visitor<'de> for DeviceDataVisitor {
    type Value = DeviceData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of devices")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<DeviceData, A::Error> {
        let mut data = DeviceData::default();
        while let Some(key) = entries.next_key::<String>()? {
            match key.as_str() {
                "deviceCount" => data.device_count = entries.next_value()?,
                "deviceDataLimit" => data.device_data_limit = entries.next_value()?,
                _ => data.devices.extend(entries.next_value::<Maybe<Device>>()?.0),
            }
        }
        Ok(data)
    }
}

/// One entry of `/api/v1/production/inverters`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct InverterReport {
    pub(crate) serial_number: Text,
    /// Missing on firmware 3.
    pub(crate) dev_type: Number,
    pub(crate) last_report_date: Number,
    pub(crate) last_report_watts: Number,
    pub(crate) max_report_watts: Number,
}

impl InverterReport {
    pub(crate) fn is_ac_battery(&self) -> bool {
        self.dev_type.rounded() == Some(AC_BATTERY)
    }
}

const AC_BATTERY: i64 = 11;

impl Named for InverterReport {
    fn has_name(&self) -> bool {
        !self.serial_number.is_missing()
    }
}

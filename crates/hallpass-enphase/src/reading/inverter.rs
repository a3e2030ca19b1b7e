//! Microinverters.

use serde::Serialize;

use super::{
    Amperes, Celsius, Hertz, Missing, Seconds, UnixTime, Volts, WattHours, Watts, needed, rounded,
};
use crate::rounding;
use crate::wire::{Channel, Device, InverterReport, LastReading, Number};

/// A microinverter, by its last report, which it makes every 5 to 15 minutes of daylight.
///
/// Sources: `/ivp/pdm/device_data`, first of `channels`; or `/api/v1/production/inverters`, which
/// knows only the first four.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Inverter {
    /// Opaque text. Source: `sn`; `serialNumber`.
    pub serial_number: String,
    /// Source: `lastReading.endDate`; `lastReportDate`.
    pub last_report_date: UnixTime,
    /// Source: `watts.now`; `lastReportWatts`.
    pub last_report_watts: Watts,
    /// The most it ever reported. Source: `watts.max`; `maxReportWatts`.
    pub max_report_watts: Watts,
    /// Of the panel. Source: `lastReading.dcVoltageINmV`.
    pub dc_voltage: Option<Volts>,
    /// Of the panel. Source: `lastReading.dcCurrentINmA`.
    pub dc_current: Option<Amperes>,
    /// Source: `lastReading.acVoltageINmV`.
    pub ac_voltage: Option<Volts>,
    /// Source: `lastReading.acCurrentInmA`.
    pub ac_current: Option<Amperes>,
    /// Source: `lastReading.acFrequencyINmHz`.
    pub ac_frequency: Option<Hertz>,
    /// Source: `lastReading.channelTemp`.
    pub temperature: Option<Celsius>,
    /// Source: `lifetime.joulesProduced`.
    pub lifetime_energy: Option<WattHours>,
    /// Mean watts of the last report, divided by 3.6, three decimals: the formula is that of the
    /// reference library, which calls the result Wh.
    /// Source: `lastReading.joulesProduced`, `lastReading.duration`.
    pub energy_produced: Option<f64>,
    /// Source: `wattHours.today`.
    pub energy_today: Option<WattHours>,
    /// Source: `lastReading.duration`.
    pub last_report_duration: Option<Seconds>,
}

impl TryFrom<&Device> for Inverter {
    type Error = Missing;

    fn try_from(device: &Device) -> Result<Self, Missing> {
        let channel: &Channel = needed("channels", device.channels.objects().next())?;
        let reading = needed("lastReading", channel.last_reading.0)?;
        let watts = needed("watts", channel.watts.0)?;
        let milli = |number: Number| number.value().map(|value| value / 1000.0);
        let joules = channel.lifetime.0.and_then(|lifetime| lifetime.joules_produced.value());
        Ok(Self {
            serial_number: needed("sn", device.sn.value())?,
            last_report_date: rounded("endDate", reading.end_date)?,
            last_report_watts: rounded("watts.now", watts.now)?,
            max_report_watts: rounded("watts.max", watts.max)?,
            dc_voltage: milli(reading.dc_millivolts).map(Volts),
            dc_current: milli(reading.dc_milliamperes).map(Amperes),
            ac_voltage: milli(reading.ac_millivolts).map(Volts),
            ac_current: milli(reading.ac_milliamperes).map(Amperes),
            ac_frequency: milli(reading.ac_millihertz).map(Hertz),
            temperature: reading.channel_temp.value().map(Celsius),
            lifetime_energy: joules
                .and_then(|joules| rounding::half_even(joules / 3600.0))
                .map(WattHours),
            energy_produced: energy_produced(&reading),
            energy_today: channel
                .watt_hours
                .0
                .and_then(|energy| energy.today.rounded())
                .map(WattHours),
            last_report_duration: reading.duration.rounded().map(Seconds),
        })
    }
}

impl TryFrom<&InverterReport> for Inverter {
    type Error = Missing;

    fn try_from(report: &InverterReport) -> Result<Self, Missing> {
        Ok(Self {
            serial_number: needed("serialNumber", report.serial_number.value())?,
            last_report_date: rounded("lastReportDate", report.last_report_date)?,
            last_report_watts: rounded("lastReportWatts", report.last_report_watts)?,
            max_report_watts: rounded("maxReportWatts", report.max_report_watts)?,
            dc_voltage: None,
            dc_current: None,
            ac_voltage: None,
            ac_current: None,
            ac_frequency: None,
            temperature: None,
            lifetime_energy: None,
            energy_produced: None,
            energy_today: None,
            last_report_duration: None,
        })
    }
}

fn energy_produced(reading: &LastReading) -> Option<f64> {
    let joules = reading.joules_produced.value()?;
    let seconds = reading.duration.value().filter(|&seconds| seconds != 0.0)?;
    rounding::three_decimals(joules / seconds / 3.6)
}

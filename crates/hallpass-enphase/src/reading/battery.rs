//! IQ batteries ("Encharge").

use serde::Serialize;

use super::{
    CELSIUS, Celsius, MilliVoltAmperes, Milliwatts, Missing, Percent, UnixTime, WattHours,
};
use crate::wire::Object;

/// An IQ battery. Source: `/ivp/ensemble/inventory`, group `ENCHARGE`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Battery {
    /// Opaque text. Source: `serial_num`.
    pub serial_number: String,
    /// Source: `part_num`.
    pub part_number: String,
    /// A code of the gateway's. Source: `admin_state`.
    pub admin_state: i64,
    /// The same in words, such as `ENCHG_STATE_READY`. Source: `admin_state_str`.
    pub admin_state_str: String,
    /// Of the battery management unit. Source: `bmu_fw_version`.
    pub bmu_firmware_version: String,
    /// Radio reception, 0 to 5. Source: `comm_level_2_4_ghz`.
    pub comm_level_2_4_ghz: i64,
    /// Radio reception, 0 to 5. Source: `comm_level_sub_ghz`.
    pub comm_level_sub_ghz: i64,
    /// Source: `communicating`.
    pub communicating: bool,
    /// Source: `dc_switch_off`.
    pub dc_switch_off: bool,
    /// What it holds when full. Source: `encharge_capacity`.
    pub encharge_capacity: WattHours,
    /// Source: `encharge_rev`.
    pub encharge_revision: i64,
    /// Source: `img_load_date`.
    pub firmware_loaded_date: UnixTime,
    /// Source: `img_pnum_running`.
    pub firmware_version: String,
    /// Source: `installed`.
    pub installed_date: UnixTime,
    /// Source: `last_rpt_date`.
    pub last_report_date: UnixTime,
    /// A code of the gateway's. Source: `led_status`.
    pub led_status: i64,
    /// Of the warmest cell. Source: `maxCellTemp`.
    pub max_cell_temp: Celsius,
    /// None from firmware 8 on. Source: `operating`.
    pub operating: Option<bool>,
    /// How full it is. Source: `percentFull`.
    pub percent_full: Percent,
    /// Source: `temperature`.
    pub temperature: Celsius,
    /// `C`.
    pub temperature_unit: &'static str,
    /// None from firmware 8 on. Source: `zigbee_dongle_fw_version`.
    pub zigbee_dongle_fw_version: Option<String>,
}

impl TryFrom<Object<'_>> for Battery {
    type Error = Missing;

    fn try_from(device: Object<'_>) -> Result<Self, Missing> {
        Ok(Self {
            serial_number: device.text("serial_num")?,
            part_number: device.text("part_num")?,
            admin_state: device.integer("admin_state")?,
            admin_state_str: device.text("admin_state_str")?,
            bmu_firmware_version: device.text("bmu_fw_version")?,
            comm_level_2_4_ghz: device.integer("comm_level_2_4_ghz")?,
            comm_level_sub_ghz: device.integer("comm_level_sub_ghz")?,
            communicating: device.flag("communicating")?,
            dc_switch_off: device.flag("dc_switch_off")?,
            encharge_capacity: device.integer("encharge_capacity")?,
            encharge_revision: device.integer("encharge_rev")?,
            firmware_loaded_date: device.integer("img_load_date")?,
            firmware_version: device.text("img_pnum_running")?,
            installed_date: device.integer("installed")?,
            last_report_date: device.integer("last_rpt_date")?,
            led_status: device.integer("led_status")?,
            max_cell_temp: device.decimal("maxCellTemp")?,
            operating: device.flag("operating").ok(),
            percent_full: device.decimal("percentFull")?,
            temperature: device.decimal("temperature")?,
            temperature_unit: CELSIUS,
            zigbee_dongle_fw_version: device.text("zigbee_dongle_fw_version").ok(),
        })
    }
}

/// What an IQ battery does. Source: `/ivp/ensemble/power`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BatteryPower {
    /// Source: `apparent_power_mva`.
    pub apparent_power_mva: MilliVoltAmperes,
    /// Positive while it discharges. Source: `real_power_mw`.
    pub real_power_mw: Milliwatts,
    /// How full it is. Source: `soc`.
    pub soc: Percent,
}

impl TryFrom<Object<'_>> for BatteryPower {
    type Error = Missing;

    fn try_from(device: Object<'_>) -> Result<Self, Missing> {
        Ok(Self {
            apparent_power_mva: device.integer("apparent_power_mva")?,
            real_power_mw: device.integer("real_power_mw")?,
            soc: device.decimal("soc")?,
        })
    }
}

/// All IQ batteries together. Source: `/ivp/ensemble/secctrl`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BatteriesAggregate {
    /// Source: `ENC_agg_avail_energy`.
    pub available_energy: WattHours,
    /// Kept for a grid outage. Source: `ENC_agg_backup_energy`.
    pub backup_reserve: WattHours,
    /// How full they are. Source: `ENC_agg_soc`.
    pub state_of_charge: Percent,
    /// Kept for a grid outage, as the gateway has adjusted it. Source: `adjusted_backup_soc`.
    pub reserve_state_of_charge: Percent,
    /// Kept for a grid outage, as it was set. Source: `configured_backup_soc`.
    pub configured_reserve_state_of_charge: Percent,
    /// What they hold when full. Source: `Enc_max_available_capacity`.
    pub max_available_capacity: WattHours,
}

impl TryFrom<Object<'_>> for BatteriesAggregate {
    type Error = Missing;

    fn try_from(all: Object<'_>) -> Result<Self, Missing> {
        Ok(Self {
            available_energy: all.integer("ENC_agg_avail_energy")?,
            backup_reserve: all.integer("ENC_agg_backup_energy")?,
            state_of_charge: all.decimal("ENC_agg_soc")?,
            reserve_state_of_charge: all.decimal("adjusted_backup_soc")?,
            configured_reserve_state_of_charge: all.decimal("configured_backup_soc")?,
            max_available_capacity: all.integer("Enc_max_available_capacity")?,
        })
    }
}

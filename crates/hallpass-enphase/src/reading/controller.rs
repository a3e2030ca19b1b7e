//! The system controller ("Enpower"), its relays, and the smaller controllers.

use serde::Serialize;

use super::{CELSIUS, Celsius, FAHRENHEIT, Fahrenheit, Missing, Percent, Seconds, UnixTime};
use crate::wire::Object;

/// The system controller. Source: `/ivp/ensemble/inventory`, group `ENPOWER`, first device.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Enpower {
    /// Opaque text. Source: `serial_num`.
    pub serial_number: String,
    /// Source: `part_num`.
    pub part_number: String,
    /// Such as `multimode-ongrid` or `grid-tied`. Source: `Enpwr_grid_mode`.
    pub grid_mode: String,
    /// A code of the gateway's. Source: `admin_state`.
    pub admin_state: i64,
    /// The same in words, such as `ENPWR_STATE_OPER_CLOSED`. Source: `admin_state_str`.
    pub admin_state_str: String,
    /// Radio reception, 0 to 5. Source: `comm_level_2_4_ghz`.
    pub comm_level_2_4_ghz: i64,
    /// Radio reception, 0 to 5. Source: `comm_level_sub_ghz`.
    pub comm_level_sub_ghz: i64,
    /// Source: `communicating`.
    pub communicating: bool,
    /// Source: `img_load_date`.
    pub firmware_loaded_date: UnixTime,
    /// Source: `img_pnum_running`.
    pub firmware_version: String,
    /// Source: `installed`.
    pub installed_date: UnixTime,
    /// Source: `last_rpt_date`.
    pub last_report_date: UnixTime,
    /// `open` or `closed`: what the relay to the grid should be. Source: `mains_admin_state`.
    pub mains_admin_state: String,
    /// `open` or `closed`: what the relay to the grid is. Source: `mains_oper_state`.
    pub mains_oper_state: String,
    /// None from firmware 8 on. Source: `operating`.
    pub operating: Option<bool>,
    /// Source: `temperature`.
    pub temperature: Fahrenheit,
    /// `F`.
    pub temperature_unit: &'static str,
    /// None from firmware 8 on. Source: `zigbee_dongle_fw_version`.
    pub zigbee_dongle_fw_version: Option<String>,
}

impl TryFrom<Object<'_>> for Enpower {
    type Error = Missing;

    fn try_from(device: Object<'_>) -> Result<Self, Missing> {
        Ok(Self {
            serial_number: device.text("serial_num")?,
            part_number: device.text("part_num")?,
            grid_mode: device.text("Enpwr_grid_mode")?,
            admin_state: device.integer("admin_state")?,
            admin_state_str: device.text("admin_state_str")?,
            comm_level_2_4_ghz: device.integer("comm_level_2_4_ghz")?,
            comm_level_sub_ghz: device.integer("comm_level_sub_ghz")?,
            communicating: device.flag("communicating")?,
            firmware_loaded_date: device.integer("img_load_date")?,
            firmware_version: device.text("img_pnum_running")?,
            installed_date: device.integer("installed")?,
            last_report_date: device.integer("last_rpt_date")?,
            mains_admin_state: device.text("mains_admin_state")?,
            mains_oper_state: device.text("mains_oper_state")?,
            operating: device.flag("operating").ok(),
            temperature: device.decimal("temperature")?,
            temperature_unit: FAHRENHEIT,
            zigbee_dongle_fw_version: device.text("zigbee_dongle_fw_version").ok(),
        })
    }
}

/// A relay of the system controller. Source: `/ivp/ensemble/dry_contacts`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DryContact {
    /// `NC1`, `NC2`, `NO1` or `NO2`. Source: `id`.
    pub id: String,
    /// `open` or `closed`. Source: `status`.
    pub status: String,
}

impl TryFrom<Object<'_>> for DryContact {
    type Error = Missing;

    fn try_from(relay: Object<'_>) -> Result<Self, Missing> {
        Ok(Self { id: relay.text("id")?, status: relay.text("status")? })
    }
}

/// What a relay is set to do. Source: `/ivp/ss/dry_contact_settings`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DryContactSettings {
    /// `NC1`, `NC2`, `NO1` or `NO2`. Source: `id`.
    pub id: String,
    /// What it is called. Source: `load_name`.
    pub load_name: String,
    /// What is connected: `NONE`, `PV`, `LOAD`, `3RD-PV`. Source: `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `manual`, or `soc` for by charge. Source: `mode`.
    pub mode: String,
    /// `apply`, `shed`, `schedule` or `none`, with a generator. Source: `gen_action`.
    pub generator_action: String,
    /// The same on the grid. Source: `grid_action`.
    pub grid_action: String,
    /// The same off the grid. Source: `micro_grid_action`.
    pub micro_grid_action: String,
    /// Source: `manual_override`, a text.
    pub manual_override: Option<bool>,
    /// Source: `override`, a text.
    #[serde(rename = "override")]
    pub is_overridden: bool,
    /// Source: `black_s_start`; its unit is not known.
    pub black_start: Option<f64>,
    /// After midnight. Source: `essential_start_time`.
    pub essential_start_time: Option<Seconds>,
    /// After midnight. Source: `essential_end_time`.
    pub essential_end_time: Option<Seconds>,
    /// 1 is the highest. Source: `priority`.
    pub priority: Option<f64>,
    /// The inverters behind it. Source: `pv_serial_nb`.
    pub pv_serial_nb: Vec<String>,
    /// Charge at which it closes again. Source: `soc_high`.
    pub soc_high: Percent,
    /// Charge at which it opens. Source: `soc_low`.
    pub soc_low: Percent,
}

impl TryFrom<Object<'_>> for DryContactSettings {
    type Error = Missing;

    fn try_from(relay: Object<'_>) -> Result<Self, Missing> {
        Ok(Self {
            id: relay.text("id")?,
            load_name: relay.text("load_name")?,
            kind: relay.text("type")?,
            mode: relay.text("mode")?,
            generator_action: relay.text("gen_action")?,
            grid_action: relay.text("grid_action")?,
            micro_grid_action: relay.text("micro_grid_action")?,
            manual_override: manual_override(relay),
            is_overridden: relay.flag("override")?,
            black_start: relay.decimal("black_s_start").ok(),
            essential_start_time: relay.integer("essential_start_time").ok(),
            essential_end_time: relay.integer("essential_end_time").ok(),
            priority: relay.decimal("priority").ok(),
            pv_serial_nb: relay.texts("pv_serial_nb"),
            soc_high: relay.decimal("soc_high")?,
            soc_low: relay.decimal("soc_low")?,
        })
    }
}

/// Anything but `true` is no, as far as there is anything.
fn manual_override(relay: Object<'_>) -> Option<bool> {
    const KEY: &str = "manual_override";
    let any_text = || relay.text(KEY).ok().filter(|text| !text.is_empty()).map(|_| false);
    relay.flag(KEY).ok().or_else(any_text)
}

/// The IQ meter collar. Source: `/ivp/ensemble/inventory`, group `COLLAR`, first device.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Collar {
    /// Opaque text. Source: `serial_num`.
    pub serial_number: String,
    /// Source: `part_num`.
    pub part_number: String,
    /// A code of the gateway's. Source: `admin_state`.
    pub admin_state: i64,
    /// The same in words, such as `ENCMN_MDE_ON_GRID`. Source: `admin_state_str`.
    pub admin_state_str: String,
    /// Such as `Installed`. Source: `collar_state`.
    pub collar_state: String,
    /// Source: `communicating`.
    pub communicating: bool,
    /// A code; 0 is none. Source: `control_error`.
    pub control_error: i64,
    /// Source: `img_load_date`.
    pub firmware_loaded_date: UnixTime,
    /// Source: `img_pnum_running`.
    pub firmware_version: String,
    /// Such as `on_grid`. Source: `grid_state`.
    pub grid_state: String,
    /// Source: `installed`.
    pub installed_date: UnixTime,
    /// Source: `last_rpt_date`.
    pub last_report_date: UnixTime,
    /// `open` or `close`: the switch between house and grid. Source: `mid_state`.
    pub mid_state: String,
    /// Source: `temperature`.
    pub temperature: Celsius,
    /// `C`.
    pub temperature_unit: &'static str,
}

impl TryFrom<Object<'_>> for Collar {
    type Error = Missing;

    fn try_from(device: Object<'_>) -> Result<Self, Missing> {
        Ok(Self {
            serial_number: device.text("serial_num")?,
            part_number: device.text("part_num")?,
            admin_state: device.integer("admin_state")?,
            admin_state_str: device.text("admin_state_str")?,
            collar_state: device.text("collar_state")?,
            communicating: device.flag("communicating")?,
            control_error: device.integer("control_error")?,
            firmware_loaded_date: device.integer("img_load_date")?,
            firmware_version: device.text("img_pnum_running")?,
            grid_state: device.text("grid_state")?,
            installed_date: device.integer("installed")?,
            last_report_date: device.integer("last_rpt_date")?,
            mid_state: device.text("mid_state")?,
            temperature: device.decimal("temperature")?,
            temperature_unit: CELSIUS,
        })
    }
}

/// The controller of an IQ combiner of the sixth generation.
/// Source: `/ivp/ensemble/inventory`, group `C6 COMBINER CONTROLLER`, first device.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct C6Combiner {
    /// Opaque text. Source: `serial_num`.
    pub serial_number: String,
    /// Source: `part_num`.
    pub part_number: String,
    /// A code of the gateway's. Source: `admin_state`.
    pub admin_state: i64,
    /// The same in words, such as `ENCMN_C6_CC_READY`. Source: `admin_state_str`.
    pub admin_state_str: String,
    /// Source: `communicating`.
    pub communicating: bool,
    /// Source: `dmir_version`.
    pub dmir_version: String,
    /// Source: `img_load_date`.
    pub firmware_loaded_date: UnixTime,
    /// Source: `fw_version`.
    pub firmware_version: String,
    /// Source: `installed`.
    pub installed_date: UnixTime,
    /// Source: `last_rpt_date`.
    pub last_report_date: UnixTime,
}

impl TryFrom<Object<'_>> for C6Combiner {
    type Error = Missing;

    fn try_from(device: Object<'_>) -> Result<Self, Missing> {
        Ok(Self {
            serial_number: device.text("serial_num")?,
            part_number: device.text("part_num")?,
            admin_state: device.integer("admin_state")?,
            admin_state_str: device.text("admin_state_str")?,
            communicating: device.flag("communicating")?,
            dmir_version: device.text("dmir_version")?,
            firmware_loaded_date: device.integer("img_load_date")?,
            firmware_version: device.text("fw_version")?,
            installed_date: device.integer("installed")?,
            last_report_date: device.integer("last_rpt_date")?,
        })
    }
}

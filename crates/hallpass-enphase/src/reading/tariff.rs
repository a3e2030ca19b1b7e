//! Tariff and storage settings.

use serde::Serialize;
use serde_json::Value;

use super::{Missing, Percent};
use crate::wire::Object;

/// The tariff. Source: `/admin/lib/tariff`, `tariff`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tariff {
    /// As the gateway writes it, with a `code`. Source: `currency`.
    pub currency: Value,
    /// Source: `logger`.
    pub logger: Option<String>,
    /// When it was set, mostly in seconds since 1970. Source: `date`.
    pub date: Option<String>,
    /// As the gateway writes it, with a `rate`. Source: `single_rate`.
    pub single_rate: Value,
    /// As the gateway writes them. Source: `seasons`.
    pub seasons: Value,
    /// As the gateway writes them, for what is sold. Source: `seasons_sell`.
    pub seasons_sell: Option<Value>,
    /// What the batteries are set to do. Source: `storage_settings`.
    pub storage_settings: Option<StorageSettings>,
}

impl TryFrom<Object<'_>> for Tariff {
    type Error = Missing;

    /// Without the storage settings.
    fn try_from(tariff: Object<'_>) -> Result<Self, Missing> {
        Ok(Self {
            currency: tariff.any("currency")?.clone(),
            logger: tariff.text("logger").ok(),
            date: tariff.text("date").ok(),
            single_rate: tariff.any("single_rate")?.clone(),
            seasons: tariff.any("seasons")?.clone(),
            seasons_sell: tariff.any("seasons_sell").ok().cloned(),
            storage_settings: None,
        })
    }
}

/// What the batteries are set to do. Source: `/admin/lib/tariff`, `tariff.storage_settings`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StorageSettings {
    /// `self-consumption`, `economy` (which some firmware calls `savings-mode`), `backup`, or what
    /// else the gateway says. Source: `mode`.
    pub mode: Option<String>,
    /// Such as `prioritize-energy`. Source: `operation_mode_sub_type`.
    pub operation_mode_sub_type: String,
    /// Kept for a grid outage. Source: `reserved_soc`.
    pub reserved_soc: Percent,
    /// Never gone below. Source: `very_low_soc`.
    pub very_low_soc: Percent,
    /// Whether the grid may charge them. Source: `charge_from_grid`.
    pub charge_from_grid: bool,
    /// When it was set, in seconds since 1970. Source: `date`.
    pub date: Option<String>,
    /// Whether the cloud chooses the mode; none before 8.2.42xx. Source: `opt_schedules`.
    pub opt_schedules: Option<bool>,
}

impl TryFrom<Object<'_>> for StorageSettings {
    type Error = Missing;

    fn try_from(settings: Object<'_>) -> Result<Self, Missing> {
        Ok(Self {
            mode: settings.text("mode").ok().map(known_as),
            operation_mode_sub_type: settings.text("operation_mode_sub_type")?,
            reserved_soc: settings.decimal("reserved_soc")?,
            very_low_soc: settings.decimal("very_low_soc")?,
            charge_from_grid: settings.flag("charge_from_grid")?,
            date: settings.text("date").ok(),
            opt_schedules: settings.flag("opt_schedules").ok(),
        })
    }
}

fn known_as(mode: String) -> String {
    if mode == "savings-mode" { "economy".to_owned() } else { mode }
}

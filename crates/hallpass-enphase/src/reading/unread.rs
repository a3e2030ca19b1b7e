//! The families that are not read yet.

use std::collections::BTreeMap;

use serde::Serialize;

/// Names that are part of the contract and hold nothing so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Unread {
    acb_inventory: Option<()>,
    acb_power: Option<()>,
    battery_aggregate: Option<()>,
    c6cc: Option<()>,
    collar: Option<()>,
    dry_contact_settings: BTreeMap<String, ()>,
    dry_contact_status: BTreeMap<String, ()>,
    encharge_aggregate: Option<()>,
    encharge_inventory: Option<()>,
    encharge_power: Option<()>,
    enpower: Option<()>,
    generator: Option<()>,
    generator_config: Option<()>,
    generator_mode: Option<()>,
    generator_schedule: Option<()>,
    tariff: Option<()>,
}

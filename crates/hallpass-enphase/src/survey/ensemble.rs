//! Batteries, system controller, collar and combiner: `/ivp/ensemble/inventory` and what belongs
//! to it.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::ac_batteries::AcBatteries;
use super::walk::{Ask, Found, Walk};
use crate::Endpoint;
use crate::reading::{Feature, Missing, Readings};
use crate::wire::{DryContacts, Keyed, List, Maybe, Object, ObjectBuf};

type Inventory = List<Maybe<ObjectBuf>>;

/// Which groups of storage hardware the gateway has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Ensemble {
    /// Also true of a system controller with a generator and no batteries.
    has_batteries: bool,
    pub(super) has_controller: bool,
    has_collar: bool,
    has_combiner: bool,
}

impl Ensemble {
    pub(super) fn probe(walk: &mut Walk<'_>) -> Result<Self, Ask> {
        match walk.look(&walk.answers.ensemble_inventory)? {
            Found::Yes(inventory) => Ok(inventory.into()),
            Found::No => Ok(Self::default()),
            Found::Unknown => Self::guess(walk),
        }
    }

    /// What there seems to be, where the inventory does not say.
    fn guess(walk: &mut Walk<'_>) -> Result<Self, Ask> {
        let power = walk.look(&walk.answers.ensemble_power)?.ok();
        let relays = walk.look(&walk.answers.dry_contact_settings)?.ok();
        let has_controller = relays.is_some_and(are_of_controller);
        let has_power = power.is_some_and(|report| !report.devices().is_empty());
        // With a controller there is a group of batteries, be it an empty one.
        Ok(Self { has_batteries: has_power || has_controller, has_controller, ..Self::default() })
    }

    pub(super) fn endpoints(&self, ac_batteries: &AcBatteries) -> impl Iterator<Item = Endpoint> {
        let has_charge = self.has_batteries || ac_batteries.are_there();
        [
            (self.has_any(), Endpoint::EnsembleInventory),
            (self.has_any() && has_charge, Endpoint::EnsembleAggregate),
            (self.has_batteries, Endpoint::EnsemblePower),
            (self.has_controller, Endpoint::DryContacts),
            (self.has_controller, Endpoint::DryContactSettings),
        ]
        .into_iter()
        .filter_map(|(is_there, endpoint)| is_there.then_some(endpoint))
    }

    /// Whether hardware was added or removed. That none is left is not believed, see
    /// [`Walk::need`].
    pub(super) fn doubt_if_changed(&self, walk: &mut Walk<'_>) {
        let inventory = walk.glance(&walk.answers.ensemble_inventory);
        if self.has_any() && inventory.is_some_and(|inventory| Self::from(inventory) != *self) {
            walk.doubt();
        }
    }

    pub(super) fn read(
        &self,
        walk: &mut Walk<'_>,
        ac_batteries: &AcBatteries,
        readings: &mut Readings,
    ) {
        if !self.has_any() {
            return;
        }
        self.read_inventory(walk, readings);
        if self.has_batteries {
            read_power(walk, readings);
        }
        if self.has_controller {
            let (status, settings) =
                (&walk.answers.dry_contacts, &walk.answers.dry_contact_settings);
            let relays = walk.need(status);
            readings.dry_contact_status = read_relays(walk, status.endpoint, relays);
            let relays = walk.need(settings);
            readings.dry_contact_settings = read_relays(walk, settings.endpoint, relays);
        }
        if self.has_batteries || ac_batteries.are_there() {
            self.read_aggregate(walk, ac_batteries, readings);
        }
    }

    fn read_inventory(&self, walk: &mut Walk<'_>, readings: &mut Readings) {
        let Some(inventory) = walk.need(&walk.answers.ensemble_inventory) else { return };
        let endpoint = Endpoint::EnsembleInventory;
        if self.has_batteries {
            let batteries = devices(inventory, BATTERIES).unwrap_or_default();
            readings.encharge_inventory = Some(by_key(walk, endpoint, "serial_num", &batteries));
        }
        let only = |has_one: bool, group: &'static str| {
            let device = devices(inventory, group).and_then(|devices| devices.into_iter().next());
            has_one.then_some(device).flatten()
        };
        let controller = only(self.has_controller, CONTROLLER);
        let (collar, combiner) = (only(self.has_collar, COLLAR), only(self.has_combiner, COMBINER));
        readings.enpower = read_one(walk, endpoint, "system controller", controller);
        readings.collar = read_one(walk, endpoint, "collar", collar);
        readings.c6cc = read_one(walk, endpoint, "combiner", combiner);
    }

    fn read_aggregate(
        &self,
        walk: &mut Walk<'_>,
        ac_batteries: &AcBatteries,
        readings: &mut Readings,
    ) {
        let Some(aggregate) = walk.need(&walk.answers.ensemble_aggregate) else { return };
        let (endpoint, all) = (Endpoint::EnsembleAggregate, aggregate.as_object());
        if self.has_batteries {
            readings.encharge_aggregate = walk.whole(endpoint, "IQ batteries", all.try_into());
        }
        if ac_batteries.are_there() {
            readings.battery_aggregate = walk.whole(endpoint, "all batteries", all.try_into());
        }
    }

    fn has_any(&self) -> bool {
        *self != Self::default()
    }

    pub(super) fn features(&self) -> impl Iterator<Item = Feature> {
        [
            (self.has_batteries, Feature::Encharge),
            (self.has_controller, Feature::Enpower),
            (self.has_collar, Feature::Collar),
            (self.has_combiner, Feature::C6cc),
        ]
        .into_iter()
        .filter_map(|(is_there, feature)| is_there.then_some(feature))
    }
}

impl From<&Inventory> for Ensemble {
    fn from(inventory: &Inventory) -> Self {
        let has = |group| inventory.objects().any(|entry| entry.as_object().says("type", group));
        Self {
            has_batteries: has(BATTERIES),
            has_controller: has(CONTROLLER),
            has_collar: has(COLLAR),
            has_combiner: has(COMBINER),
        }
    }
}

/// Whether the relays are those of a system controller. Gateways without one list relays as well:
/// without a time for a black start, or with the actions of a combiner (8.3.1598).
fn are_of_controller(relays: &DryContacts) -> bool {
    let is_one = |relay: &Object<'_>| {
        relay.any("black_s_start").is_ok() && relay.any("safe_state_action").is_err()
    };
    relays.relays().iter().any(is_one)
}

fn read_power(walk: &mut Walk<'_>, readings: &mut Readings) {
    let Some(report) = walk.need(&walk.answers.ensemble_power) else { return };
    let powers = by_key(walk, Endpoint::EnsemblePower, "serial_num", &report.devices());
    readings.encharge_power = Some(powers);
}

fn read_relays<T>(
    walk: &mut Walk<'_>,
    endpoint: Endpoint,
    relays: Option<&DryContacts>,
) -> BTreeMap<String, T>
where
    T: for<'o> TryFrom<Object<'o>, Error = Missing>,
{
    let relays = relays.map(DryContacts::relays).unwrap_or_default();
    by_key(walk, endpoint, "id", &relays)
}

/// The devices of the last group of a kind; older groups may stand before it.
fn devices<'i>(inventory: &'i Inventory, group: &str) -> Option<Vec<Object<'i>>> {
    let groups = inventory.objects().map(ObjectBuf::as_object);
    let groups = groups.filter(|entry| entry.says("type", group));
    groups.last().map(|group| group.objects("devices").unwrap_or_default())
}

fn read_one<T>(
    walk: &mut Walk<'_>,
    endpoint: Endpoint,
    what: impl Display,
    device: Option<Object<'_>>,
) -> Option<T>
where
    T: for<'o> TryFrom<Object<'o>, Error = Missing>,
{
    walk.whole(endpoint, what, T::try_from(device?))
}

/// What can be read of each device, by the text under its `key`.
pub(super) fn by_key<T>(
    walk: &mut Walk<'_>,
    endpoint: Endpoint,
    key: &'static str,
    devices: &[Object<'_>],
) -> BTreeMap<String, T>
where
    T: for<'o> TryFrom<Object<'o>, Error = Missing>,
{
    let mut read = BTreeMap::new();
    for device in devices {
        let name = device.text(key);
        let what = name.as_deref().unwrap_or("a device").to_owned();
        let value = name.and_then(|name| Ok((name, T::try_from(*device)?)));
        read.extend(walk.whole(endpoint, what, value));
    }
    read
}

const BATTERIES: &str = "ENCHARGE";
const CONTROLLER: &str = "ENPOWER";
const COLLAR: &str = "COLLAR";
const COMBINER: &str = "C6 COMBINER CONTROLLER";

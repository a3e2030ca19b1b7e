//! Tariff and storage settings: `/admin/lib/tariff`.

use serde::{Deserialize, Serialize};

use super::walk::{Ask, Walk};
use crate::Endpoint;
use crate::reading::{Feature, Readings, StorageSettings};
use crate::wire::{Keyed, Object};

/// Whether the gateway has a tariff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) enum Tariff {
    Present,
    #[default]
    Absent,
}

impl Tariff {
    pub(super) fn probe(walk: &mut Walk<'_>) -> Result<Self, Ask> {
        let report = walk.look(&walk.answers.tariff)?;
        Ok(if report.ok().is_some() { Self::Present } else { Self::Absent })
    }

    pub(super) fn endpoints(self) -> Option<Endpoint> {
        (self == Self::Present).then_some(Endpoint::Tariff)
    }

    pub(super) fn read(self, walk: &mut Walk<'_>, readings: &mut Readings) {
        if self == Self::Absent {
            return;
        }
        let Some(report) = walk.need(&walk.answers.tariff) else { return };
        let tariff = report.as_object().object("tariff");
        let Some(tariff) = walk.whole(Endpoint::Tariff, "tariff", tariff) else { return };
        readings.tariff = walk.whole(Endpoint::Tariff, "tariff", tariff.try_into());
        let settings = storage_settings(tariff, walk);
        if let Some(tariff) = &mut readings.tariff {
            tariff.storage_settings = settings;
        }
    }

    pub(super) fn features(self) -> Option<Feature> {
        (self == Self::Present).then_some(Feature::Tariff)
    }
}

/// Without batteries there are none, or nothing in them.
fn storage_settings(tariff: Object<'_>, walk: &mut Walk<'_>) -> Option<StorageSettings> {
    let settings = tariff.object("storage_settings").ok()?;
    walk.whole(Endpoint::Tariff, "storage settings", settings.try_into())
}

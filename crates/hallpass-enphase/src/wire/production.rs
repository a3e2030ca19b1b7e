//! `/production.json?details=1`; `/production`, which is the same without `lines`; and
//! `/api/v1/production`.

use serde::Deserialize;

use super::{Document, List, Maybe, Number, ProductionPage, Text};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ProductionReport {
    pub(crate) production: List<Maybe<Entry>>,
    pub(crate) consumption: List<Maybe<Entry>>,
    pub(crate) storage: List<Maybe<Storage>>,
    /// In place of all else, on firmware 3.
    #[serde(skip)]
    pub(crate) page: Option<ProductionPage>,
}

/// The AC batteries together.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Storage {
    pub(crate) active_count: Number,
    pub(crate) w_now: Number,
    pub(crate) wh_now: Number,
    pub(crate) percent_full: Number,
    pub(crate) state: Text,
}

/// One source of numbers: the inverters together, a CT meter, or one of its phases.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Entry {
    /// `eim` for a CT meter, `inverters` for all of them together.
    #[serde(rename = "type")]
    pub(crate) kind: Text,
    pub(crate) active_count: Number,
    /// Missing on some firmware where `activeCount` is 0.
    pub(crate) measurement_type: Text,
    pub(crate) w_now: Number,
    pub(crate) wh_today: Number,
    pub(crate) wh_last_seven_days: Number,
    pub(crate) wh_lifetime: Number,
    pub(crate) lines: List<Maybe<Self>>,
}

impl ProductionReport {
    /// The CT meter of the production.
    pub(crate) fn eim(&self) -> Option<&Entry> {
        self.production.objects().find(|entry| entry.kind.is("eim"))
    }

    pub(crate) fn inverters(&self) -> Option<&Entry> {
        self.production.objects().find(|entry| entry.kind.is("inverters"))
    }

    /// The most phases with any number but 0 that an entry has.
    pub(crate) fn active_phases(&self) -> usize {
        let entries = self.production.objects().chain(self.consumption.objects());
        let phases =
            entries.map(|entry| entry.lines.objects().filter(|line| line.counts()).count());
        phases.max().unwrap_or_default()
    }

    /// The AC batteries in use. IQ batteries have an entry here too, without a charge.
    pub(crate) fn ac_batteries(&self) -> Option<&Storage> {
        let storage = self.storage.objects().next()?;
        let is_there =
            storage.active_count.is_something() && storage.percent_full.value().is_some();
        is_there.then_some(storage)
    }

    /// The total consumption: the first entry, or the one that says so.
    pub(crate) fn total(&self) -> Option<&Entry> {
        self.consumption_entry("total-consumption", 0)
    }

    /// The net consumption: the second entry, or the one that says so.
    pub(crate) fn net(&self) -> Option<&Entry> {
        self.consumption_entry("net-consumption", 1)
    }

    fn consumption_entry(&self, kind: &str, position: usize) -> Option<&Entry> {
        let unnamed = || {
            self.consumption
                .objects()
                .nth(position)
                .filter(|entry| entry.measurement_type.is_missing())
        };
        self.consumption.objects().find(|entry| entry.measurement_type.is(kind)).or_else(unnamed)
    }
}

impl Entry {
    pub(crate) fn is_active(&self) -> bool {
        self.active_count.is_something()
    }

    fn counts(&self) -> bool {
        let numbers = [self.w_now, self.wh_today, self.wh_last_seven_days, self.wh_lifetime];
        numbers.into_iter().any(Number::is_something)
    }
}

impl Document for ProductionReport {
    fn says_nothing(&self) -> bool {
        let mut entries = self.production.objects().chain(self.consumption.objects());
        entries.all(|entry| entry.kind.is_missing())
    }

    fn from_page(page: &[u8]) -> Option<Self> {
        Some(Self { page: Some(ProductionPage::find(page)?), ..Self::default() })
    }
}

/// `/api/v1/production`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ProductionV1 {
    pub(crate) watts_now: Number,
    pub(crate) watt_hours_today: Number,
    pub(crate) watt_hours_seven_days: Number,
    pub(crate) watt_hours_lifetime: Number,
}

impl ProductionV1 {
    fn counters(&self) -> [Number; 3] {
        [self.watt_hours_today, self.watt_hours_seven_days, self.watt_hours_lifetime]
    }

    /// Whether any energy was ever counted.
    pub(crate) fn has_counted(&self) -> bool {
        self.counters().into_iter().any(Number::is_something)
    }
}

impl Document for ProductionV1 {
    fn says_nothing(&self) -> bool {
        self.watts_now.value().is_none()
            && self.counters().iter().all(|counter| counter.value().is_none())
    }
}

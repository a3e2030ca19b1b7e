use serde::{Deserialize, Serialize};

/// A family of readings: what is read together, from endpoints of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Family {
    /// CT meters.
    Meters,
    /// Production and consumption.
    Production,
    /// Microinverters.
    Inverters,
    /// AC batteries.
    AcBatteries,
    /// IQ batteries, controllers and relays.
    Ensemble,
    /// The tariff, and the settings of the storage.
    Tariff,
    /// The standby generator.
    Generator,
}

impl Family {
    /// The family of a field of [`Readings`](super::Readings), by the name under which it is
    /// serialised, with or without a path behind it.
    #[must_use]
    pub fn of_field(field: &str) -> Option<Self> {
        const BEGINNINGS: [(&str, Family); 12] = [
            ("ctmeter", Family::Meters),
            ("system_", Family::Production),
            ("inverters", Family::Inverters),
            ("acb_", Family::AcBatteries),
            ("encharge_", Family::Ensemble),
            ("battery_aggregate", Family::Ensemble),
            ("enpower", Family::Ensemble),
            ("dry_contact_", Family::Ensemble),
            ("collar", Family::Ensemble),
            ("c6cc", Family::Ensemble),
            ("tariff", Family::Tariff),
            ("generator", Family::Generator),
        ];
        let found = BEGINNINGS.iter().find(|(beginning, _)| field.starts_with(beginning));
        found.map(|(_, family)| *family)
    }

    /// The families of which must be known what the gateway has, to make sense of this one.
    pub(crate) fn leans_on(self) -> &'static [Self] {
        match self {
            Self::Production => &[Self::Meters],
            Self::Ensemble => &[Self::AcBatteries],
            Self::Generator => &[Self::Ensemble],
            Self::Meters | Self::Inverters | Self::AcBatteries | Self::Tariff => &[],
        }
    }
}

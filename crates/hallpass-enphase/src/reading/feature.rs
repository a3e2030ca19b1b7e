use std::fmt;

use serde::Serialize;

/// Something a gateway can report, found out when it was probed. Ordered by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Feature {
    /// AC batteries.
    Acb,
    /// An IQ combiner of the sixth generation.
    C6cc,
    /// An IQ meter collar.
    Collar,
    /// An enabled CT meter.
    #[serde(rename = "CTMETERS")]
    CtMeters,
    /// Inverters with voltages, currents and temperatures.
    DetailedInverters,
    /// CT meters on two phases.
    #[serde(rename = "DUALPHASE")]
    DualPhase,
    /// IQ batteries.
    Encharge,
    /// A system controller.
    Enpower,
    /// A standby generator.
    Generator,
    /// A schedule for the standby generator.
    GeneratorSchedule,
    /// Inverters, each for itself.
    Inverters,
    /// The production is measured by a CT meter.
    Metering,
    /// What comes from the grid.
    NetConsumption,
    /// What the system produces.
    Production,
    /// A tariff.
    Tariff,
    /// CT meters on three phases.
    #[serde(rename = "THREEPHASE")]
    ThreePhase,
    /// What the house uses.
    TotalConsumption,
}

/// By its name in documents.
impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

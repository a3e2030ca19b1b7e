//! Units: a number with one has a type.

use std::fmt;
use std::ops::Add;

use serde::{Deserialize, Serialize};

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident, $number:ty, $symbol:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        #[expect(clippy::exhaustive_structs, reason = "a number with a unit is complete")]
        pub struct $name(pub $number);

        impl From<$number> for $name {
            fn from(value: $number) -> Self {
                Self(value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{} ", $symbol), self.0)
            }
        }
    };
}

unit!(
    /// Power. Production is positive, the grid positive while importing, a battery while discharging.
    Watts, i64, "W"
);
unit!(
    /// Energy.
    WattHours, i64, "Wh"
);
unit!(
    /// Voltage.
    Volts, f64, "V"
);
unit!(
    /// Current.
    Amperes, f64, "A"
);
unit!(
    /// Frequency.
    Hertz, f64, "Hz"
);
unit!(
    /// Temperature.
    Celsius, f64, "°C"
);
unit!(
    /// Temperature, as the system controller gives it.
    Fahrenheit, f64, "°F"
);
unit!(
    /// Real power of a battery, positive while it discharges.
    Milliwatts, i64, "mW"
);
unit!(
    /// Apparent power of a battery.
    MilliVoltAmperes, i64, "mVA"
);
unit!(
    /// A part of a whole, such as the charge of a battery.
    Percent, f64, "%"
);
unit!(
    /// A length of time, or a time of day counted from midnight.
    Minutes, i64, "min"
);
unit!(
    /// A length of time, by the clock of the gateway.
    Seconds, i64, "s"
);
unit!(
    /// Seconds since 1970 by the clock of the gateway, which may be wrong.
    UnixTime, i64, "s"
);

impl UnixTime {
    /// The same as a time stamp; none where it is out of range.
    #[must_use]
    pub fn timestamp(self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::from_second(self.0).ok()
    }
}

impl Add for Watts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Add for WattHours {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// How readings name the unit of a temperature.
pub(super) const CELSIUS: &str = "C";
/// How readings name the unit of a temperature.
pub(super) const FAHRENHEIT: &str = "F";

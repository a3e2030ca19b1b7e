//! Whether the sun is up at a place, and if not, when it rises.

use std::str::FromStr;

use jiff::Timestamp;
use solar_positioning::{Horizon, Location, SolarEvents};

/// Where the sun is looked at from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place(Location);

/// Whether the sun is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Light {
    Up,
    /// Not before `until`, which in a polar night is weeks away.
    Down {
        until: Timestamp,
    },
}

impl FromStr for Place {
    type Err = String;

    /// Reads `LAT,LON`: degrees, north and east positive.
    fn from_str(text: &str) -> Result<Self, String> {
        let degrees = |text: &str, most: f64| {
            let degrees = text.trim().parse::<f64>().ok();
            degrees.filter(|degrees| degrees.abs() <= most)
        };
        let both = text.split_once(',').and_then(|(latitude, longitude)| {
            let (latitude, longitude) = (degrees(latitude, 90.0)?, degrees(longitude, 180.0)?);
            Some(Self(Location { latitude, longitude }))
        });
        both.ok_or_else(|| {
            format!("`{text}` is no place: write latitude and longitude, as in 52.52,13.40")
        })
    }
}

impl Place {
    /// How it is at `now`. Sunrise and sunset are those of almanacs: the upper rim of the sun at a
    /// horizon of the sea.
    pub(crate) fn light(self, now: Timestamp) -> Light {
        let (sun, start) = (SolarEvents::new(), julian(now));
        let (end, horizon) = (start + YEAR, Horizon::SunriseSunset);
        let rise = sun.next_rise_from_julian(start, end, self.0, DELTA_T, horizon);
        let set = sun.next_set_from_julian(start, end, self.0, DELTA_T, horizon);
        match (rise.ok().flatten(), set.ok().flatten()) {
            (Some(rise), set) if set.is_none_or(|set| rise < set) => {
                Light::Down { until: timestamp(rise) }
            }
            // Also where the clock shows a year for which nobody knows the sun.
            _ => Light::Up,
        }
    }
}

fn julian(moment: Timestamp) -> f64 {
    moment.as_millisecond() as f64 / MILLISECONDS_A_DAY + EPOCH
}

/// The next full second: then the sun has risen.
fn timestamp(julian: f64) -> Timestamp {
    let seconds = ((julian - EPOCH) * MILLISECONDS_A_DAY / 1e3).ceil();
    Timestamp::from_second(seconds as i64).unwrap_or(Timestamp::MAX)
}

/// 1970-01-01T00:00Z as a Julian date, in days.
const EPOCH: f64 = 2_440_587.5;
const MILLISECONDS_A_DAY: f64 = 86_400e3;

/// In days. The sun rises and sets once in any such time, at the poles too.
const YEAR: f64 = 370.0;

/// By how many seconds the earth lags behind uniform time. It has changed by four in twenty years;
/// sunrise changes by less than a second with a minute of it.
const DELTA_T: f64 = 69.2;

#[cfg(test)]
mod tests;

//! Where a plant stands, and how much light it gets there.

use std::f64::consts::TAU;

use jiff::Timestamp;

use super::noise;

/// A place on earth with its time of day. The offset is fixed: a simulated gateway knows no summer time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Degrees, north is positive.
    pub latitude: f64,
    /// Degrees, east is positive.
    pub longitude: f64,
    /// Hours that local time is ahead of UTC.
    pub utc_offset_hours: i8,
}

impl Default for Place {
    /// Utrecht: sun in all seasons, cloud in all seasons.
    fn default() -> Self {
        Self { latitude: 52.1, longitude: 5.1, utc_offset_hours: 1 }
    }
}

const DAY: i64 = 86_400;

impl Place {
    pub(crate) fn local_second(&self, second: i64) -> i64 {
        second + i64::from(self.utc_offset_hours) * 3_600
    }

    /// Seconds since local midnight.
    pub(crate) fn second_of_day(&self, second: i64) -> i64 {
        self.local_second(second).rem_euclid(DAY)
    }

    pub(crate) fn is_midnight(&self, second: i64) -> bool {
        self.second_of_day(second) == 0
    }

    /// The local midnight at or before `at`.
    pub(crate) fn midnight(&self, at: Timestamp) -> Timestamp {
        let second = at.as_second();
        Timestamp::from_second(second - self.second_of_day(second)).unwrap_or(at)
    }

    /// The name of the fixed offset in the zone database, whose signs are the other way round.
    pub(crate) fn zone_name(&self) -> String {
        match self.utc_offset_hours {
            0 => "Etc/UTC".to_owned(),
            hours => format!("Etc/GMT{:+}", -hours),
        }
    }

    /// Sine of the sun's height above the horizon; negative by night.
    fn sun_height(&self, second: i64) -> f64 {
        let day_of_year = (second as f64 / DAY as f64) % 365.2425;
        let declination = -0.409 * (TAU * (day_of_year + 10.0) / 365.2425).cos();
        let solar_hour = second.rem_euclid(DAY) as f64 / 3_600.0 + self.longitude / 15.0;
        let hour_angle = TAU * (solar_hour - 12.0) / 24.0;
        let latitude = self.latitude.to_radians();
        latitude.sin() * declination.sin() + latitude.cos() * declination.cos() * hour_angle.cos()
    }
}

/// What the roof gets of the most it could get, 0..1: a clear sky with clouds passing.
pub(crate) fn light(place: &Place, seed: u64, second: i64) -> f64 {
    let height = place.sun_height(second);
    if height <= 0.01 {
        return 0.0;
    }
    let clear = height.powf(1.15);
    let weather = noise::smooth(seed, 1, second, DAY / 4);
    let cloud = noise::smooth(seed, 2, second, 1_200) * noise::smooth(seed, 3, second, 240);
    clear * (1.0 - (0.25 + 0.6 * weather) * cloud)
}

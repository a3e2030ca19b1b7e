//! What a house draws: a base, meals and evenings, a fridge that cycles, now and then an oven, some nights a car.

use super::{Place, noise};

/// The load on one phase, W.
pub(crate) fn load(seed: u64, place: &Place, phase: usize, second: i64) -> f64 {
    let channel = 10 + 10 * phase as u64;
    let hour = place.second_of_day(second) as f64 / 3_600.0;
    let base = 70.0 + 60.0 * noise::smooth(seed, channel, second, 900);
    base + habits(hour) + fridge(seed, channel, second, phase) + oven(seed, channel, second, hour)
}

/// How much of its power a car's charger gives, 0 or 1: two to five hours from 23:00 on, some nights.
pub(crate) fn charging(seed: u64, place: &Place, second: i64) -> f64 {
    const EVENING: i64 = 23 * 3_600;
    let since = (place.second_of_day(second) - EVENING).rem_euclid(86_400);
    let night = (place.local_second(second) - EVENING).div_euclid(86_400);
    let hours = 2.0 + 3.0 * noise::unit(seed, 51, night);
    let comes = noise::unit(seed, 50, night) < 0.6;
    if comes && (since as f64) < hours * 3_600.0 { 1.0 } else { 0.0 }
}

fn habits(hour: f64) -> f64 {
    let bump = |at: f64, width: f64| (-((hour - at) / width).powi(2)).exp();
    120.0 * bump(7.5, 1.2) + 70.0 * bump(12.5, 1.5) + 210.0 * bump(19.5, 2.2)
}

fn fridge(seed: u64, channel: u64, second: i64, phase: usize) -> f64 {
    let on = phase == 0 && noise::unit(seed, channel + 1, second.div_euclid(1_500)) > 0.55;
    if on { 95.0 } else { 0.0 }
}

fn oven(seed: u64, channel: u64, second: i64, hour: f64) -> f64 {
    let chance = if (6.0..22.0).contains(&hour) { 0.10 } else { 0.01 };
    let slot = second.div_euclid(1_200);
    if noise::unit(seed, channel + 2, slot) < chance {
        1_200.0 + 900.0 * noise::unit(seed, channel + 3, slot)
    } else {
        0.0
    }
}

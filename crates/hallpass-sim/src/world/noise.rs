//! Chance that can be asked again: the same seed, channel and place give the same value.

/// Evenly spread in 0..1.
pub(crate) fn unit(seed: u64, channel: u64, place: i64) -> f64 {
    let mixed = mix(mix(seed ^ channel.wrapping_mul(0x9e37_79b9_7f4a_7c15)) ^ place as u64);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

/// The same, but drifting smoothly with a new value every `period` seconds.
pub(crate) fn smooth(seed: u64, channel: u64, second: i64, period: i64) -> f64 {
    let slot = second.div_euclid(period);
    let along = second.rem_euclid(period) as f64 / period as f64;
    let eased = along * along * (3.0 - 2.0 * along);
    let (from, to) = (unit(seed, channel, slot), unit(seed, channel, slot + 1));
    from + (to - from) * eased
}

/// The finaliser of splitmix64.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

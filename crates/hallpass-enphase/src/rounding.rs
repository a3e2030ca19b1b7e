//! Rounding as the readings want it: to the even neighbour, on the binary number.

/// Beyond this a float no longer tells one integer from the next, and no gateway measures that much.
const LIMIT: f64 = 9_007_199_254_740_992.0;

/// The nearest integer, the even one of two; none for what is no number or out of any range.
pub(crate) fn half_even(value: f64) -> Option<i64> {
    let rounded = value.round_ties_even();
    #[expect(clippy::as_conversions, reason = "an integer within LIMIT, checked just before")]
    (rounded.abs() < LIMIT).then_some(rounded as i64)
}

/// The nearest number with three decimals; none for what is no number.
///
/// By way of text, since multiplying by 1000 first would round twice.
pub(crate) fn three_decimals(value: f64) -> Option<f64> {
    format!("{value:.3}").parse().ok().filter(|rounded: &f64| rounded.is_finite())
}

#[cfg(test)]
mod tests;

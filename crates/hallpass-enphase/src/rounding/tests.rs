use super::*;

#[test]
fn half_way_goes_to_the_even_neighbour() {
    let table = [
        (0.5, 0),
        (1.5, 2),
        (2.5, 2),
        (-0.5, 0),
        (-1.5, -2),
        (12.5, 12),
        (0.499_999_999_999_999_94, 0),
        (-0.0, 0),
        (3.7, 4),
        (9_007_199_254_740_991.0, 9_007_199_254_740_991),
    ];
    for (value, expected) in table {
        assert_eq!(half_even(value), Some(expected), "{value}");
    }
}

#[test]
fn what_no_integer_can_hold_is_not_rounded() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300] {
        assert_eq!(half_even(value), None, "{value}");
    }
}

#[test]
fn three_decimals_are_those_of_the_binary_number() {
    let table = [(70.875_045, 70.875), (0.0625, 0.062), (2.0005, 2.001), (1.0005, 1.0)];
    for (value, expected) in table {
        assert_eq!(three_decimals(value), Some(expected), "{value}");
    }
}

use jiff::SignedDuration;

use super::*;

fn at(place: &str, moment: &str) -> Light {
    let place: Place = place.parse().unwrap();
    place.light(moment.parse().unwrap())
}

/// The sun rises and sets at these times, which are those of NOAA's algorithm, as the library
/// astral 3.2 has it.
#[track_caller]
fn check(place: &str, sunrise: &str, sunset: &str) {
    let close = SignedDuration::from_mins(3);
    let place: Place = place.parse().unwrap();
    let (rise, set): (Timestamp, Timestamp) = (sunrise.parse().unwrap(), sunset.parse().unwrap());
    let Light::Down { until } = place.light(rise - close) else {
        panic!("the sun is up before {sunrise}")
    };
    assert!(until.duration_since(rise).abs() < close, "rises at {until}, not {sunrise}");
    assert_eq!(place.light(until), Light::Up);
    assert_eq!(place.light(set - close), Light::Up, "down before {sunset}");
    assert_ne!(place.light(set + close), Light::Up, "up after {sunset}");
}

#[test]
fn the_sun_rises_and_sets_when_almanacs_say_so() {
    let berlin = "52.52,13.405";
    check(berlin, "2024-06-20T02:43:22Z", "2024-06-20T19:32:48Z");
    check(berlin, "2024-12-21T07:15:32Z", "2024-12-21T14:53:49Z");
    check(berlin, "2024-02-29T05:54:31Z", "2024-02-29T16:43:59Z");
    check(berlin, "2026-03-20T05:09:31Z", "2026-03-20T17:19:09Z");
    check("40.7128,-74.006", "2024-12-21T12:17:06Z", "2024-12-21T21:31:47Z");
    check("64.15,-21.94", "2024-12-21T11:23:30Z", "2024-12-21T15:28:42Z");
    check("-0.18,-78.47", "2026-03-20T11:18:09Z", "2026-03-20T23:24:19Z");
    check("-54.8,-68.3", "2024-06-20T12:59:07Z", "2024-06-20T20:10:46Z");
}

#[test]
fn a_day_may_begin_on_another_date_of_greenwich() {
    let sydney = "-33.9,151.2";
    check(sydney, "2024-06-19T21:00:11Z", "2024-06-20T06:53:26Z");
    check("40.7128,-74.006", "2024-06-20T09:25:10Z", "2024-06-21T00:30:22Z");
    let suva = "-18.14,178.44";
    check(suva, "2025-12-31T17:33:45Z", "2026-01-01T06:45:19Z");
}

#[test]
fn years_end_at_night_and_by_day() {
    check("52.52,13.405", "2025-12-31T07:17:39Z", "2025-12-31T15:01:26Z");
    check("52.52,13.405", "2026-01-01T07:17:33Z", "2026-01-01T15:02:30Z");
    check("-33.9,151.2", "2025-12-31T18:47:41Z", "2026-01-01T09:09:16Z");
}

#[test]
fn both_sides_of_the_date_line_are_one_place() {
    for moment in ["2026-06-21T00:00:00Z", "2026-12-31T12:00:00Z", "2026-12-31T23:59:59Z"] {
        assert_eq!(at("-16.5,180", moment), at("-16.5,-180", moment), "{moment}");
    }
}

#[test]
fn a_polar_day_does_not_end() {
    let (tromso, mcmurdo) = ("69.65,18.96", "-77.85,166.67");
    for hour in 0..24 {
        assert_eq!(at(tromso, &format!("2024-06-20T{hour:02}:00:00Z")), Light::Up);
        assert_eq!(at(mcmurdo, &format!("2024-12-21T{hour:02}:00:00Z")), Light::Up);
    }
    assert_eq!(at("90,0", "2026-06-21T00:00:00Z"), Light::Up);
    assert_eq!(at("-90,0", "2026-12-21T00:00:00Z"), Light::Up);
}

/// The night at `moment` ends on that day.
#[track_caller]
fn check_night(place: &str, moment: &str, ends: &str) {
    let Light::Down { until } = at(place, moment) else { panic!("the sun is up at {place}") };
    assert!(until.to_string().starts_with(ends), "ends at {until}, not on {ends}");
}

#[test]
fn a_polar_night_ends_weeks_later() {
    // Known from almanacs: Tromsø sees the sun again in mid-January, Longyearbyen in mid-February.
    check_night("69.65,18.96", "2025-12-01T12:00:00Z", "2026-01-15");
    check_night("69.65,18.96", "2026-01-14T12:00:00Z", "2026-01-15");
    check_night("78.22,15.63", "2024-12-21T00:00:00Z", "2025-02-1");
    // At a pole it is half a year; the rim of the sun shows two days before the equinox.
    check_night("90,0", "2025-10-01T00:00:00Z", "2026-03-18");
    check_night("-90,77", "2026-04-01T00:00:00Z", "2026-09-2");
}

#[test]
fn a_year_without_a_known_sun_counts_as_day() {
    assert_eq!(at("52.52,13.405", "9000-01-01T00:00:00Z"), Light::Up);
}

#[test]
fn a_place_is_two_numbers_within_the_globe() {
    let check =
        |text: &str, expect: bool| assert_eq!(text.parse::<Place>().is_ok(), expect, "{text}");
    check("52.52,13.405", true);
    check("-33.9,151.2", true);
    check("-90,-180", true);
    check("90, 180", true);
    check("+1.5,-0", true);
    for nonsense in [
        "",
        ",",
        "52.52",
        "52.52;13.4",
        "52,52,13,4",
        "90.1,0",
        "0,180.5",
        "-91,0",
        "nan,0",
        "0,inf",
        "52.52N,13.4E",
        "52.52,",
    ] {
        check(nonsense, false);
    }
}

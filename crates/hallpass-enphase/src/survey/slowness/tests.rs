use super::*;

fn minutes(minutes: u64) -> Timestamp {
    later(Timestamp::UNIX_EPOCH, Duration::from_secs(60 * minutes))
}

/// Takes in what was asked in the minutes and took so many seconds; until when it is spared.
fn check(took: &[(u64, u64)], expect: Option<u64>) {
    let mut slowness = Slowness::default();
    let endpoint = Endpoint::ProductionDetails;
    for (minute, seconds) in took {
        let now = minutes(*minute);
        assert!(!slowness.spares(endpoint, now), "{took:?}: asked though it is spared");
        slowness.took(endpoint, Duration::from_secs(*seconds), now);
    }
    let (last, _) = took[took.len() - 1];
    let spared =
        (last..last + 100).take_while(|minute| slowness.spares(endpoint, minutes(*minute)));
    assert_eq!(spared.last().map(|minute| minute + 1), expect, "{took:?}");
}

#[test]
fn what_is_slow_twice_is_asked_seldom_until_it_is_quick() {
    check(&[(0, 5)], None);
    check(&[(0, 44)], None);
    check(&[(0, 44), (1, 5), (2, 44)], None);
    check(&[(0, 44), (1, 20)], Some(6));
    check(&[(0, 44), (1, 45), (6, 45)], Some(16));
    check(&[(0, 44), (1, 45), (6, 45), (16, 45)], Some(36));
    check(&[(0, 44), (1, 45), (6, 45), (16, 45), (36, 45)], Some(76));
    check(&[(0, 44), (1, 45), (6, 45), (16, 45), (36, 45), (76, 45)], Some(116));
    check(&[(0, 44), (1, 45), (6, 19)], None);
}

#[test]
fn a_clock_that_is_set_back_spares_nothing() {
    let mut slowness = Slowness::default();
    for minute in [60, 61] {
        slowness.took(Endpoint::Meters, Duration::from_secs(44), minutes(minute));
    }
    assert!(slowness.spares(Endpoint::Meters, minutes(61)));
    assert!(!slowness.spares(Endpoint::Meters, minutes(1)));
    assert!(!slowness.spares(Endpoint::Tariff, minutes(61)));
}

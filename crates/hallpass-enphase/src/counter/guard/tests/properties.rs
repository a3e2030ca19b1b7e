//! What holds for any series.

use super::*;

/// Second and Wh.
type Reading = (i64, i64);

fn series(gap: impl Strategy<Value = i64>) -> impl Strategy<Value = Vec<Reading>> {
    // Often near one another, so that readings go on from one another.
    let raw = prop_oneof![
        3 => 0_i64..5_000,
        3 => 1_000_000_i64..1_010_000,
        1 => Just(0),
        1 => 0_i64..20_000_000,
        1 => any::<i64>(),
    ];
    prop::collection::vec((gap, raw), 1..60).prop_map(one_after_the_other)
}

/// Of gaps in seconds, seconds.
fn one_after_the_other(later: Vec<(i64, i64)>) -> Vec<Reading> {
    let mut now = 0;
    let mut at = |gap| {
        now += gap;
        now
    };
    later.into_iter().map(|(gap, raw)| (at(gap), raw)).collect()
}

fn play(guard: &mut Guard, series: &[Reading]) -> Vec<Counted> {
    let mut show = |&(second, raw): &Reading| {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
        guard.observe(at, WattHours(raw), limit())
    };
    series.iter().map(&mut show).collect()
}

/// Wh that were published from the first to the last of a series.
fn total(series: &[Reading]) -> i64 {
    let counted = play(&mut Guard::default(), series);
    let published = |counted: Option<&Counted>| counted.map_or(0, |counted| counted.published.0);
    published(counted.last()) - published(counted.first())
}

/// Wh that a plant at its limit makes.
fn most_in(seconds: i64) -> i64 {
    10_000 * seconds / 3_600
}

proptest! {
    #[test]
    fn published_never_falls(series in series(-900_i64..4_000)) {
        let counted = play(&mut Guard::default(), &series);
        prop_assert!(counted.is_sorted_by(|one, next| one.published.0 <= next.published.0));
    }

    #[test]
    fn published_never_rises_faster_than_a_plant_makes_it(series in series(1_i64..4_000)) {
        let published = play(&mut Guard::default(), &series).into_iter().map(|counted| counted.published.0);
        let mut moves: Vec<_> = series.iter().map(|&(second, _)| second).zip(published).collect();
        moves.dedup_by_key(|&mut (_, published)| published);
        for (index, (begun, first)) in moves.iter().enumerate() {
            for (ended, last) in &moves[index + 1..] {
                let most = most_in(ended - begun + 15 * 60) + 1;
                prop_assert!(last - first <= most, "{} Wh from {begun} s to {ended} s", last - first);
            }
        }
    }

    #[test]
    fn a_reading_shown_twice_counts_once(series in series(-900_i64..4_000)) {
        let twice: Vec<_> = series.iter().flat_map(|&reading| [reading, reading]).collect();
        let (mut once_shown, mut twice_shown) = (Guard::default(), Guard::default());
        let once = play(&mut once_shown, &series);
        let twice = play(&mut twice_shown, &twice);
        prop_assert_eq!(once_shown, twice_shown);
        for (once, twice) in once.iter().zip(twice.chunks(2)) {
            prop_assert_eq!(once, &twice[0]);
            prop_assert_eq!(twice[1], Counted { quality: Quality::Repeated, ..twice[0] });
        }
    }

    #[test]
    fn a_restart_changes_nothing(series in series(-900_i64..4_000), cut in 0_usize..60) {
        let (before, after) = series.split_at(cut.min(series.len()));
        let mut guard = Guard::default();
        play(&mut guard, before);
        let stored = serde_json::to_string(&guard).unwrap();
        let mut restarted: Guard = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(play(&mut restarted, after), play(&mut guard, after));
        prop_assert_eq!(restarted, guard);
    }

    /// Inverters of at most 400 W that count joules in 32 bits.
    #[test]
    fn no_wrap_is_lost_or_invented(
        begun in prop::collection::vec(0_i64..1 << 33, 1..6),
        steps in prop::collection::vec((30_i64..900, 0_i64..=400), 1..200),
    ) {
        let read = |joules: &[i64]| joules.iter().map(|joules| joules & 0xFFFF_FFFF).sum::<i64>() / 3_600;
        let wraps = |joules: &[i64]| joules.iter().map(|joules| joules >> 32).sum::<i64>();
        let made = |joules: &[i64]| joules.iter().sum::<i64>() / 3_600;
        let mut joules = begun.clone();
        let mut later = Vec::from([(0, read(&joules))]);
        for (seconds, watts) in steps {
            joules.iter_mut().for_each(|joules| *joules += seconds * watts);
            later.push((seconds, read(&joules)));
        }
        let published = total(&one_after_the_other(later));
        let made = made(&joules) - made(&begun);
        let rounding = 2 + wraps(&joules) - wraps(&begun);
        prop_assert!((published - made).abs() <= rounding, "published {published}, made {made}");
    }

    /// Resets by more than is made up for before they are confirmed, and by what no wrap explains,
    /// while the plant makes 100 to 9,000 W.
    #[test]
    fn a_reset_costs_what_was_made_while_nobody_looked(
        resets in prop::collection::vec((0_i64..20, 5_000_i64..1_000_000, powers()), 1..4),
    ) {
        let mut raw = 100_000_000;
        let mut seen = 0;
        let mut later = Vec::from([(0, raw)]);
        for (wraps, fall, powers) in resets {
            raw -= wraps * 1_193_046 + fall;
            later.push((600, raw));
            for (seconds, watts) in powers {
                seen += seconds * watts / 3_600;
                raw += seconds * watts / 3_600;
                later.push((seconds, raw));
            }
        }
        prop_assert_eq!(total(&one_after_the_other(later)), seen);
    }

    #[test]
    fn three_agreeing_readings_confirm_a_reset_and_two_never_do(
        to in 0_i64..500_000,
        [(first, one), (second, two)] in [(300_i64..600, 1_i64..800), (300_i64..600, 1_i64..800)],
    ) {
        let raw = [7_000_000, to, to + one, to + one + two];
        let at = [0, 300, 300 + first, 300 + first + second];
        let series: Vec<_> = at.into_iter().zip(raw).collect();
        let counted = play(&mut Guard::default(), &series);
        let seen: Vec<_> = counted.iter().map(|counted| (counted.quality, counted.published.0)).collect();
        prop_assert_eq!(&seen[1..], [
            (Quality::Held, 7_000_000),
            (Quality::Held, 7_000_000),
            (Quality::Reset, 7_000_000 + one + two),
        ]);
    }
}

/// Seconds, and the watts that were made in them: time enough to confirm a reset.
fn powers() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((300_i64..900, 100_i64..9_000), 3..12)
}

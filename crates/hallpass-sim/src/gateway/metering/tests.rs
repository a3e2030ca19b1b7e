use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{
    span::Span,
    world::{Bank, Place, Plant},
};

/// Noon on a day in summer.
const NOON: i64 = 1_718_449_200;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(NOON + minutes * 60).unwrap()
}

fn span(minutes: u64) -> Span {
    Span(Duration::from_secs(minutes * 60))
}

fn world() -> World {
    let plant = Plant {
        seed: 3,
        place: Place::default(),
        phases: 3,
        inverters: 12,
        batteries: Bank::iq(2),
        ac_batteries: Bank::ac(0),
        charger: 0.0,
    };
    World::new(plant, at(0))
}

fn on(fault: Fault) -> Vec<(Fault, Since)> {
    vec![(fault, Since { at: at(0), tokens: 0, number: 7 })]
}

/// What can be told apart of a moment.
fn facts(moment: &Moment) -> (Timestamp, Powers, [Energies; 4]) {
    let Moment { at, powers, energies, today, week, yesterday, .. } = moment;
    (*at, *powers, [*energies, *today, *week, *yesterday])
}

fn lifetime(moment: &Moment) -> f64 {
    sum(moment.energies.solar)
}

/// The true lifetime of the production begins at some MWh.
#[test]
fn lasting_faults_take_from_the_counter_and_it_goes_on_from_there() {
    let check = |fault: Fault, expect: &dyn Fn(f64) -> f64| {
        let (mut metering, mut truth) = (Metering::new(world()), world());
        let begin = lifetime(&truth.at(at(0)));
        let fault = on(fault);
        // Twice, since it must not be taken twice.
        for minute in [0, 1, 1] {
            let gained = lifetime(&truth.at(at(minute))) - begin;
            let shown = lifetime(&metering.at(at(minute), &fault));
            assert!((shown - expect(begin) - gained).abs() < 1e-3, "{fault:?}: {shown}");
        }
        let gained = lifetime(&truth.at(at(90))) - begin;
        let shown = lifetime(&metering.at(at(90), &[]));
        assert!(gained > 100.0 && (shown - expect(begin) - gained).abs() < 1e-3, "{fault:?}");
        let other = metering.at(at(90), &[]).energies;
        assert_eq!(other.imported, truth.at(at(90)).energies.imported);
    };
    let counter = Counter::Production;
    check(Fault::StepDown { by: 1_200_000, counter }, &|begin| begin - 1_200_000.0);
    check(Fault::ResetToNonzero { to: 1_234, counter }, &|_| 1_234.0);
    check(Fault::Rollover { at: 1_190_000, counter }, &|begin| begin % 1_190_000.0);
}

#[test]
fn a_counter_rolls_over_each_time_it_gets_there() {
    let mut metering = Metering::new(world());
    let fault = on(Fault::Rollover { at: 1_000, counter: Counter::Production });
    let shown: Vec<f64> =
        (0..240).map(|minute| lifetime(&metering.at(at(minute), &fault))).collect();
    let drops = shown.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert!(drops >= 2 && shown.iter().all(|shown| (0.0..1_000.0).contains(shown)), "{drops}");
}

#[test]
fn half_is_exactly_half() {
    let (mut metering, truth) = (Metering::new(world()), world().at(at(5)).energies);
    let energies = metering.at(at(5), &on(Fault::Half { counter: Counter::Storage })).energies;
    assert_eq!(energies.charged, truth.charged.map(|watt_hours| watt_hours / 2.0));
    assert_eq!(energies.discharged, truth.discharged.map(|watt_hours| watt_hours / 2.0));
    assert_eq!(energies.solar, truth.solar);
}

#[test]
fn a_huge_day_is_too_much_by_that_much() {
    let mut metering = Metering::new(world());
    let counter = Counter::Consumption;
    let today = metering.at(at(5), &on(Fault::HugeToday { by: 6_000_000, counter })).today;
    let truth = world().at(at(5)).today;
    assert!((sum(today.consumption) - sum(truth.consumption) - 6e6).abs() < 1e-3);
    assert_eq!(today.solar, truth.solar);
}

#[test]
fn zeros_last_as_long_as_they_are_said_to() {
    let mut metering = Metering::new(world());
    let fault = on(Fault::ZerosAfterBoot { down: span(1), length: span(3) });
    let during = metering.at(at(3), &fault);
    assert_eq!((during.powers, during.energies), (Powers::default(), Energies::default()));
    assert_eq!(facts(&metering.at(at(4), &fault)), facts(&world().at(at(4))));
}

#[test]
fn what_is_held_back_is_an_earlier_truth() {
    let check = |fault: Fault, shown: [i64; 6]| {
        let (mut metering, mut truth) = (Metering::new(world()), world());
        let fault = on(fault);
        let truths: Vec<_> = (0..6).map(|minute| facts(&truth.at(at(minute)))).collect();
        for (minute, expect) in (0..).zip(shown) {
            let moment = metering.at(at(minute), &fault);
            assert_eq!(facts(&moment), truths[expect as usize], "{fault:?} in minute {minute}");
        }
    };
    check(Fault::Frozen {}, [0; 6]);
    check(Fault::Duplicate { every: span(2) }, [0, 0, 2, 2, 4, 4]);
    check(Fault::OutOfOrder { by: span(1) }, [0, 0, 2, 1, 4, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever was told meanwhile: afterwards powers, days and gains are the true ones.
    #[test]
    fn the_world_is_none_the_worse(which in 0..9_usize, minutes in prop::collection::vec(0..90_i64, 1..8)) {
        let counter = Counter::Net;
        let fault = [
            Fault::Rollover { at: 50_000, counter },
            Fault::StepDown { by: 70_000, counter },
            Fault::ResetToNonzero { to: 10, counter },
            Fault::ZerosAfterBoot { down: span(1), length: span(60) },
            Fault::Half { counter },
            Fault::HugeToday { by: 9_000, counter },
            Fault::Frozen {},
            Fault::Duplicate { every: span(7) },
            Fault::OutOfOrder { by: span(3) },
        ][which].clone();
        let (mut metering, mut truth) = (Metering::new(world()), world());
        let mut now = 0;
        for step in &minutes {
            now += step;
            metering.at(at(now), &on(fault.clone()));
        }
        let (begin, true_begin) = (metering.at(at(now), &[]), truth.at(at(now)));
        prop_assert_eq!((begin.powers, begin.today), (true_begin.powers, true_begin.today));
        let (end, true_end) = (metering.at(at(now + 100), &[]), truth.at(at(now + 100)));
        let gained = end.energies - begin.energies;
        let truly = true_end.energies - true_begin.energies;
        for (gained, truly) in gained.imported.iter().chain(&gained.exported).zip(truly.imported.iter().chain(&truly.exported)) {
            prop_assert!((gained - truly).abs() < 1e-3, "{gained} {truly}");
        }
    }
}

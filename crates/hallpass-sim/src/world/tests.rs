use proptest::prelude::*;

use super::*;

fn plant(seed: u64, phases: usize, batteries: usize) -> Plant {
    let (batteries, ac_batteries) = (Bank::iq(batteries), Bank::ac(batteries));
    Plant {
        seed,
        place: Place::default(),
        phases,
        inverters: 12,
        batteries,
        ac_batteries,
        charger: 3_680.0,
    }
}

/// Noon on a day in summer.
const NOON: i64 = 1_718_449_200;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn trapezoid(world: &mut World, from: i64, to: i64, of: impl Fn(&Powers) -> f64) -> f64 {
    let mut sum = 0.0;
    let mut last = of(&world.at(at(from)).powers);
    for second in from + 1..=to {
        let next = of(&world.at(at(second)).powers);
        sum += (last + next) / 2.0 / 3_600.0;
        last = next;
    }
    sum
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn energy_is_the_integral_of_power(seed: u64, phases in 1..=3_usize, hours in 0..24_i64, seconds in 1..4_000_i64) {
        let from = NOON + hours * 3_600;
        let mut world = World::new(plant(seed, phases, 2), at(from));
        let begin = world.at(at(from)).energies;
        let solar = trapezoid(&mut world, from, from + seconds, |powers| sum(powers.solar));
        let end = world.at(at(from + seconds)).energies;
        prop_assert!((sum(end.solar) - sum(begin.solar) - solar).abs() < 1e-6 * (1.0 + solar));
    }

    #[test]
    fn what_goes_in_comes_out(seed: u64, phases in 1..=3_usize, hours in 1..60_i64) {
        let mut world = World::new(plant(seed, phases, 2), at(NOON));
        let begin = world.at(at(NOON)).energies;
        let gained = world.at(at(NOON + hours * 3_600)).energies - begin;
        let discharged = sum(gained.discharged) + sum(gained.ac_discharged);
        let charged = sum(gained.charged) + sum(gained.ac_charged);
        let sources = sum(gained.solar) + sum(gained.imported) + discharged;
        let sinks = sum(gained.load) + sum(gained.exported) + charged;
        prop_assert!((sources - sinks).abs() < 1e-6 * sources, "{sources} {sinks}");
        let shown = sum(gained.solar) + sum(gained.imported) - sum(gained.exported);
        prop_assert!((sum(gained.consumption) - shown).abs() < 1e-6 * sources);
        prop_assert!(gained.consumption.iter().all(|energy| *energy >= 0.0));
        prop_assert!(gained.solar.iter().chain(&gained.imported).chain(&gained.exported).all(|energy| *energy >= 0.0));
        prop_assert!(gained.load.iter().zip(&gained.car).all(|(load, car)| load > car || *load == 0.0 && *car == 0.0));
    }

    #[test]
    fn batteries_hold_what_was_put_in_and_keep_their_reserve(seed: u64, phases in 1..=3_usize, minutes in 1..100_i64) {
        let plant = plant(seed, phases, 2);
        let mut world = World::new(plant.clone(), at(NOON));
        let begin = world.at(at(NOON));
        // Days at an odd pace, so that most moments are between full minutes.
        for step in 1..16 {
            let moment = world.at(at(NOON + step * minutes * 61));
            let gained = moment.energies - begin.energies;
            let check = |bank: &Bank, held: [f64; 2], charged: [f64; 3], discharged: [f64; 3]| {
                let expected = bank.after(held[0], sum(charged), sum(discharged));
                prop_assert!((held[1] - expected).abs() < 1e-6 * bank.capacity(), "{held:?} {expected}");
                let within = bank.reserve() - 1e-6..=bank.capacity() + 1e-6;
                prop_assert!(within.contains(&held[1]), "{held:?} of {bank:?}");
                Ok(())
            };
            check(&plant.batteries, [begin.charges.iq, moment.charges.iq], gained.charged, gained.discharged)?;
            check(&plant.ac_batteries, [begin.charges.ac, moment.charges.ac], gained.ac_charged, gained.ac_discharged)?;
        }
    }

    #[test]
    fn advancing_at_once_or_in_steps_leads_to_the_same(seed: u64, steps in 1..40_i64) {
        let (mut once, mut often) = (World::new(plant(seed, 3, 1), at(NOON)), World::new(plant(seed, 3, 1), at(NOON)));
        for step in 0..steps {
            often.at(at(NOON + step * 1_234));
        }
        let end = at(NOON + steps * 1_234);
        prop_assert_eq!(once.at(end).energies, often.at(end).energies);
    }

    #[test]
    fn inverters_sum_to_the_production(seed: u64, hours in 0..24_i64) {
        let moment = World::new(plant(seed, 3, 0), at(NOON)).at(at(NOON + hours * 3_600));
        let reports: Vec<Report> = (0..12).map(|index| moment.report(index)).collect();
        let lifetime: f64 = reports.iter().map(|report| report.lifetime).sum();
        let behind = sum(moment.energies.solar) - lifetime;
        // All reports are at most five minutes behind, at full power.
        prop_assert!((0.0..=12.0 * Plant::INVERTER_WATTS / 12.0 + 1.0).contains(&(behind + 1e-6)), "{behind}");
        prop_assert!(reports.iter().all(|report| report.at <= moment.at));
    }
}

#[test]
fn the_sun_is_up_by_day_and_down_by_night() {
    let mut world = World::new(plant(1, 3, 0), at(NOON));
    assert!(sum(world.at(at(NOON)).powers.solar) > 500.0);
    assert_eq!(world.at(at(NOON + 12 * 3_600)).powers.solar, [0.0; 3]);
}

#[test]
fn batteries_fill_by_day_and_empty_by_night() {
    let mut world = World::new(plant(1, 3, 1), at(NOON));
    let evening = world.at(at(NOON + 6 * 3_600)).charges;
    let morning = world.at(at(NOON + 16 * 3_600)).charges;
    assert!(evening.iq > 4_500.0 && morning.iq < 1_500.0, "{evening:?} {morning:?}");
    assert!(evening.ac > morning.ac, "{evening:?} {morning:?}");
}

#[test]
fn a_day_ends_at_local_midnight() {
    let place = Place::default();
    let midnight = place.midnight(at(NOON)).as_second() + DAY;
    let mut world = World::new(plant(1, 3, 0), at(NOON));
    let before = world.at(at(midnight - 1)).today;
    let after = world.at(at(midnight + 1));
    assert!(sum(before.solar) > 5_000.0 && sum(after.today.solar) < 1.0);
    assert!((sum(after.yesterday.solar) - sum(before.solar)).abs() < 1.0);
    assert!(sum(after.week.solar) > sum(after.yesterday.solar));
}

#[test]
fn zones_are_named_with_the_sign_turned() {
    let check = |hours, expect: &str| {
        assert_eq!(Place { utc_offset_hours: hours, ..Place::default() }.zone_name(), expect)
    };
    check(1, "Etc/GMT-1");
    check(-5, "Etc/GMT+5");
    check(0, "Etc/UTC");
}

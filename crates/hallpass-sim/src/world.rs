//! What the meters measure: a sun above a roof, a house below it, perhaps batteries between them.
//!
//! Power is known at each full minute and runs straight in between, so that energy is its exact integral: a counter
//! never disagrees with the powers that were shown. The sun and the house are pure functions of the seed and the time;
//! only what adds up (energies, the batteries' charge) is carried from minute to minute.

pub(crate) mod bank;
pub(crate) mod energy;
pub(crate) mod house;
pub(crate) mod noise;
pub(crate) mod sun;

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

pub(crate) use self::bank::Bank;
use self::energy::{Energies, Powers, sum};
pub use self::sun::Place;

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;
/// Days of history before the start, so that "last seven days" is right from the first answer on.
const HISTORY: i64 = 8;

/// A plant: what stands on the roof and in the house. Pure, knows any moment.
#[derive(Debug, Clone)]
pub(crate) struct Plant {
    pub(crate) seed: u64,
    pub(crate) place: Place,
    pub(crate) phases: usize,
    pub(crate) inverters: usize,
    pub(crate) batteries: Bank,
    pub(crate) ac_batteries: Bank,
    /// What the charger of a car gives, W; 0 without one.
    pub(crate) charger: f64,
}

/// The plant with everything that adds up over time.
#[derive(Debug, Clone)]
pub(crate) struct World {
    plant: Plant,
    before: Knot,
    after: Knot,
    /// Energies at each local midnight, the latest last.
    midnights: VecDeque<Energies>,
}

/// The state at a full minute.
#[derive(Debug, Clone, Copy)]
struct Knot {
    minute: i64,
    powers: Powers,
    energies: Energies,
    charges: Charges,
}

/// Wh in each bank of batteries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Charges {
    pub(crate) iq: f64,
    pub(crate) ac: f64,
}

/// Everything the meters can say about one instant.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) at: Timestamp,
    pub(crate) plant: Plant,
    /// W.
    pub(crate) powers: Powers,
    /// Wh since the plant was built.
    pub(crate) energies: Energies,
    /// Wh since local midnight.
    pub(crate) today: Energies,
    /// Wh of the seven days before today.
    pub(crate) week: Energies,
    /// Wh of the day before today.
    pub(crate) yesterday: Energies,
    pub(crate) charges: Charges,
}

impl World {
    pub(crate) fn new(plant: Plant, start: Timestamp) -> Self {
        let first = plant.place.midnight(start).as_second() / MINUTE - HISTORY * DAY / MINUTE;
        let energies = Energies::of_the_past(&plant);
        let (iq, ac) = (plant.batteries.capacity() / 2.0, plant.ac_batteries.capacity() / 3.0);
        let charges = Charges { iq, ac };
        let powers = plant.powers(first, &Powers::default(), &charges);
        let knot = Knot { minute: first, powers, energies, charges };
        let mut world =
            Self { before: knot, after: knot, midnights: VecDeque::from([energies]), plant };
        world.advance(start);
        world
    }

    /// The world at `now`. Time does not run back: an instant that has passed is answered as the last full minute.
    pub(crate) fn at(&mut self, now: Timestamp) -> Moment {
        self.advance(now);
        let fraction = (seconds(now) - (self.before.minute * MINUTE) as f64) / MINUTE as f64;
        let fraction = fraction.clamp(0.0, 1.0);
        let powers = self.before.powers.toward(&self.after.powers, fraction);
        let gained = self.before.powers.integral(&powers, fraction * MINUTE as f64);
        let energies = self.before.energies + gained;
        Moment {
            at: now,
            powers,
            energies,
            today: energies - self.midnight(0),
            week: self.midnight(0) - self.midnight(7),
            yesterday: self.midnight(0) - self.midnight(1),
            charges: self.plant.charged(&self.before.charges, &gained),
            plant: self.plant.clone(),
        }
    }

    fn advance(&mut self, now: Timestamp) {
        while self.after.minute * MINUTE <= now.as_second() {
            let next = self.plant.next(&self.after);
            self.before = std::mem::replace(&mut self.after, next);
            if self.plant.place.is_midnight(self.before.minute * MINUTE) {
                self.midnights.push_back(self.before.energies);
                if self.midnights.len() > HISTORY as usize {
                    self.midnights.pop_front();
                }
            }
        }
    }

    /// The energies at midnight so many days before today.
    fn midnight(&self, days_ago: usize) -> Energies {
        let latest = self.midnights.len().saturating_sub(1);
        self.midnights.get(latest.saturating_sub(days_ago)).copied().unwrap_or(self.before.energies)
    }
}

impl Plant {
    /// What one inverter can give, W.
    pub(crate) const INVERTER_WATTS: f64 = 295.0;

    /// The part of the production that inverter number `index` has: not quite the same for all, 1 in sum.
    pub(crate) fn share(&self, index: usize) -> f64 {
        let weight = |i: usize| 1.0 + 0.1 * (noise::unit(self.seed, 7, i as i64) - 0.5);
        weight(index) / (0..self.inverters).map(weight).sum::<f64>()
    }

    /// Production at any moment, W.
    pub(crate) fn solar(&self, at: Timestamp) -> f64 {
        let minute = at.as_second().div_euclid(MINUTE);
        let fraction = (seconds(at) - (minute * MINUTE) as f64) / MINUTE as f64;
        let (before, after) = (self.solar_at(minute), self.solar_at(minute + 1));
        before + (after - before) * fraction
    }

    /// Production between two moments, Wh.
    pub(crate) fn solar_between(&self, from: Timestamp, to: Timestamp) -> f64 {
        let mut sum = 0.0;
        let mut at = from;
        while at < to {
            let minute_end = (at.as_second().div_euclid(MINUTE) + 1) * MINUTE;
            let end = Timestamp::from_second(minute_end).map_or(to, |end| end.min(to));
            sum += (self.solar(at) + self.solar(end)) / 2.0 * end.duration_since(at).as_secs_f64()
                / 3_600.0;
            at = end;
        }
        sum
    }

    /// The last moment up to `now` at which the inverters had light, at most a day back.
    pub(crate) fn last_light(&self, now: Timestamp) -> Timestamp {
        let minute = now.as_second().div_euclid(MINUTE);
        let lit =
            (0..DAY / MINUTE).map(|back| minute - back).find(|&minute| self.solar_at(minute) > 0.0);
        match lit {
            Some(lit) if lit < minute => Timestamp::from_second((lit + 1) * MINUTE).unwrap_or(now),
            _ => now,
        }
    }

    fn solar_at(&self, minute: i64) -> f64 {
        let peak = self.inverters as f64 * Self::INVERTER_WATTS;
        peak * sun::light(&self.place, self.seed, minute * MINUTE)
    }

    /// The powers at a minute, a minute after those that were with those charges.
    fn powers(&self, minute: i64, was: &Powers, charges: &Charges) -> Powers {
        let each = |total: f64| {
            let mut phases = [0.0; 3];
            phases[..self.phases].fill(total / self.phases as f64);
            phases
        };
        let (second, solar) = (minute * MINUTE, self.solar_at(minute));
        let car = self.charger * house::charging(self.seed, &self.place, second);
        let mut powers = Powers { solar: each(solar), car: each(car), ..Powers::default() };
        for phase in 0..self.phases {
            powers.load[phase] =
                house::load(self.seed, &self.place, phase, second) + powers.car[phase];
        }
        let wanted = sum(powers.load) - solar;
        let battery = self.batteries.follow(wanted, sum(was.battery), charges.iq);
        let ac_battery =
            self.ac_batteries.follow(wanted - battery, sum(was.ac_battery), charges.ac);
        Powers { battery: each(battery), ac_battery: each(ac_battery), ..powers }
    }

    fn next(&self, knot: &Knot) -> Knot {
        let powers = self.powers(knot.minute + 1, &knot.powers, &knot.charges);
        let gained = knot.powers.integral(&powers, MINUTE as f64);
        let charges = self.charged(&knot.charges, &gained);
        Knot { minute: knot.minute + 1, powers, energies: knot.energies + gained, charges }
    }

    /// The charges after these energies.
    fn charged(&self, charges: &Charges, gained: &Energies) -> Charges {
        let (iq, ac) = (&self.batteries, &self.ac_batteries);
        Charges {
            iq: iq.after(charges.iq, sum(gained.charged), sum(gained.discharged)),
            ac: ac.after(charges.ac, sum(gained.ac_charged), sum(gained.ac_discharged)),
        }
    }
}

fn seconds(at: Timestamp) -> f64 {
    at.duration_since(Timestamp::UNIX_EPOCH).as_secs_f64()
}

impl Moment {
    /// When inverter `index` reported last: every five minutes, each at its own second, and not in the dark.
    pub(crate) fn report(&self, index: usize) -> Report {
        const EVERY: i64 = 300;
        let offset = (index as i64 * 37) % EVERY;
        let light = self.plant.last_light(self.at).as_second();
        let end = (light - offset).div_euclid(EVERY) * EVERY + offset;
        let at = Timestamp::from_second(end).unwrap_or(self.at);
        let share = self.plant.share(index);
        let watt_hours =
            share * self.plant.solar_between(at - SignedDuration::from_secs(EVERY), at);
        let since = share
            * self.plant.solar_between(at, self.at.min(at + SignedDuration::from_secs(EVERY * 2)));
        let mine = |total: f64| (share * total - since).max(0.0);
        Report {
            at,
            seconds: EVERY,
            watts: (watt_hours * 3_600.0 / EVERY as f64).round(),
            joules: (watt_hours * 3_600.0).round(),
            today: mine(sum(self.today.solar)),
            lifetime: mine(sum(self.energies.solar)),
        }
    }
}

/// What one inverter said last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report {
    pub(crate) at: Timestamp,
    /// How long the interval was that it reports on.
    pub(crate) seconds: i64,
    /// Mean over the interval, W.
    pub(crate) watts: f64,
    /// Of the interval.
    pub(crate) joules: f64,
    /// Wh.
    pub(crate) today: f64,
    /// Wh.
    pub(crate) lifetime: f64,
}

#[cfg(test)]
mod tests;

//! Powers on up to three phases, and the energies that they add up to.

use std::ops::{Add, Sub};

use super::{Bank, Plant, noise};

/// W by phase. Flows of the house: `load` = `solar` + `battery` + `ac_battery` + grid.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Powers {
    pub(crate) solar: [f64; 3],
    pub(crate) load: [f64; 3],
    /// What a car draws, a part of the load.
    pub(crate) car: [f64; 3],
    /// Positive discharges.
    pub(crate) battery: [f64; 3],
    /// Positive discharges.
    pub(crate) ac_battery: [f64; 3],
}

/// Wh.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Energies {
    pub(crate) solar: [f64; 3],
    pub(crate) load: [f64; 3],
    pub(crate) car: [f64; 3],
    /// Of [`Powers::consumption`].
    pub(crate) consumption: [f64; 3],
    pub(crate) imported: [f64; 3],
    pub(crate) exported: [f64; 3],
    pub(crate) discharged: [f64; 3],
    pub(crate) charged: [f64; 3],
    pub(crate) ac_discharged: [f64; 3],
    pub(crate) ac_charged: [f64; 3],
}

impl Powers {
    /// What comes from the grid; negative is export.
    pub(crate) fn net(&self, phase: usize) -> f64 {
        self.load[phase] - self.solar[phase] - self.battery[phase] - self.ac_battery[phase]
    }

    /// What a gateway takes for the consumption: production plus grid. What goes into batteries counts, what comes out of
    /// them is missing, as in all recordings of plants with batteries.
    pub(crate) fn consumption(&self, phase: usize) -> f64 {
        self.solar[phase] + self.net(phase)
    }

    pub(crate) fn toward(&self, other: &Self, fraction: f64) -> Self {
        let along = |from: f64, to: f64| from + (to - from) * fraction;
        let each = |from: [f64; 3], to: [f64; 3]| {
            std::array::from_fn(|phase| along(from[phase], to[phase]))
        };
        Self {
            solar: each(self.solar, other.solar),
            load: each(self.load, other.load),
            car: each(self.car, other.car),
            battery: each(self.battery, other.battery),
            ac_battery: each(self.ac_battery, other.ac_battery),
        }
    }

    /// The energy while powers run straight from here to there.
    pub(crate) fn integral(&self, other: &Self, seconds: f64) -> Energies {
        let hours = seconds / 3_600.0;
        let phases = |of: &dyn Fn(usize) -> f64| std::array::from_fn(|phase| of(phase) * hours);
        Energies {
            solar: phases(&|phase| mean(self.solar[phase], other.solar[phase])),
            load: phases(&|phase| mean(self.load[phase], other.load[phase])),
            car: phases(&|phase| mean(self.car[phase], other.car[phase])),
            consumption: phases(&|phase| mean(self.consumption(phase), other.consumption(phase))),
            imported: phases(&|phase| positive_mean(self.net(phase), other.net(phase))),
            exported: phases(&|phase| positive_mean(-self.net(phase), -other.net(phase))),
            discharged: phases(&|phase| positive_mean(self.battery[phase], other.battery[phase])),
            charged: phases(&|phase| positive_mean(-self.battery[phase], -other.battery[phase])),
            ac_discharged: phases(&|phase| {
                positive_mean(self.ac_battery[phase], other.ac_battery[phase])
            }),
            ac_charged: phases(&|phase| {
                positive_mean(-self.ac_battery[phase], -other.ac_battery[phase])
            }),
        }
    }
}

/// All phases together.
pub(crate) fn sum(phases: [f64; 3]) -> f64 {
    phases.iter().sum()
}

fn mean(from: f64, to: f64) -> f64 {
    (from + to) / 2.0
}

/// The mean of what is above zero on a straight line.
fn positive_mean(from: f64, to: f64) -> f64 {
    let (low, high) = if from < to { (from, to) } else { (to, from) };
    if low >= 0.0 {
        mean(low, high)
    } else if high <= 0.0 {
        0.0
    } else {
        high * high / (2.0 * (high - low))
    }
}

impl Energies {
    /// What had added up when the simulation begins: some years of a plant of this size, in balance.
    pub(crate) fn of_the_past(plant: &Plant) -> Self {
        let years = 1.0 + 4.0 * noise::unit(plant.seed, 99, 0);
        let phases = plant.phases as f64;
        let mut past = Self::default();
        for phase in 0..plant.phases {
            past.solar[phase] = years * plant.inverters as f64 * 280_000.0 / phases;
            past.exported[phase] = past.solar[phase] * 0.6;
            past.imported[phase] = past.solar[phase] * 0.7;
            past.consumption[phase] =
                past.solar[phase] + past.imported[phase] - past.exported[phase];
            past.charged[phase] = plant.batteries.capacity() * 250.0 * years / phases;
            past.discharged[phase] = Bank::given_back(past.charged[phase]);
            past.ac_charged[phase] = plant.ac_batteries.capacity() * 250.0 * years / phases;
            past.ac_discharged[phase] = Bank::given_back(past.ac_charged[phase]);
            let kept = past.charged[phase] - past.discharged[phase] + past.ac_charged[phase]
                - past.ac_discharged[phase];
            past.load[phase] = past.consumption[phase] - kept;
            past.car[phase] = past.load[phase] * 0.2 * plant.charger.signum();
        }
        past
    }

    fn with(self, other: Self, join: impl Fn(f64, f64) -> f64) -> Self {
        let each = |one: [f64; 3], two: [f64; 3]| {
            std::array::from_fn(|phase| join(one[phase], two[phase]))
        };
        Self {
            solar: each(self.solar, other.solar),
            load: each(self.load, other.load),
            car: each(self.car, other.car),
            consumption: each(self.consumption, other.consumption),
            imported: each(self.imported, other.imported),
            exported: each(self.exported, other.exported),
            discharged: each(self.discharged, other.discharged),
            charged: each(self.charged, other.charged),
            ac_discharged: each(self.ac_discharged, other.ac_discharged),
            ac_charged: each(self.ac_charged, other.ac_charged),
        }
    }
}

impl Add for Energies {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.with(other, |one, two| one + two)
    }
}

impl Sub for Energies {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.with(other, |one, two| one - two)
    }
}

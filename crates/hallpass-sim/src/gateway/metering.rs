//! What a gateway tells of its world: the truth, unless a fault of its counters stands between.

use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::signed,
    fault::{Counter, Fault, Since},
    world::{
        Moment, World,
        energy::{Energies, Powers, sum},
    },
};

/// A world, and how far what is told of it is from the truth.
pub(crate) struct Metering {
    world: World,
    /// What the counters have lost for good, Wh.
    lost: Energies,
    /// Faults that did once what they do once, by their number.
    done: Vec<u64>,
    past: Option<Past>,
}

/// The world as it was when a fault that shows that was first seen.
struct Past {
    fault: u64,
    begun: Timestamp,
    world: World,
}

impl Metering {
    pub(super) fn new(world: World) -> Self {
        Self { world, lost: Energies::default(), done: Vec::new(), past: None }
    }

    /// What is told at this moment, with these faults.
    pub(super) fn at(&mut self, now: Timestamp, faults: &[(Fault, Since)]) -> Moment {
        let mut moment = self.perhaps_past(now, faults);
        for (fault, since) in faults {
            self.lose(&moment.energies, fault, since.number);
        }
        moment.energies = moment.energies - self.lost;
        faults.iter().fold(moment, |moment, (fault, since)| distorted(moment, fault, *since))
    }

    /// The world now, or as it was when a fault that holds it back was first seen or later.
    fn perhaps_past(&mut self, now: Timestamp, faults: &[(Fault, Since)]) -> Moment {
        let moment = self.world.at(now);
        let holds_back = |fault: &Fault| {
            matches!(fault, Fault::Frozen {} | Fault::Duplicate { .. } | Fault::OutOfOrder { .. })
        };
        let Some((fault, since)) = faults.iter().find(|(fault, _)| holds_back(fault)) else {
            return moment;
        };
        let begin = || Past { fault: since.number, begun: now, world: self.world.clone() };
        let kept = self.past.take().filter(|past| past.fault == since.number);
        let past = self.past.insert(kept.unwrap_or_else(begin));
        match shown_instead(fault, past.begun, now) {
            Some(instant) => past.world.at(instant),
            None => moment,
        }
    }

    /// What a fault takes from the counters for good.
    fn lose(&mut self, energies: &Energies, fault: &Fault, number: u64) {
        let again = self.done.contains(&number);
        match *fault {
            Fault::Rollover { at, counter } => {
                self.turn(energies, counter, |shown| shown % at.max(1) as f64);
            }
            Fault::StepDown { by, counter } if !again => {
                self.done.push(number);
                self.turn(energies, counter, |shown| (shown - by as f64).max(0.0));
            }
            Fault::ResetToNonzero { to, counter } if !again => {
                self.done.push(number);
                self.turn(energies, counter, |_| to as f64);
            }
            _ => {}
        }
    }

    /// Sets a counter to what becomes of the number that it shows; the phases keep their parts in it.
    fn turn(&mut self, energies: &Energies, counter: Counter, becomes: impl Fn(f64) -> f64) {
        let mut counted = *energies;
        let lost = parts(counter, &mut self.lost);
        for (counted, lost) in parts(counter, &mut counted).into_iter().zip(lost) {
            let shown: [f64; 3] = std::array::from_fn(|phase| counted[phase] - lost[phase]);
            let total = sum(shown);
            if total > 0.0 {
                let left = becomes(total) / total;
                *lost = std::array::from_fn(|phase| counted[phase] - shown[phase] * left);
            }
        }
    }
}

/// Which instant is shown instead of now; `None` is now.
fn shown_instead(fault: &Fault, begun: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let seconds = now.duration_since(begun).as_secs();
    match fault {
        Fault::Frozen {} => Some(begun),
        Fault::Duplicate { every } => {
            let every = every.0.as_secs().max(1) as i64;
            Some(begun + SignedDuration::from_secs(seconds - seconds % every))
        }
        Fault::OutOfOrder { by } => {
            let turn = seconds / by.0.as_secs().max(1) as i64;
            (turn % 2 == 1).then(|| begun.max(now - signed(by.0 * 2)))
        }
        _ => None,
    }
}

/// What a fault makes of a moment while it is on.
fn distorted(mut moment: Moment, fault: &Fault, since: Since) -> Moment {
    match *fault {
        Fault::Half { counter } => {
            for part in parts(counter, &mut moment.energies) {
                *part = part.map(|watt_hours| watt_hours / 2.0);
            }
        }
        Fault::HugeToday { by, counter } => {
            let phases = moment.plant.phases;
            for part in parts(counter, &mut moment.today) {
                part[..phases].iter_mut().for_each(|phase| *phase += by as f64 / phases as f64);
            }
        }
        Fault::ZerosAfterBoot { down, length }
            if moment.at < since.at + signed(down.0) + signed(length.0) =>
        {
            let nothing = Energies::default();
            moment.powers = Powers::default();
            [moment.energies, moment.today, moment.week, moment.yesterday] = [nothing; 4];
        }
        _ => {}
    }
    moment
}

fn parts(counter: Counter, energies: &mut Energies) -> Vec<&mut [f64; 3]> {
    match counter {
        Counter::Production => vec![&mut energies.solar],
        Counter::Consumption => vec![&mut energies.consumption],
        Counter::Net => vec![&mut energies.imported, &mut energies.exported],
        Counter::Storage => vec![&mut energies.discharged, &mut energies.charged],
    }
}

#[cfg(test)]
mod tests;

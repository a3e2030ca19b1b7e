//! The standby generator, which stands behind a system controller.

use serde::{Deserialize, Serialize};

use super::answers::Slot;
use super::ensemble::Ensemble;
use super::walk::{Ask, Found, Walk};
use crate::Endpoint;
use crate::reading::{self, Feature, Missing, Readings};
use crate::wire::{Keyed, Object};

/// What there is to read of a generator. An endpoint counts only when all of it can be read: the
/// gateway has a schedule without exercises where none were set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Generator {
    has_config: bool,
    has_state: bool,
    has_schedule: bool,
    has_mode: bool,
}

impl Generator {
    pub(super) fn probe(walk: &mut Walk<'_>, ensemble: &Ensemble) -> Result<Self, Ask> {
        if !ensemble.has_controller {
            return Ok(Self::default());
        }
        let answers = walk.answers;
        let config = has::<reading::GeneratorConfig, _>(walk, &answers.generator_config)?;
        if config == Found::No {
            return Ok(Self::default());
        }
        let state = match has::<reading::Generator, _>(walk, &answers.generator)? {
            Found::Yes(()) if config == Found::Unknown && shows_no_generator(walk) => Found::No,
            state => state,
        };
        let schedule = has::<reading::GeneratorSchedule, _>(walk, &answers.generator_schedule)?;
        let mode = has::<reading::GeneratorMode, _>(walk, &answers.generator_mode)?;
        Ok(Self {
            has_config: config == Found::Yes(()),
            has_state: state == Found::Yes(()),
            has_schedule: schedule == Found::Yes(()),
            has_mode: mode == Found::Yes(()),
        })
    }

    pub(super) fn endpoints(self) -> impl Iterator<Item = Endpoint> {
        [
            (self.has_config, Endpoint::GeneratorConfig),
            (self.has_state, Endpoint::Generator),
            (self.has_schedule, Endpoint::GeneratorSchedule),
            (self.has_mode, Endpoint::GeneratorMode),
        ]
        .into_iter()
        .filter_map(|(is_there, endpoint)| is_there.then_some(endpoint))
    }

    pub(super) fn read(self, walk: &mut Walk<'_>, readings: &mut Readings) {
        let answers = walk.answers;
        if self.has_config {
            readings.generator_config = read(walk, &answers.generator_config);
        }
        if self.has_state {
            readings.generator = read(walk, &answers.generator);
        }
        if self.has_schedule {
            readings.generator_schedule = read(walk, &answers.generator_schedule);
        }
        if self.has_mode {
            readings.generator_mode = read(walk, &answers.generator_mode);
        }
    }

    pub(super) fn features(self) -> impl Iterator<Item = Feature> {
        let generator = (self != Self::default()).then_some(Feature::Generator);
        let schedule = self.has_schedule.then_some(Feature::GeneratorSchedule);
        generator.into_iter().chain(schedule)
    }
}

/// Whether the state is the one that gateways without a generator show.
fn shows_no_generator(walk: &Walk<'_>) -> bool {
    let state = walk.glance(&walk.answers.generator);
    state.is_some_and(|state| state.as_object().says("admin_state", "unknown"))
}

/// Whether all that makes a `T` is there.
fn has<'a, T, D>(walk: &mut Walk<'a>, slot: &'a Slot<D>) -> Result<Found<()>, Ask>
where
    T: for<'o> TryFrom<Object<'o>, Error = Missing>,
    D: Keyed,
{
    Ok(match walk.look(slot)? {
        Found::Yes(document) if T::try_from(document.as_object()).is_ok() => Found::Yes(()),
        Found::Yes(_) | Found::No => Found::No,
        Found::Unknown => Found::Unknown,
    })
}

fn read<'a, T, D>(walk: &mut Walk<'a>, slot: &'a Slot<D>) -> Option<T>
where
    T: for<'o> TryFrom<Object<'o>, Error = Missing>,
    D: Keyed,
{
    let document = walk.need(slot)?;
    walk.whole(slot.endpoint, "generator", T::try_from(document.as_object()))
}

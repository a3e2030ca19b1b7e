//! The generations of firmware as a table: what each one is, has and does differently. Any other version behaves as
//! the nearest row at or below it.

mod equipment;
mod transformer;

use self::transformer::{COMBINER, NO_INPUTS, PAIR, PRODUCTION_ALONE, UNUSED, WITH_STORAGE};
pub(crate) use self::{
    equipment::{Controller, Equipment},
    transformer::{Circuit, Transformer},
};
use crate::firmware::{Firmware, Numbers};

/// How a generation builds its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Generation {
    Three,
    Four,
    Five,
    Seven,
    Eight,
}

/// One row: a gateway as it was delivered with this firmware.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    pub(crate) since: Numbers,
    pub(crate) generation: Generation,
    pub(crate) letter: char,
    pub(crate) part_number: &'static str,
    pub(crate) wiring: Wiring,
    pub(crate) transformers: &'static [Transformer],
    pub(crate) inverters: usize,
    pub(crate) equipment: Equipment,
    pub(crate) quirks: Quirks,
}

/// The phases of a house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wiring {
    /// One phase, which firmware calls phase mode `three` with a count of one.
    OnePhase,
    /// Two legs of 120 V.
    Split,
    Three,
}

impl Wiring {
    pub(crate) fn phases(self) -> usize {
        match self {
            Self::OnePhase => 1,
            Self::Split => 2,
            Self::Three => 3,
        }
    }

    pub(crate) fn mode(self) -> &'static str {
        if self == Self::Split { "split" } else { "three" }
    }
}

/// What single versions do differently from their generation.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quirks {
    /// 7.3.130 refuses most of the ensemble even with a token.
    pub(crate) ensemble_refused: bool,
    /// From 7.6 on some endpoints want an installer, and `/production.json` has no lines without `details`.
    pub(crate) roles_split: bool,
    /// `/ivp/pdm/device_data` is there.
    pub(crate) device_data: bool,
    /// The tariff comes without headers of its own.
    pub(crate) plain_tariff: bool,
    /// `/info` is double-quoted, tab-indented, without a content type.
    pub(crate) plain_info: bool,
    /// 401 pages lead to `/login.html`, every bearer answer sets a session, outsiders get nothing from `get_jwt`.
    pub(crate) login_page: bool,
    /// Total consumption is a copy of net consumption.
    pub(crate) total_is_net: bool,
}

const V7_3: Quirks = Quirks {
    ensemble_refused: true,
    roles_split: false,
    device_data: false,
    plain_tariff: false,
    plain_info: false,
    login_page: false,
    total_is_net: false,
};
const V7_6: Quirks = Quirks { ensemble_refused: false, roles_split: true, ..V7_3 };
const V8_2_4264: Quirks = Quirks { plain_tariff: true, ..V7_6 };
const V8_2_4345: Quirks = Quirks { device_data: true, ..V8_2_4264 };
const V8_3: Quirks = Quirks { plain_info: true, ..V8_2_4345 };
const V8_3_5289: Quirks = Quirks { login_page: true, ..V8_3 };
const OLD: Quirks = Quirks { ensemble_refused: false, ..V7_3 };

const NONE: Equipment = Equipment::NONE;

use Generation::{Eight, Five, Four, Seven, Three};
use Wiring::{OnePhase, Split, Three as ThreePhases};

/// Oldest first. The equipment is that of the plant on which a version was recorded, where there is such a recording; 7.6
/// has batteries besides, so that the usual gateway shows some.
#[rustfmt::skip]
const PROFILES: &[Profile] = &[
    Profile { since: (3, 9, 36), generation: Three, letter: 'R', part_number: "800-00069-r05", wiring: OnePhase, transformers: NO_INPUTS, inverters: 10, equipment: NONE, quirks: OLD },
    Profile { since: (4, 10, 35), generation: Four, letter: 'R', part_number: "800-00555-r03", wiring: Split, transformers: PAIR, inverters: 14, equipment: NONE, quirks: OLD },
    Profile { since: (5, 0, 62), generation: Five, letter: 'D', part_number: "800-00551-r02", wiring: OnePhase, transformers: NO_INPUTS, inverters: 20, equipment: NONE, quirks: OLD },
    Profile { since: (7, 0, 0), generation: Seven, letter: 'D', part_number: "800-00555-r03", wiring: OnePhase, transformers: PAIR, inverters: 12, equipment: NONE, quirks: OLD },
    Profile { since: (7, 3, 130), generation: Seven, letter: 'D', part_number: "800-00555-r03", wiring: OnePhase, transformers: PAIR, inverters: 12, equipment: NONE, quirks: V7_3 },
    Profile { since: (7, 3, 466), generation: Seven, letter: 'D', part_number: "800-00654-r08", wiring: OnePhase, transformers: PAIR, inverters: 12, equipment: NONE, quirks: OLD },
    Profile { since: (7, 3, 517), generation: Seven, letter: 'D', part_number: "800-00555-r03", wiring: Split, transformers: PAIR, inverters: 22, equipment: Equipment::enpower(3), quirks: OLD },
    Profile { since: (7, 6, 114), generation: Seven, letter: 'D', part_number: "800-00654-r08", wiring: ThreePhases, transformers: PAIR, inverters: 12, equipment: Equipment::enpower(2), quirks: V7_6 },
    Profile { since: (8, 1, 41), generation: Eight, letter: 'D', part_number: "800-00664-r05", wiring: Split, transformers: PAIR, inverters: 16, equipment: Equipment::enpower(2), quirks: V7_6 },
    Profile { since: (8, 2, 127), generation: Eight, letter: 'D', part_number: "800-00555-r03", wiring: Split, transformers: WITH_STORAGE, inverters: 26, equipment: Equipment { controller: Controller::EnpowerWithGenerator, ..Equipment::enpower(5) }, quirks: V7_6 },
    Profile { since: (8, 2, 4264), generation: Eight, letter: 'D', part_number: "800-00654-r08", wiring: ThreePhases, transformers: UNUSED, inverters: 38, equipment: NONE, quirks: V8_2_4264 },
    Profile { since: (8, 2, 4345), generation: Eight, letter: 'D', part_number: "800-00654-r08", wiring: OnePhase, transformers: PAIR, inverters: 15, equipment: Equipment::enpower(0), quirks: V8_2_4345 },
    Profile { since: (8, 2, 4382), generation: Eight, letter: 'D', part_number: "800-00654-r08", wiring: OnePhase, transformers: PAIR, inverters: 17, equipment: Equipment { batteries: 1, ac_batteries: 3, ..NONE }, quirks: V8_2_4345 },
    Profile { since: (8, 3, 0), generation: Eight, letter: 'D', part_number: "800-02409-r03", wiring: Split, transformers: COMBINER, inverters: 17, equipment: Equipment { batteries: 2, controller: Controller::Collar, ..NONE }, quirks: V8_3 },
    Profile { since: (8, 3, 5289), generation: Eight, letter: 'D', part_number: "800-00554-r03", wiring: OnePhase, transformers: PRODUCTION_ALONE, inverters: 12, equipment: NONE, quirks: V8_3_5289 },
    Profile { since: (8, 3, 5433), generation: Eight, letter: 'D', part_number: "800-00654-r08", wiring: ThreePhases, transformers: PAIR, inverters: 18, equipment: NONE, quirks: Quirks { total_is_net: true, ..V8_3_5289 } },
];

impl Profile {
    /// The nearest row at or below the version; what is older than all of them is the oldest.
    pub(crate) fn of(firmware: &Firmware) -> Self {
        let numbers = firmware.numbers();
        *PROFILES.iter().rev().find(|profile| profile.since <= numbers).unwrap_or(&PROFILES[0])
    }

    pub(crate) fn before(&self, generation: Generation) -> bool {
        self.generation < generation
    }

    /// Whether it has inputs for transformers (`imeter`), used or not.
    pub(crate) fn metered(&self) -> bool {
        !self.transformers.is_empty()
    }

    pub(crate) fn measures(&self, circuit: Circuit) -> bool {
        self.transformers.contains(&Transformer { circuit, enabled: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_behaves_as_the_nearest_row_at_or_below() {
        let check = |version: &str, expect: Numbers| {
            assert_eq!(Profile::of(&Firmware::new(version)).since, expect, "{version}")
        };
        check("2.0.1", (3, 9, 36));
        check("3.17.3", (3, 9, 36));
        check("4.10.35", (4, 10, 35));
        check("6.0.0", (5, 0, 62));
        check("7.6.175", (7, 6, 114));
        check("8.1.900", (8, 1, 41));
        check("8.3.5433", (8, 3, 5433));
        check("9.0.0", (8, 3, 5433));
    }

    #[test]
    fn rows_are_in_order() {
        assert!(PROFILES.is_sorted_by_key(|profile| profile.since));
    }
}

//! Current transformers: what each one measures, and whether it is set up.

/// A transformer at a gateway's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transformer {
    pub(crate) circuit: Circuit,
    pub(crate) enabled: bool,
}

/// What a transformer sits around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Circuit {
    Production,
    NetConsumption,
    Storage,
    Backfeed,
    Load,
    Evse,
    Pv3p,
}

impl Circuit {
    /// Its `measurementType`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::NetConsumption => "net-consumption",
            Self::Storage => "storage",
            Self::Backfeed => "backfeed",
            Self::Load => "load",
            Self::Evse => "evse",
            Self::Pv3p => "pv3p",
        }
    }

    /// Its place among all that a gateway could have; the eids follow it, and one place is never used.
    pub(crate) fn place(self) -> i64 {
        match self {
            Self::Production => 0,
            Self::NetConsumption => 1,
            Self::Storage => 2,
            Self::Backfeed => 4,
            Self::Load => 5,
            Self::Evse => 6,
            Self::Pv3p => 7,
        }
    }
}

const fn on(circuit: Circuit) -> Transformer {
    Transformer { circuit, enabled: true }
}

const fn off(circuit: Circuit) -> Transformer {
    Transformer { circuit, enabled: false }
}

use Circuit::{Backfeed, Evse, Load, NetConsumption, Production, Pv3p, Storage};

/// A standard gateway has no inputs for any.
pub(crate) const NO_INPUTS: &[Transformer] = &[];
/// A metered gateway that nobody has put transformers on.
pub(crate) const UNUSED: &[Transformer] = &[off(Production), off(NetConsumption)];
pub(crate) const PRODUCTION_ALONE: &[Transformer] = &[on(Production), off(NetConsumption)];
pub(crate) const PAIR: &[Transformer] = &[on(Production), on(NetConsumption)];
pub(crate) const WITH_STORAGE: &[Transformer] = &[on(Production), on(NetConsumption), on(Storage)];
/// All that a combiner of the sixth generation has inputs for.
pub(crate) const COMBINER: &[Transformer] =
    &[on(Production), on(NetConsumption), on(Storage), on(Backfeed), on(Load), on(Evse), off(Pv3p)];

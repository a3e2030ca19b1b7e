use serde::Serialize;

/// A phase of the grid; with split phase, one of the two legs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[expect(clippy::exhaustive_enums, reason = "no grid has more")]
pub enum Phase {
    /// The first.
    L1,
    /// The second.
    L2,
    /// The third.
    L3,
}

impl Phase {
    /// All, in the order of the gateway's lists.
    pub const ALL: [Self; 3] = [Self::L1, Self::L2, Self::L3];
}

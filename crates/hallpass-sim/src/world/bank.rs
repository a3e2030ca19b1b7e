//! Batteries: what they hold, give and take.

/// All batteries of one kind at a plant, as if they were one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bank {
    pub(crate) count: usize,
    /// What one holds, Wh.
    pub(crate) each: f64,
    /// What one gives or takes at most, W.
    pub(crate) most: f64,
}

impl Bank {
    /// What must stay in, as a share of the capacity.
    pub(crate) const RESERVE: f64 = 0.2;
    /// What comes out again of what went in.
    const YIELD: f64 = 0.92;

    pub(crate) fn iq(count: usize) -> Self {
        Self { count, each: 5_000.0, most: 1_280.0 }
    }

    pub(crate) fn ac(count: usize) -> Self {
        Self { count, each: 1_240.0, most: 260.0 }
    }

    /// Wh.
    pub(crate) fn capacity(&self) -> f64 {
        self.count as f64 * self.each
    }

    /// Wh.
    pub(crate) fn reserve(&self) -> f64 {
        self.capacity() * Self::RESERVE
    }

    /// A charge in percent.
    pub(crate) fn percent(&self, charge: f64) -> f64 {
        if self.count == 0 { 0.0 } else { 100.0 * charge / self.capacity() }
    }

    /// The power a minute later (W, negative takes), where so much is wanted, `was` is the power and `charge` what is
    /// held now. Power runs straight from minute to minute: by half of what is left, less half of what is under way,
    /// no bank gets below its reserve or above its capacity.
    pub(super) fn follow(&self, wanted: f64, was: f64, charge: f64) -> f64 {
        let most = self.count as f64 * self.most;
        let give = 60.0 * (charge - self.reserve()) - was.max(0.0) / 2.0;
        let take = 60.0 * (self.capacity() - charge) - (-was).max(0.0) / 2.0;
        // They never follow quite exactly: a little goes over the grid.
        (wanted * 0.97).clamp(-take.clamp(0.0, most), give.clamp(0.0, most))
    }

    /// The charge after so much went in and out, Wh.
    pub(super) fn after(&self, charge: f64, charged: f64, discharged: f64) -> f64 {
        charge + charged * Self::YIELD - discharged
    }

    /// What went out over time of what went in, Wh.
    pub(super) fn given_back(charged: f64) -> f64 {
        charged * Self::YIELD
    }
}

//! What stands behind a gateway besides its inverters.

/// The equipment of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Equipment {
    /// IQ batteries.
    pub(crate) batteries: usize,
    /// AC batteries, the kind before those.
    pub(crate) ac_batteries: usize,
    pub(crate) controller: Controller,
}

/// What can take the house off the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Controller {
    None,
    /// A system controller with four dry contacts.
    Enpower,
    /// The same with a standby generator behind it.
    EnpowerWithGenerator,
    /// A meter collar and a combiner of the sixth generation.
    Collar,
}

impl Equipment {
    pub(crate) const NONE: Self =
        Self { batteries: 0, ac_batteries: 0, controller: Controller::None };

    /// So many IQ batteries behind an Enpower.
    pub(crate) const fn enpower(batteries: usize) -> Self {
        Self { batteries, controller: Controller::Enpower, ..Self::NONE }
    }
}

impl Controller {
    pub(crate) fn is_enpower(self) -> bool {
        matches!(self, Self::Enpower | Self::EnpowerWithGenerator)
    }

    pub(crate) fn has_generator(self) -> bool {
        self == Self::EnpowerWithGenerator
    }
}

//! Who lives at which address: gateways move, and others move in.

use std::sync::Mutex;

use serde::Deserialize;

use crate::{event::Event, lock::lock};

/// The addresses, by number: one for each gateway to begin with, as many that are free, and one for each gateway's
/// impostor, who is only met by those who believe a false advert.
pub(crate) struct Addresses {
    occupants: Mutex<Vec<Option<Occupant>>>,
}

/// Who answers at an address. Gateways are known by their index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occupant {
    Gateway(usize),
    /// Somebody with another key who says to be this gateway.
    Impostor(usize),
}

/// Who is at an address that a gateway has left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Successor {
    #[default]
    Nobody,
    Impostor,
}

impl Addresses {
    pub(crate) fn new(gateways: usize) -> Self {
        let homes = (0..gateways).map(|gateway| Some(Occupant::Gateway(gateway)));
        let free = (0..gateways).map(|_| None);
        let impostors = (0..gateways).map(|gateway| Some(Occupant::Impostor(gateway)));
        Self { occupants: Mutex::new(homes.chain(free).chain(impostors).collect()) }
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.occupants).len()
    }

    pub(crate) fn occupant(&self, address: usize) -> Option<Occupant> {
        lock(&self.occupants).get(address).copied().flatten()
    }

    /// Where this gateway is.
    pub(crate) fn of(&self, gateway: usize) -> usize {
        let wanted = Some(Occupant::Gateway(gateway));
        lock(&self.occupants).iter().position(|occupant| *occupant == wanted).unwrap_or(gateway)
    }

    /// Where the impostor of this gateway waits for those who believe it.
    pub(crate) fn of_impostor(&self, gateway: usize) -> usize {
        self.count() / 3 * 2 + gateway
    }

    /// Lets these gateways move, where the event is a move.
    pub(crate) fn happen(&self, event: &Event, gateways: impl Iterator<Item = usize>) {
        match event {
            Event::DhcpMove { successor } => gateways.for_each(|it| self.move_out(it, *successor)),
            Event::SwapAddresses {} => self.change_places(),
            _ => {}
        }
    }

    /// To a free address; where none is, an impostor has to go.
    fn move_out(&self, gateway: usize, successor: Successor) {
        let old = self.of(gateway);
        let mut occupants = lock(&self.occupants);
        let homes = occupants.len() / 3 * 2;
        let is_impostor = |at: &usize| matches!(occupants[*at], Some(Occupant::Impostor(_)));
        let free = (0..homes).find(|at| occupants[*at].is_none());
        let Some(new) = free.or_else(|| (0..homes).find(is_impostor)) else { return };
        occupants[new] = Some(Occupant::Gateway(gateway));
        occupants[old] = match successor {
            Successor::Nobody => None,
            Successor::Impostor => Some(Occupant::Impostor(gateway)),
        };
    }

    /// Each gateway to where the next one is; two of them swap.
    fn change_places(&self) {
        let mut occupants = lock(&self.occupants);
        let gateways = occupants.len() / 3;
        for occupant in occupants.iter_mut() {
            if let Some(Occupant::Gateway(gateway)) = occupant {
                *gateway = (*gateway + 1) % gateways;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_moves_leaves_its_address_to_its_successor() {
        let addresses = Addresses::new(2);
        let moves = |successor| addresses.happen(&Event::DhcpMove { successor }, [1].into_iter());
        assert_eq!((addresses.count(), addresses.of(1), addresses.of_impostor(1)), (6, 1, 5));
        moves(Successor::Nobody);
        assert_eq!((addresses.of(1), addresses.occupant(1)), (2, None));
        moves(Successor::Impostor);
        assert_eq!((addresses.of(1), addresses.occupant(2)), (1, Some(Occupant::Impostor(1))));
        for _ in 0..5 {
            moves(Successor::Impostor);
            assert!(addresses.of(1) < 4);
        }
        assert_eq!(addresses.of(0), 0);
    }

    #[test]
    fn two_gateways_swap() {
        let addresses = Addresses::new(2);
        let swap = || addresses.happen(&Event::SwapAddresses {}, [].into_iter());
        swap();
        assert_eq!((addresses.of(0), addresses.of(1)), (1, 0));
        swap();
        assert_eq!((addresses.of(0), addresses.of(1)), (0, 1));
    }
}

//! The history of the token that all processes share: whether it can have happened one thing after
//! the other, in the order of time.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

/// One thing that a process did, somewhere between two moments.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operation {
    pub(super) begun: Timestamp,
    pub(super) ended: Timestamp,
    pub(super) deed: Deed,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Deed {
    /// It saw this generation in the store; 0 where there was none.
    Read(u64),
    /// It was given a token of this generation, which may not be the newest.
    Held(u64),
    /// It made the next generation.
    Wrote,
    /// Something else.
    Nothing,
}

/// Judges a history that begins with no token, which somebody then obtains as generation `first`.
/// Each write adds one, so a reader must see all that ended before it began, and none that began
/// after it had ended.
///
/// # Panics
/// At the first operation that cannot be.
pub(super) fn assert_linear(history: &[Operation], first: u64) {
    let writes: Vec<_> = history.iter().filter(|it| it.deed == Deed::Wrote).collect();
    let written = |is_counted: &dyn Fn(&Operation) -> bool| {
        first + writes.iter().filter(|write| is_counted(write)).count() as u64
    };
    for operation in history {
        let least = written(&|write| write.ended < operation.begun);
        let most = written(&|write| write.begun <= operation.ended);
        match operation.deed {
            Deed::Read(seen) => {
                assert!((least..=most).contains(&seen), "{least} to {most}: {operation:?}");
            }
            Deed::Held(held) => assert!((first..=most).contains(&held), "{most}: {operation:?}"),
            Deed::Wrote | Deed::Nothing => {}
        }
    }
    for reader in history {
        let Deed::Read(seen) = reader.deed else { continue };
        let before = history.iter().filter(|it| it.ended < reader.begun);
        let newest = before.filter_map(|it| match it.deed {
            Deed::Read(seen) => Some(seen),
            _ => None,
        });
        assert!(newest.max().is_none_or(|newest| newest <= seen), "goes back: {reader:?}");
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, number) = match self.deed {
            Deed::Read(generation) => ("read", generation),
            Deed::Held(generation) => ("held", generation),
            Deed::Wrote => ("wrote", 0),
            Deed::Nothing => ("nothing", 0),
        };
        write!(f, "operation {} {} {name} {number}", self.begun, self.ended)
    }
}

impl FromStr for Operation {
    type Err = ();

    fn from_str(line: &str) -> Result<Self, ()> {
        let words: Vec<_> = line.split(' ').collect();
        let ["operation", begun, ended, name, number] = words[..] else { return Err(()) };
        let number = number.parse().map_err(drop)?;
        let deed = match name {
            "read" => Deed::Read(number),
            "held" => Deed::Held(number),
            "wrote" => Deed::Wrote,
            _ => Deed::Nothing,
        };
        let time = |text: &str| text.parse().map_err(drop);
        Ok(Self { begun: time(begun)?, ended: time(ended)?, deed })
    }
}

#[test]
fn a_history_that_cannot_be_is_found_out() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let operation = |begun, ended, deed| Operation { begun: at(begun), ended: at(ended), deed };
    let check = |history: &[Operation], is_linear: bool| {
        let judged = std::panic::catch_unwind(|| assert_linear(history, 1));
        assert_eq!(judged.is_ok(), is_linear, "{history:?}");
        let told: Vec<_> =
            history.iter().map(|it| it.to_string().parse::<Operation>().unwrap()).collect();
        assert_eq!(told, history);
    };
    let write = operation(10, 20, Deed::Wrote);
    check(&[write.clone(), operation(5, 9, Deed::Read(1)), operation(30, 40, Deed::Read(2))], true);
    check(
        &[write.clone(), operation(15, 16, Deed::Read(2)), operation(18, 19, Deed::Read(2))],
        true,
    );
    check(&[write.clone(), operation(30, 40, Deed::Read(1))], false);
    check(&[write.clone(), operation(5, 9, Deed::Read(2))], false);
    check(
        &[write.clone(), operation(12, 13, Deed::Read(2)), operation(14, 15, Deed::Read(1))],
        false,
    );
    check(&[write, operation(30, 40, Deed::Held(1))], true);
}

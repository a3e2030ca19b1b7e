use clap::CommandFactory;
use hallpass_credential::{Error, ErrorKind, store::StoreErrorKind};
use jiff::Timestamp;

use super::{LOOK_CLOSER, of, of_kind};
use crate::{args::Args, problem::OrAbout};

const KINDS: [ErrorKind; 20] = [
    ErrorKind::Blocked,
    ErrorKind::CloudUnreachable,
    ErrorKind::Forbidden,
    ErrorKind::Held,
    ErrorKind::IdentityChanged,
    ErrorKind::Invalid,
    ErrorKind::NeedsLogin,
    ErrorKind::NotADevice,
    ErrorKind::NotUnderstood,
    ErrorKind::OneTimeCode,
    ErrorKind::Rejected,
    ErrorKind::Unreachable,
    ErrorKind::Untrusted,
    ErrorKind::Store(StoreErrorKind::Busy),
    ErrorKind::Store(StoreErrorKind::Corrupt),
    ErrorKind::Store(StoreErrorKind::Newer),
    ErrorKind::Store(StoreErrorKind::NotWritable),
    ErrorKind::Store(StoreErrorKind::Sealed),
    ErrorKind::Store(StoreErrorKind::NoKey),
    ErrorKind::Store(StoreErrorKind::Failed),
];

#[test]
fn every_kind_of_failure_has_a_hint_of_its_own() {
    for kind in KINDS {
        let general = of_kind(kind, "roof") == LOOK_CLOSER;
        assert_eq!(general, kind == ErrorKind::Store(StoreErrorKind::Failed), "{kind:?}");
    }
}

#[test]
fn hints_name_only_commands_that_exist() {
    let command = Args::command();
    for kind in KINDS {
        let hint = of_kind(kind, "roof");
        for named in hint.split("`hallpass ").skip(1) {
            let line = named.split('`').next().unwrap_or_default();
            let words =
                line.split_whitespace().take_while(|word| word.chars().all(char::is_lowercase));
            words.take_while(|word| *word != "roof").fold(&command, |command, word| {
                command.find_subcommand(word).unwrap_or_else(|| panic!("{kind:?}: {word}"))
            });
        }
    }
}

#[test]
fn a_hint_names_the_device_and_the_time_from_which_to_try_again() {
    let error = Error::new(ErrorKind::Rejected, "refused").until(Timestamp::UNIX_EPOCH);
    let hint = of(&Err::<(), _>(error).or_about("read", "roof").unwrap_err());
    assert!(hint.starts_with("try again from 19"), "{hint}");
    assert!(hint.contains("`hallpass login roof`"), "{hint}");
}

use super::*;

fn check(text: &str, problem: Option<NameError>) {
    assert_eq!(text.parse::<Name>().err(), problem, "{text:?}");
}

#[test]
fn names_are_short_and_harmless() {
    check("roof", None);
    check("Süd-Dach 2 (Garage)", None);
    check(&"ü".repeat(64), None);
    check("", Some(NameError::Empty));
    check(&"u".repeat(65), Some(NameError::TooLong));
    check("roof\n", Some(NameError::ControlCharacter));
    check("\u{1b}[2J", Some(NameError::ControlCharacter));
    check("--json", Some(NameError::LeadingDash));
}

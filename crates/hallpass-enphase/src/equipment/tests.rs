use super::*;

fn build(firmware: &str) -> Build {
    let firmware = Firmware::parse(firmware).expect("a version");
    Build { firmware, part_number: Some("800-1".to_owned()) }
}

fn contents(families: &[(Family, &[&str])]) -> Contents {
    let mut contents = Contents::default();
    for (family, names) in families {
        contents.add(*family, names.iter().copied(), Vec::<String>::new());
    }
    contents
}

fn check(before: &[(Family, &[&str])], after: &[(Family, &[&str])], expect: &str) {
    let known = Equipment::after(None, build("7.6"), contents(before), Timestamp::UNIX_EPOCH);
    let known = Equipment::after(Some(known), build("8.2"), contents(after), Timestamp::UNIX_EPOCH);
    assert_eq!(known.last_update.expect("an update").to_string(), expect);
    assert_eq!(known.build, build("8.2"));
}

#[test]
fn an_update_tells_what_appeared_and_what_disappeared() {
    use Family::{Inverters, Meters, Tariff};
    check(&[], &[], "firmware 7.6 -> 8.2");
    check(&[(Meters, &["/m"])], &[(Meters, &["/m"])], "firmware 7.6 -> 8.2");
    check(
        &[(Meters, &["/m", "/old"]), (Tariff, &["TARIFF"])],
        &[(Meters, &["/m", "/new"]), (Tariff, &[])],
        "firmware 7.6 -> 8.2; appeared: /new; disappeared: /old, TARIFF",
    );
    // What moves from one family to another was there before and is there now.
    check(
        &[(Meters, &["/m"]), (Inverters, &[])],
        &[(Meters, &[]), (Inverters, &["/m"])],
        "firmware 7.6 -> 8.2",
    );
    // What is not found out is neither.
    check(&[(Meters, &["/m"])], &[(Tariff, &["TARIFF"])], "firmware 7.6 -> 8.2");
}

#[test]
fn what_a_survey_did_not_find_out_stays_known() {
    let known = contents(&[(Family::Meters, &["/m"])]);
    let known = Equipment::after(None, build("7.6"), known, Timestamp::UNIX_EPOCH);
    let seen = contents(&[(Family::Tariff, &["TARIFF"])]);
    assert!(!known.is(&build("7.6"), &seen));
    let known = Equipment::after(Some(known), build("7.6"), seen.clone(), Timestamp::UNIX_EPOCH);
    assert!(known.is(&build("7.6"), &seen));
    assert!(known.is(&build("7.6"), &Contents::default()));
    assert!(!known.is(&build("8.2"), &seen));
    assert_eq!(known.last_update, None);
    let both = contents(&[(Family::Meters, &["/m"]), (Family::Tariff, &["TARIFF"])]);
    assert_eq!(known.contents, both);
}

#[test]
fn another_part_number_is_an_update_too() {
    let other = Build { part_number: Some("800-2".to_owned()), ..build("7.6") };
    let known = Equipment::after(None, build("7.6"), Contents::default(), Timestamp::UNIX_EPOCH);
    let known = Equipment::after(Some(known), other, Contents::default(), Timestamp::UNIX_EPOCH);
    let told = known.last_update.expect("an update").to_string();
    assert_eq!(told, "firmware 7.6 -> 7.6; part number 800-1 -> 800-2");
}

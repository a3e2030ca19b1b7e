use super::*;

const DAY: i64 = 24 * 3600;

fn check(life: Option<i64>, age: i64, expect: Age) {
    let second = |second| Timestamp::from_second(second).unwrap();
    let validity = Validity { issued_at: second(0), expires_at: life.map(second) };
    assert_eq!(validity.at(second(age)), expect, "life {life:?} at {age}");
}

#[test]
fn a_credential_ages_thirty_days_or_a_third_of_its_life_before_its_end() {
    check(Some(365 * DAY), 0, Age::Fresh);
    check(Some(365 * DAY), 335 * DAY, Age::Fresh);
    check(Some(365 * DAY), 335 * DAY + 1, Age::Aging);
    check(Some(365 * DAY), 365 * DAY - 1, Age::Aging);
    check(Some(365 * DAY), 365 * DAY, Age::Expired);
    check(Some(12 * 3600), 8 * 3600, Age::Fresh);
    check(Some(12 * 3600), 8 * 3600 + 1, Age::Aging);
    check(Some(3600), 2400, Age::Fresh);
    check(Some(3600), 2401, Age::Aging);
    check(Some(3599), 3598, Age::Fresh);
    check(Some(900), 899, Age::Fresh);
    check(Some(0), 0, Age::Expired);
    check(Some(-DAY), 0, Age::Expired);
    check(None, 1000 * DAY, Age::Fresh);
}

#[test]
fn a_renewal_is_late_when_half_of_its_window_is_gone() {
    let check = |life: Option<i64>, age: i64, expect| {
        let second = |second| Timestamp::from_second(second).unwrap();
        let validity = Validity { issued_at: second(0), expires_at: life.map(second) };
        assert_eq!(validity.is_renewal_late(second(age)), expect, "life {life:?} at {age}");
    };
    check(Some(365 * DAY), 350 * DAY - 1, false);
    check(Some(365 * DAY), 350 * DAY, true);
    check(Some(12 * 3600), 10 * 3600 - 1, false);
    check(Some(12 * 3600), 10 * 3600, true);
    check(Some(900), 899, false);
    check(None, 1000 * DAY, false);
}

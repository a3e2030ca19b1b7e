use super::*;

const FIRMWARE: Numbers = (7, 6, 175);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn who_has_met_an_outage_asks_for_the_identity_once_a_minute() {
    let check = |requests: &[(i64, &str)], expect: (usize, usize)| {
        let mut presence = Presence::default();
        presence.met(FIRMWARE, at(0));
        requests.iter().for_each(|(second, path)| presence.missed(path, at(*second)));
        assert_eq!((presence.asked.most, presence.strayed), expect, "{requests:?}");
    };
    let home = |second| (second, "/home");
    let info = |second| (second, "/info");
    let shown = [home(10), home(11), info(12)];
    let check = |more: &[(i64, &str)], expect| check(&[&shown, more].concat(), expect);
    check(&[], (0, 0));
    check(&[info(13), info(40)], (0, 0));
    check(&[info(72), info(132)], (1, 0));
    check(&[info(72), info(102)], (2, 0));
    check(&[home(13)], (0, 1));
    check(&[(72, "/info.xml"), home(132)], (1, 1));
}

#[test]
fn an_outage_that_is_over_begins_another_count() {
    let mut presence = Presence::default();
    for start in [0, 600] {
        (0..3).for_each(|request| presence.missed("/info", at(start + request)));
        presence.missed("/info", at(start + 62));
        presence.met(FIRMWARE, at(start + 120));
    }
    assert_eq!((presence.asked.most, presence.strayed), (1, 0));
}

#[test]
fn a_gateway_is_away_when_that_is_known_for_a_minute() {
    let mut presence = Presence::default();
    presence.met(FIRMWARE, at(0));
    presence.turned_away(at(10));
    assert!(!presence.is_away(at(70)) && presence.is_away(at(71)));
    presence.met(FIRMWARE, at(80));
    assert!(!presence.is_away(at(81)));
}

#[test]
fn a_gateway_settles_for_five_minutes_and_for_two_after_an_update() {
    let check = |firmware: Numbers, settled: i64| {
        let mut presence = Presence::default();
        presence.met(FIRMWARE, at(0));
        assert!(!presence.is_settling(at(1)));
        presence.missed("/info", at(10));
        presence.met(firmware, at(100));
        assert!(presence.is_settling(at(99 + settled)), "{firmware:?}");
        assert!(!presence.is_settling(at(100 + settled)), "{firmware:?}");
    };
    check(FIRMWARE, 295);
    check((7, 6, 176), 115);
}

use std::collections::BTreeSet;

use super::*;

#[test]
fn a_substitute_has_the_shape_of_the_original() {
    let check = |kind: Kind, original: &str, number: usize, expect: &str| {
        assert_eq!(substitute(kind, original, number), expect, "{original}");
    };
    use Kind::*;
    check(SerialNumber, "122038015273", 7, "120000000007");
    check(SerialNumber, "482520020939", 12, "480000000012");
    check(SerialNumber, "1234", 1, "1001");
    check(SerialNumber, "envoyserial", 27, "enaaaaaaabb");
    check(HardwareAddress, "00:1D:C0:7F:B6:3B", 1, "00:0A:A0:0A:A0:0B");
    check(IpAddress, "192.168.1.20", 1, "192.168.0.11");
    check(IpAddress, "192.168.1.20", 90, "192.168.1.10");
    check(IpAddress, "10.0.0.138", 3, "10.0.0.103");
    check(IpAddress, "172.20.1.1", 3, "172.20.0.3");
    check(IpAddress, "84.12.7.9", 3, "10.10.0.3");
    check(IpAddress, "203.0.113.9", 3, "240.0.100.3");
    check(IpAddress, "fe80::1:2b", 3, "aa00::0:0d");
    check(EmailAddress, "jane.d@example.org", 1, "aaaa.a@aaaaaaa.aab");
    check(Name, "K\u{fc}che 7", 13, "Aaaab 3");
    check(Place, "-33.86", 2, "-10.02");
    check(Place, "0.127", 2, "0.002");
    check(Account, "1234567", 1, "1000001");
    check(Account, "4c8675", 1, "0a0001");
    check(Account, "7", 12, "21");
}

#[test]
fn as_long_as_there_are_enough_no_two_are_the_same() {
    let check = |kind: Kind, original: &str, many: usize| {
        let made: BTreeSet<_> =
            (1..=many).map(|number| substitute(kind, original, number)).collect();
        assert_eq!(made.len(), many, "{original}");
        let alike = made.iter().filter(|made| made.len() == original.len()).count();
        assert_eq!(alike, many, "{original}");
    };
    check(Kind::SerialNumber, "122038015273", 2000);
    check(Kind::IpAddress, "192.168.10.20", 2000);
    check(Kind::HardwareAddress, "00:1D:C0:7F:B6:3B", 2000);
    check(Kind::Name, "Home", 2000);
}

#[test]
fn where_there_are_not_enough_they_become_longer() {
    let check = |kind: Kind, original: &str| {
        let made: BTreeSet<_> =
            (1..=5000).map(|number| substitute(kind, original, number)).collect();
        assert_eq!(made.len(), 5000, "{original}");
    };
    check(Kind::IpAddress, "192.168.1.2");
    check(Kind::Name, "X");
    check(Kind::SerialNumber, "ab-1");
}

use super::*;

fn heard(addresses: &str) -> Vec<String> {
    let parsed = addresses.split_whitespace().map(|text| (text.parse().unwrap(), None));
    Advert::read(Some("122333444455"), None, parsed).unwrap().addresses
}

#[test]
fn addresses_are_tried_in_the_order_of_their_likelihood() {
    let check = |addresses: &str, expect: &[&str]| assert_eq!(heard(addresses), expect);
    check("192.168.1.20", &["192.168.1.20"]);
    check("fd50::1 192.168.1.20", &["192.168.1.20", "[fd50::1]"]);
    check("2a02::1 fd50::1 10.0.0.9", &["10.0.0.9", "[fd50::1]", "[2a02::1]"]);
    check("192.168.1.20 192.168.1.20", &["192.168.1.20"]);
    check("::ffff:172.16.0.3", &["172.16.0.3"]);
    check("", &[]);
}

#[test]
fn what_leads_elsewhere_is_left_out() {
    let check = |address: &str| assert_eq!(heard(address), [""; 0], "{address}");
    for address in ["169.254.120.1", "169.254.169.254", "0.0.0.0", "255.255.255.255"] {
        check(address);
    }
    for address in ["8.8.8.8", "172.32.0.1", "192.169.0.1", "100.64.0.1", "224.0.0.251"] {
        check(address);
    }
    for address in ["fe80::1", "::", "::ffff:8.8.8.8", "ff02::fb", "64:ff9b::808:808", "fec0::1"] {
        check(address);
    }
}

#[test]
fn a_liar_with_a_thousand_addresses_is_tried_at_a_few() {
    let many =
        (0..1_000_u32).map(|number| (IpAddr::from((0x0a00_0000 + number).to_be_bytes()), None));
    let mut advert = Advert::read(Some("1"), None, many).unwrap();
    assert_eq!(advert.addresses.len(), MOST_ADDRESSES);
    let more = Advert::read(Some("1"), None, [([192, 168, 1, 20].into(), None)]).unwrap();
    advert.add(more);
    assert_eq!(advert.addresses.len(), MOST_ADDRESSES);
}

#[test]
fn a_port_is_written_where_there_is_one() {
    let spots = [([127, 0, 0, 1].into(), Some(8443)), ([127, 0, 0, 1].into(), None)];
    let advert = Advert::read(Some("1"), None, spots).unwrap();
    assert_eq!(advert.addresses, ["127.0.0.1", "127.0.0.1:8443"]);
}

#[test]
fn odd_texts_are_no_gateway() {
    let check = |serial: Option<&str>, expect: bool| {
        assert_eq!(Advert::read(serial, None, []).is_some(), expect, "{serial:?}");
    };
    check(Some("122333444455"), true);
    check(Some("ABC123"), true);
    for odd in ["", "12 34", "12\n34", "\u{1b}[31m", "../x", "１２", &"1".repeat(33)] {
        check(Some(odd), false);
    }
    check(None, false);
    let firmware = |text| Advert::read(Some("1"), Some(text), []).unwrap().firmware;
    assert_eq!(firmware("7.6.175").as_deref(), Some("7.6.175"));
    assert_eq!(firmware("\u{1b}[2J"), None);
}

#[test]
fn two_adverts_of_one_gateway_are_one() {
    let read = |firmware, last| {
        Advert::read(Some("1"), firmware, [([192, 168, 1, last].into(), None)]).unwrap()
    };
    let mut advert = read(Some("7.0.0"), 2);
    advert.add(read(None, 3));
    advert.add(read(Some("7.0.1"), 2));
    assert_eq!(advert.addresses, ["192.168.1.2", "192.168.1.3"]);
    assert_eq!(advert.firmware.as_deref(), Some("7.0.1"));
}

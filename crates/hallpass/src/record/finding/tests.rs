use super::*;

/// What is found in a text, in order, as kind and text.
#[track_caller]
fn check(text: &str, expect: &[(Kind, &str)]) {
    let found = findings(text);
    let found: Vec<_> =
        found.iter().map(|found| (found.kind, &text[found.place.clone()])).collect();
    for pair in expect {
        assert!(found.contains(pair), "{pair:?} is not in {found:?} of {text}");
    }
    for pair in &found {
        assert!(expect.contains(pair), "{pair:?} should not be in {text}");
    }
}

#[test]
fn things_are_known_by_their_looks() {
    use Kind::*;
    check("serial 122012345678.", &[(SerialNumber, "122012345678")]);
    check("122012345678EIM1", &[(SerialNumber, "122012345678")]);
    check("0.122012345678 1220123456789 12201234567", &[]);
    check("000000000000", &[]);
    check("mac 00:1d:C0:7F:b6:3B!", &[(HardwareAddress, "00:1d:C0:7F:b6:3B")]);
    check("00-1D-C0-7F-B6-3B", &[(HardwareAddress, "00-1D-C0-7F-B6-3B")]);
    check("00:00:00:00:00:00 ff:ff:ff:ff:ff:ff", &[]);
    check("at 192.168.1.20.", &[(IpAddress, "192.168.1.20")]);
    check("0.0.0.0 127.0.0.1 255.255.255.0 1.2.3.4.5 D1.2.3.4 001.002.1.7", &[]);
    check("fe80::21d:c0ff:fe7f:b63b", &[(IpAddress, "fe80::21d:c0ff:fe7f:b63b")]);
    check("[2001:db8::1]:443", &[(IpAddress, "2001:db8::1")]);
    check("at fe80::1:2b: up", &[(IpAddress, "fe80::1:2b")]);
    check("max:fe80::1, 2001:db8:7::/48", &[(IpAddress, "fe80::1"), (IpAddress, "2001:db8:7::")]);
    check("::ffff:10.1.2.3", &[(IpAddress, "10.1.2.3")]);
    check(":: ::1 2023-06-29 15:50:12", &[]);
    check("to jane.doe+x@example.org, or", &[(EmailAddress, "jane.doe+x@example.org")]);
    check("j\u{fc}rgen@example.org", &[(EmailAddress, "j\u{fc}rgen@example.org")]);
    check("x eyJhbGciOiJF.eyJzdWIi.c2ln y", &[(Secret, "eyJhbGciOiJF.eyJzdWIi.c2ln")]);
    check("nas.attic.lan envoy.local", &[(HostName, "nas.attic.lan")]);
}

#[test]
fn things_are_known_by_what_stands_before_them() {
    use Kind::*;
    check("<sn> abcd </sn><pn>800</pn>", &[(SerialNumber, "abcd")]);
    check("<p><sn>a1b2</sn></p>", &[(SerialNumber, "a1b2")]);
    check("<net ssid=\"Our house\" mode='x'/>", &[(Name, "Our house")]);
    check("<net ssid='Our house'>", &[(Name, "Our house")]);
    check(r#"{"ssid": "Our house", "lat": 52.37,"#, &[(Name, "Our house"), (Place, "52.37")]);
    check("a?user_id=77&psk=s3", &[(Account, "77"), (Secret, "s3")]);
    check("u='x?serial=abcd1234'", &[(SerialNumber, "abcd1234")]);
    check("<sn></sn> sn= sn:,", &[]);
}

#[test]
fn urls_tell_hosts_and_numbers() {
    use Kind::*;
    check("https://enlighten.enphaseenergy.com/systems/1234567/x?y=1", &[(Account, "1234567")]);
    check("http://attic/a", &[(HostName, "attic")]);
    check("http://www.w3.org/TR/html4/strict.dtd", &[]);
    check("https://envoy.local/home", &[]);
    check("http://10.1.2.3:8080/x", &[(IpAddress, "10.1.2.3")]);
}

use super::*;

#[test]
fn an_authority_is_a_host_and_perhaps_a_port() {
    for (authority, scheme, expect) in [
        ("envoy.local", Scheme::Https, "https://envoy.local"),
        ("127.0.0.1:8443", Scheme::Https, "https://127.0.0.1:8443"),
        ("192.168.1.7:80", Scheme::Http, "http://192.168.1.7"),
        ("[fd50::1]:8443", Scheme::Https, "https://[fd50::1]:8443"),
        ("fd50::1", Scheme::Https, "https://[fd50::1]"),
    ] {
        assert_eq!(Origin::of(scheme, authority).unwrap().to_string(), expect);
    }
}

#[test]
fn what_names_more_or_less_than_a_host_is_refused() {
    for bad in ["", "a b", "host/path", "user@host", "host:99999", "host?x", "h:1:2", "host#f"] {
        assert!(Origin::of(Scheme::Https, bad).is_err(), "{bad}");
    }
    for bad in ["ftp://host", "host", "https://", "https://host/path"] {
        assert!(bad.parse::<Origin>().is_err(), "{bad}");
    }
}

#[test]
fn loopback_is_this_machine() {
    for (url, expect) in [
        ("http://127.0.0.1:1", true),
        ("http://[::1]:1", true),
        ("http://localhost", true),
        ("http://10.0.0.1", false),
        ("http://localhost.example", false),
    ] {
        assert_eq!(url.parse::<Origin>().unwrap().is_loopback(), expect, "{url}");
    }
}

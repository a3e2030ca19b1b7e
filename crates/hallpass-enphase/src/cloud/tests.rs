use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::*;

/// An answer of a cloud.
pub(super) fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let header = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    Reply {
        status: StatusCode::from_u16(status).unwrap(),
        headers: headers.iter().map(header).collect::<HeaderMap>(),
        body: body.to_owned().into(),
        key: None,
        took: Duration::ZERO,
    }
}

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn the_cloud_s_patience_is_seconds_or_a_date_or_a_quarter_of_an_hour() {
    let check = |headers: &[(&'static str, &str)], now, expect| {
        assert_eq!(retry_at(&reply(429, headers, ""), at(now)), at(expect), "{headers:?}");
    };
    check(&[("retry-after", "120")], 0, 120);
    check(&[("retry-after", "Thu, 01 Jan 1970 01:00:00 GMT")], 0, 3600);
    check(&[("retry-after", "Thu, 01 Jan 1970 00:00:01 GMT")], 100, 100);
    check(&[("retry-after", "soon")], 0, 900);
    check(&[("retry-after", "-5")], 0, 900);
    check(&[], 0, 900);
    check(&[("retry-after", "4000000000")], 0, 86_400);
}

#[test]
fn the_built_in_key_and_addresses_are_usable() {
    let clouds = Clouds::public(Arc::new(hallpass_transport::TcpConnector)).unwrap();
    assert_eq!(clouds.enlighten.to_string(), ENLIGHTEN_URL);
    assert_eq!(clouds.entrez.to_string(), ENTREZ_URL);
    assert_eq!(clouds.keys.len(), 1);
}

use hallpass_store::Kind;
use jiff::Timestamp;

use super::*;

const KEY: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000007";

/// Whether whoever shows this has the first key of a gateway that is known by `pin`.
fn check(pin: Pin, serial_number: &str, firmware: &str, key: Option<&str>, expect: bool) {
    let (name, now) = ("gateway".parse().unwrap(), Timestamp::UNIX_EPOCH);
    let device = Device::new(name, Kind::Enphase, "122300000001", "192.0.2.1", pin, now);
    let info = format!(
        "<envoy_info><device><sn>{serial_number}</sn><software>{firmware}</software></device>\
         </envoy_info>"
    );
    let info = Info::parse(info.as_bytes()).unwrap();
    let key = key.map(|key| key.parse().unwrap());
    let first = first_key(&device, &info, key);
    assert_eq!(first, key.filter(|_| expect), "{serial_number} {firmware}");
}

#[test]
fn a_first_key_is_of_the_same_gateway_and_of_a_firmware_with_tokens() {
    let known = || Pin::PublicKey { sha256: "7".repeat(64) };
    check(Pin::SerialNumber, "122300000001", "D7.6.175", Some(KEY), true);
    check(Pin::SerialNumber, "122300000001", "D7.6.175", None, false);
    check(Pin::SerialNumber, "122300000002", "D7.6.175", Some(KEY), false);
    check(Pin::SerialNumber, "122300000001", "D5.0.62", Some(KEY), false);
    check(known(), "122300000001", "D7.6.175", Some(KEY), false);
}

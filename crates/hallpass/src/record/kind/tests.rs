use super::*;

#[test]
fn a_label_tells_what_a_value_is() {
    let check = |key: &str, value: &str, expect: Option<Kind>| {
        assert_eq!(Kind::of(&Label { key, within: "" }, value), expect, "{key}: {value}");
    };
    check("sn", "122012345678", Some(Kind::SerialNumber));
    check("serial_num", "abcd", Some(Kind::SerialNumber));
    check("serialNumber", "1234", Some(Kind::SerialNumber));
    check("deviceSerial", "1220123456AB", Some(Kind::SerialNumber));
    check("serial_num", "unknown", None);
    check("sn", "000000000000", None);
    check("sn", "", None);
    check("sn", "122012345678EIM1", None);
    check("api_ecagtDevIdToSerial", "52526", None);
    check("serial_status", "responding", None);
    check("mac", "001dc07fb63b", Some(Kind::HardwareAddress));
    check("zigbee_id", "0013A20012345678", Some(Kind::HardwareAddress));
    check("mac", "none", None);
    check("zb_fw_version", "100B", None);
    check("ssid", "Our house", Some(Kind::Name));
    check("load_name", "NC1", Some(Kind::Name));
    check("dry_contact_load_name", "Sauna", Some(Kind::Name));
    check("generator_id", "6f1c2a90", Some(Kind::Account));
    check("owner", "1", None);
    check("ssid", "none", None);
    check("euaid", "4c8675", Some(Kind::Account));
    check("site_id", "1234567", Some(Kind::Account));
    check("euaid", "000000", None);
    check("latitude", "-33.86", Some(Kind::Place));
    check("lon", "0.0", None);
    check("hostname", "envoy.local", None);
    check("hostname", "attic", Some(Kind::HostName));
    check("password", "x", Some(Kind::Secret));
    check("web-tokens", "true", None);
    check("eid", "704643328", None);
    check("timezone", "Europe/Amsterdam", None);
    check("name", "rootfs", None);
}

#[test]
fn parts_of_a_tariff_keep_the_names_that_the_gateway_gives() {
    let check = |within: &str, key: &str, value: &str, expect: Option<Kind>| {
        assert_eq!(Kind::of(&Label { key, within }, value), expect, "{within}.{key}: {value}");
    };
    check("seasons", "id", "summer", None);
    check("periods", "id", "period_2", None);
    check("days", "id", "all_days", None);
    check("days", "id", "weekdays", None);
    check("seasons", "id", "Jane's plan", Some(Kind::Name));
    check("tariff", "logger", "mylogger", None);
    check("tariff", "logger", "jane", Some(Kind::Name));
    check("dry_contacts", "id", "NC1", None);
}

#[test]
fn only_what_is_unlike_a_common_word_tells_something_everywhere() {
    let check = |kind: Kind, value: &str, expect: bool| {
        assert_eq!(kind.is_telling(value), expect, "{value}");
    };
    check(Kind::SerialNumber, "122012345678", true);
    check(Kind::SerialNumber, "1234", false);
    check(Kind::SerialNumber, "abcdef", false);
    check(Kind::HardwareAddress, "decade", false);
    check(Kind::Name, "enabled", false);
    check(Kind::Name, "time_of_use", false);
    check(Kind::Name, "NC1", false);
    check(Kind::Name, "FRITZ!Box 7590", true);
    check(Kind::Account, "1234567", true);
    check(Kind::Place, "52.3702", false);
    check(Kind::Secret, "hunter2", false);
}

use hallpass_credential::store::Records;
use hallpass_store::{Device, Directory, Kind, Pin};
use jiff::Timestamp;

use super::{Target, known};
use crate::exit::Exit;

async fn devices() -> Directory {
    let devices = Directory::new(Records::in_memory());
    let name = "roof".parse().unwrap();
    let at = Timestamp::UNIX_EPOCH;
    let device =
        Device::new(name, Kind::Enphase, "122100001613", "10.0.0.9", Pin::SerialNumber, at);
    devices.enrol(device).await.unwrap();
    devices
}

#[tokio::test]
async fn a_device_is_found_by_name_serial_number_and_address() {
    let devices = devices().await;
    for typed in ["roof", "122100001613", "10.0.0.9"] {
        let found = Target::find(&devices, typed).await.unwrap();
        assert!(matches!(found, Target::Known(_)), "{typed}: {found:?}");
        assert_eq!(known(&devices, typed).await.unwrap().name().as_str(), "roof");
    }
}

#[tokio::test]
async fn anything_else_is_an_address_or_a_mistake() {
    let devices = devices().await;
    for typed in ["envoy.local", "10.0.0.9:8443", "fe80::1", "[::1]:80", "cellar"] {
        let found = Target::find(&devices, typed).await.unwrap();
        assert!(matches!(&found, Target::Address(address) if address == typed), "{found:?}");
    }
    for (typed, expect) in [
        ("122100009999", Exit::NeedsLogin),
        ("https://10.0.0.9/", Exit::Usage),
        ("two words", Exit::Usage),
        ("10.0.0.9:port", Exit::Usage),
    ] {
        let error = Target::find(&devices, typed).await.unwrap_err();
        assert_eq!(Exit::of(&error), expect, "{typed}");
    }
    let error = known(&devices, "cellar").await.unwrap_err();
    assert_eq!(Exit::of(&error), Exit::NeedsLogin);
}

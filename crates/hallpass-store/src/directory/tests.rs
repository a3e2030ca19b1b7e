use jiff::Timestamp;

use super::*;
use crate::{Kind, Pin, Suspension};

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn device(name_text: &str, serial_number: &str, address: &str) -> Device {
    let (kind, pin) = (Kind::Enphase, Pin::SerialNumber);
    Device::new(name(name_text), kind, serial_number, address, pin, Timestamp::UNIX_EPOCH)
}

async fn directory(devices: impl IntoIterator<Item = Device>) -> Directory {
    let directory = Directory::new(Records::in_memory());
    for device in devices {
        directory.enrol(device).await.expect("an enrolment");
    }
    directory
}

#[tokio::test]
async fn a_device_is_found_by_name_then_serial_number_then_address() {
    let directory = directory([
        device("roof", "1", "envoy.local"),
        device("1", "2", "10.0.0.2"),
        device("barn", "3", "2"),
        device("shed", "4", "10.0.0.4"),
        device("lake", "5", "10.0.0.4"),
    ])
    .await;
    let check = async |text: &str, serial_number: Option<&str>| {
        let found = directory.find(text).await.expect("no doubt");
        assert_eq!(found.as_ref().map(Device::serial_number), serial_number, "{text}");
    };
    check("roof", Some("1")).await;
    check("1", Some("2")).await;
    check("2", Some("2")).await;
    check("3", Some("3")).await;
    check("envoy.local", Some("1")).await;
    check("Roof", None).await;
    check("10.0.0", None).await;
    check("", None).await;
    let error = directory.find("10.0.0.4").await.expect_err("two devices");
    assert_eq!(error.to_string(), "10.0.0.4 may mean device 5 or 4");
}

#[tokio::test]
async fn a_name_belongs_to_one_device() {
    let directory = directory([device("roof", "1", "a"), device("barn", "2", "b")]).await;
    let taken = directory.enrol(device("roof", "3", "c")).await;
    assert!(
        matches!(taken, Err(DirectoryError::NameTaken { serial_number, .. }) if serial_number == "1")
    );
    let taken = directory.rename("2", name("roof")).await;
    assert!(matches!(taken, Err(DirectoryError::NameTaken { .. })));
    directory.rename("1", name("roof")).await.expect("its own name");
    directory.rename("1", name("attic")).await.expect("a new name");
    directory.rename("2", name("roof")).await.expect("a name that is free again");
    let names: Vec<_> =
        directory.all().await.expect("devices").into_iter().map(|device| device.name).collect();
    assert_eq!(names, [name("attic"), name("roof")]);
}

#[tokio::test]
async fn enrolling_again_keeps_pin_suspension_and_first_day() {
    let directory = directory([device("roof", "1", "a")]).await;
    let suspension = Suspension {
        since: Timestamp::UNIX_EPOCH,
        reason: "another certificate".to_owned(),
        presented: None,
    };
    let kept = suspension.clone();
    directory.update("1", |device| device.suspension = Some(suspension)).await.expect("a device");

    let mut again = device("attic", "1", "b");
    again.enrolled_at = Timestamp::MAX;
    let enrolled = directory.enrol(again.clone()).await.expect("the same pin");
    assert_eq!(enrolled.enrolled_at, Timestamp::UNIX_EPOCH);
    assert_eq!(enrolled.suspension, Some(kept));
    assert_eq!((enrolled.name().as_str(), enrolled.address.as_str()), ("attic", "b"));

    // A serial number alone is no pin that a first key would replace.
    again.pin = Pin::PublicKey { sha256: "00".repeat(32) };
    let enrolled = directory.enrol(again.clone()).await.expect("a first key");
    assert_eq!(enrolled.pin, again.pin);
    for other in [Pin::PublicKey { sha256: "11".repeat(32) }, Pin::SerialNumber] {
        again.pin = other;
        let refused = directory.enrol(again.clone()).await;
        assert!(matches!(refused, Err(DirectoryError::OtherPin { .. })));
    }
    assert_eq!(directory.find("1").await.expect("a device"), Some(enrolled));
}

#[tokio::test]
async fn a_forgotten_device_is_gone() {
    let directory = directory([device("roof", "1", "a")]).await;
    directory.forget("1").await.expect("forgotten");
    directory.forget("1").await.expect("forgotten already");
    assert_eq!(directory.find("roof").await.expect("a search"), None);
    let update = directory.update("1", |_| {}).await;
    assert!(matches!(update, Err(DirectoryError::NotEnrolled { .. })));
}

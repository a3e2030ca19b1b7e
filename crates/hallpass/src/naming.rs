//! What devices are called.

use anyhow::{Context as _, Result};
use hallpass_store::{Device, Directory, Name};

/// What to call a device that is met.
#[derive(Debug, Clone)]
pub(crate) enum Naming {
    /// As the person typed.
    Typed(Name),
    /// As it is called already, or else a name that is easy to remember.
    Friendly,
    /// As it is called already, or else its serial number.
    SerialNumber,
}

impl Naming {
    /// The name of the device with this serial number, of which `known` is kept.
    pub(crate) async fn name(
        &self,
        devices: &Directory,
        known: Option<&Device>,
        serial_number: &str,
    ) -> Result<Name> {
        let given = known.map(Device::name).filter(|name| name.as_str() != serial_number);
        match (self, given) {
            (Self::Typed(name), _) => Ok(name.clone()),
            (_, Some(given)) => Ok(given.clone()),
            (Self::Friendly, None) => friendly_name(devices, serial_number).await,
            (Self::SerialNumber, None) => {
                serial_number.parse().context("the serial number is no name")
            }
        }
    }
}

/// `gateway`; where another device has that name, `gateway-` and the end of the serial number.
async fn friendly_name(devices: &Directory, serial_number: &str) -> Result<Name> {
    let devices = devices.all().await?;
    let is_taken = |name: &Name| {
        devices
            .iter()
            .any(|device| device.name() == name && device.serial_number() != serial_number)
    };
    let from = serial_number.char_indices().rev().nth(3).map_or(0, |(index, _)| index);
    let names = [
        USUAL_NAME.to_owned(),
        format!("{USUAL_NAME}-{}", &serial_number[from..]),
        format!("{USUAL_NAME}-{serial_number}"),
    ];
    let free = names.iter().filter_map(|name| name.parse().ok()).find(|name| !is_taken(name));
    free.context("the serial number is no part of a name")
}

const USUAL_NAME: &str = "gateway";

#[cfg(test)]
mod tests {
    use hallpass_credential::store::Records;
    use hallpass_store::{Kind, Pin};
    use jiff::Timestamp;

    use super::*;

    async fn enrol(devices: &Directory, name: &str, serial_number: &str) -> Device {
        let (name, at) = (name.parse().unwrap(), Timestamp::UNIX_EPOCH);
        let pin = Pin::SerialNumber;
        let device = Device::new(name, Kind::Enphase, serial_number, serial_number, pin, at);
        devices.enrol(device).await.unwrap()
    }

    #[tokio::test]
    async fn a_name_that_was_given_stays_and_others_are_easy_to_remember() {
        let devices = Directory::new(Records::in_memory());
        let check = async |naming: Naming, known: Option<&Device>, number: &str, expect: &str| {
            let name = naming.name(&devices, known, number).await.unwrap();
            assert_eq!(name.as_str(), expect, "{naming:?} {known:?}");
        };
        let typed = || Naming::Typed("barn".parse().unwrap());
        check(Naming::Friendly, None, "122100001613", "gateway").await;
        check(Naming::SerialNumber, None, "122100001613", "122100001613").await;
        check(typed(), None, "122100001613", "barn").await;

        let roof = enrol(&devices, "roof", "1").await;
        check(Naming::Friendly, Some(&roof), "1", "roof").await;
        check(Naming::SerialNumber, Some(&roof), "1", "roof").await;
        check(typed(), Some(&roof), "1", "barn").await;

        let unnamed = enrol(&devices, "2", "2").await;
        check(Naming::Friendly, Some(&unnamed), "2", "gateway").await;
        enrol(&devices, "gateway", "3").await;
        check(Naming::Friendly, None, "122100001613", "gateway-1613").await;
        enrol(&devices, "gateway-1613", "4").await;
        check(Naming::Friendly, None, "122100001613", "gateway-122100001613").await;
    }
}

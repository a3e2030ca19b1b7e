//! The enrolled devices, found the way people name them.

use std::{error, fmt};

use hallpass_credential::store::{Records, Revise, StoreError};

use crate::{Device, Name, Pin};

/// The enrolled devices.
#[derive(Debug, Clone)]
pub struct Directory {
    records: Records,
}

impl Directory {
    /// The devices that `records` keeps.
    pub fn new(records: Records) -> Self {
        Self { records }
    }

    /// Every device, sorted by name.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn all(&self) -> Result<Vec<Device>, DirectoryError> {
        let mut devices = Vec::new();
        for serial_number in self.records.names::<Device>().await? {
            // Another process may have forgotten it since.
            devices.extend(self.records.load::<Device>(&serial_number).await?);
        }
        devices.sort_by(|one, other| one.name().cmp(other.name()));
        Ok(devices)
    }

    /// The device with this name; else with this serial number; else at this address.
    ///
    /// # Errors
    /// [`DirectoryError::Ambiguous`], [`DirectoryError::Store`].
    pub async fn find(&self, text: &str) -> Result<Option<Device>, DirectoryError> {
        find(self.all().await?, text)
    }

    /// Enrols a device, or takes in what is new about one, and returns it as it is kept now.
    ///
    /// Enrolling again renames, and never lifts a pin or a suspension. Two processes that enrol
    /// two devices under one name at the same moment may both succeed; [`find`](Self::find) then
    /// says so.
    ///
    /// # Errors
    /// [`DirectoryError::NameTaken`], [`DirectoryError::OtherPin`], [`DirectoryError::Store`].
    pub async fn enrol(&self, device: Device) -> Result<Device, DirectoryError> {
        self.require_free(device.name(), device.serial_number()).await?;
        let serial_number = device.serial_number().to_owned();
        let enrol = |old: Option<Device>| {
            let enrolled = match old {
                Some(old) => renew(old, device),
                None => Ok(device),
            };
            match enrolled {
                Ok(device) => (Revise::Put(device.clone()), Ok(device)),
                Err(error) => (Revise::Keep, Err(error)),
            }
        };
        self.records.update(&serial_number, enrol).await?
    }

    /// Gives a device another name.
    ///
    /// # Errors
    /// [`DirectoryError::NotEnrolled`], [`DirectoryError::NameTaken`], [`DirectoryError::Store`].
    pub async fn rename(&self, serial_number: &str, name: Name) -> Result<Device, DirectoryError> {
        self.require_free(&name, serial_number).await?;
        self.update(serial_number, |device| device.name = name).await
    }

    /// Changes what is kept of a device, and returns it as it is kept now.
    ///
    /// # Errors
    /// [`DirectoryError::NotEnrolled`], [`DirectoryError::Store`].
    pub async fn update(
        &self,
        serial_number: &str,
        change: impl FnOnce(&mut Device) + Send + 'static,
    ) -> Result<Device, DirectoryError> {
        let update = |old: Option<Device>| match old {
            Some(mut device) => {
                change(&mut device);
                (Revise::Put(device.clone()), Some(device))
            }
            None => (Revise::Keep, None),
        };
        let updated = self.records.update(serial_number, update).await?;
        updated.ok_or_else(|| DirectoryError::NotEnrolled { serial_number: serial_number.into() })
    }

    /// Forgets a device, if it is enrolled. Its credentials are records of their own and stay.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn forget(&self, serial_number: &str) -> Result<(), DirectoryError> {
        Ok(self.records.remove::<Device>(serial_number).await?)
    }

    async fn require_free(&self, name: &Name, serial_number: &str) -> Result<(), DirectoryError> {
        let devices = self.all().await?;
        let holder = devices
            .iter()
            .find(|device| device.name() == name && device.serial_number() != serial_number);
        holder.map_or(Ok(()), |holder| {
            let serial_number = holder.serial_number().to_owned();
            Err(DirectoryError::NameTaken { name: name.clone(), serial_number })
        })
    }
}

/// The one device of `devices` that `text` means.
fn find(devices: Vec<Device>, text: &str) -> Result<Option<Device>, DirectoryError> {
    let meanings: [fn(&Device) -> &str; 3] =
        [|device| device.name().as_str(), Device::serial_number, |device| &device.address];
    for meaning in meanings {
        let mut matches = devices.iter().filter(|device| meaning(device) == text);
        match (matches.next(), matches.next()) {
            (None, _) => {}
            (Some(device), None) => return Ok(Some(device.clone())),
            (Some(one), Some(other)) => {
                let serial_numbers = [one, other].map(|device| device.serial_number().to_owned());
                return Err(DirectoryError::Ambiguous { text: text.to_owned(), serial_numbers });
            }
        }
    }
    Ok(None)
}

/// What is kept of `old` when `new` is enrolled in its place. A serial number alone is no pin that
/// a first key would replace.
fn renew(old: Device, mut new: Device) -> Result<Device, DirectoryError> {
    let is_first_key = old.pin == Pin::SerialNumber;
    if new.pin != old.pin && !is_first_key {
        return Err(DirectoryError::OtherPin { name: old.name });
    }
    if new.pin != old.pin {
        // That was a user of the gateway itself, which takes tokens now.
        new.account = None;
    }
    new.trusts_first_key |= old.trusts_first_key;
    new.enrolled_at = old.enrolled_at;
    new.suspension = old.suspension.or(new.suspension);
    Ok(new)
}

/// Why a device was not found or not changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DirectoryError {
    /// No device has this serial number.
    NotEnrolled {
        /// The serial number asked for.
        serial_number: String,
    },
    /// Another device has this name.
    NameTaken {
        /// The name asked for.
        name: Name,
        /// The device that has it.
        serial_number: String,
    },
    /// Several devices could be meant.
    Ambiguous {
        /// What the person said.
        text: String,
        /// Two of the devices.
        serial_numbers: [String; 2],
    },
    /// The device is enrolled with another pin: only a person may replace it.
    OtherPin {
        /// The name of the device.
        name: Name,
    },
    /// The store failed.
    Store(StoreError),
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEnrolled { serial_number } => {
                write!(f, "no device with serial number {serial_number} is enrolled")
            }
            Self::NameTaken { name, serial_number } => {
                write!(f, "the name {name} belongs to device {serial_number}")
            }
            Self::Ambiguous { text, serial_numbers: [one, other] } => {
                write!(f, "{text} may mean device {one} or {other}")
            }
            Self::OtherPin { name } => write!(f, "{name} is enrolled with another pin"),
            Self::Store(_) => f.write_str("the enrolled devices cannot be used"),
        }
    }
}

impl error::Error for DirectoryError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<StoreError> for DirectoryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests;

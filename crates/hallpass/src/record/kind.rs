//! What may tell whose gateway it is, by the names under which gateways and their pages show it.

use serde::Serialize;

/// A kind of text that is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    SerialNumber,
    /// MAC addresses, and what Zigbee has like them.
    HardwareAddress,
    IpAddress,
    EmailAddress,
    HostName,
    /// Of people, streets, networks, loads, tariffs: what a person has typed.
    Name,
    /// The numbers of sites, systems, accounts and telephones.
    Account,
    /// Where it stands.
    Place,
    /// Passwords, tokens and sessions.
    Secret,
}

impl Kind {
    /// What a value with this label is, unless it is harmless.
    pub(super) fn of(label: &Label<'_>, value: &str) -> Option<Self> {
        Self::of_label(label).filter(|kind| kind.admits(label, value))
    }

    /// What values with this label are.
    pub(super) fn of_label(label: &Label<'_>) -> Option<Self> {
        let word = plain(label.key);
        Self::of_word(&word).or_else(|| of_tariff(label, &word))
    }

    /// So many of it, in words.
    pub(crate) fn counted(self, count: usize) -> String {
        let noun = self.noun();
        let ending = match count {
            1 => "",
            _ if noun.ends_with('s') => "es",
            _ => "s",
        };
        format!("{count} {noun}{ending}")
    }

    fn noun(self) -> &'static str {
        match self {
            Self::SerialNumber => "serial number",
            Self::HardwareAddress => "hardware address",
            Self::IpAddress => "IP address",
            Self::EmailAddress => "e-mail address",
            Self::HostName => "host name",
            Self::Name => "name",
            Self::Account => "account number",
            Self::Place => "place",
            Self::Secret => "secret",
        }
    }

    /// Whether it may be the key of an object. What a person has called something may be the name
    /// of a key, too, and mean something else.
    pub(super) fn may_be_key(self) -> bool {
        matches!(
            self,
            Self::SerialNumber | Self::HardwareAddress | Self::IpAddress | Self::EmailAddress
        )
    }

    /// Whether `value` stands for something wherever it occurs, and not only where a label says so:
    /// it is no word or small number that may mean something else, such as a network called `home`.
    pub(super) fn is_telling(self, value: &str) -> bool {
        let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
        match self {
            Self::IpAddress | Self::EmailAddress => true,
            Self::SerialNumber | Self::HardwareAddress | Self::Account => {
                value.len() >= 6 && has_digit
            }
            Self::Secret => value.len() >= 8,
            Self::HostName | Self::Name => {
                value.len() >= 6 && !value.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
            }
            Self::Place => false,
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "sn" | "esn" => Self::SerialNumber,
            _ if word.contains("serial") => Self::SerialNumber,
            "mac" | "macaddr" | "macaddress" | "hwaddr" | "bssid" | "eui" | "eui64" | "extaddr"
            | "panid" | "extpanid" | "zbid" | "zigbeeid" | "zigbeeaddr" | "zigbeeaddress" => {
                Self::HardwareAddress
            }
            "host" | "hostname" | "fqdn" | "domain" | "domainname" => Self::HostName,
            "euaid" | "siteid" | "systemid" | "accountid" | "userid" | "companyid" | "ownerid"
            | "customerid" | "installerid" | "partnerid" | "envoyid" | "gatewayid"
            | "generatorid" | "imei" | "imsi" | "iccid" | "msisdn" | "phone" | "phonenumber" => {
                Self::Account
            }
            // `/ivp/livedata/status` calls it `dry_contact_load_name`.
            _ if word.ends_with("loadname") => Self::Name,
            "ssid" | "essid" | "sitename" | "systemname" | "tariffname" | "planname"
            | "utilityname" | "username" | "user" | "login" | "email" | "firstname"
            | "lastname" | "fullname" | "owner" | "customer" | "contact" | "company"
            | "address" | "street" | "city" => Self::Name,
            "lat" | "latitude" | "lon" | "lng" | "longitude" | "zip" | "zipcode" | "postalcode" => {
                Self::Place
            }
            "password" | "passwd" | "pass" | "psk" | "passphrase" | "wpakey" | "token"
            | "accesstoken" | "bearer" | "authorization" | "cookie" | "session" | "sessionid"
            | "secret" | "privatekey" => Self::Secret,
            _ => return None,
        })
    }

    /// Whether `value` can be of this kind. What is empty, zero or a word of the gateway's own
    /// tells nothing.
    pub(super) fn admits(self, label: &Label<'_>, value: &str) -> bool {
        let is_number = value.parse::<f64>().is_ok();
        match self {
            // Gateways count things under names such as `DevIdToSerial`, too.
            Self::SerialNumber if !SERIAL_NUMBER.contains(&&*plain(label.key)) => {
                value.len() >= 8 && value.bytes().any(|b| matches!(b, b'1'..=b'9'))
            }
            // A meter's is that of its gateway with more behind it.
            Self::SerialNumber => {
                value.len() >= 4 && is_filled(value) && !is_harmless(value) && !has_more(value)
            }
            Self::HardwareAddress => {
                let is_digits =
                    value.bytes().all(|b| b.is_ascii_hexdigit() || b":-.xX".contains(&b));
                value.len() >= 4 && is_digits && is_filled(value)
            }
            Self::Name | Self::HostName if is_number => false,
            _ => is_filled(value) && !is_harmless(value),
        }
    }
}

/// What a value is called where it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Label<'a> {
    pub(super) key: &'a str,
    /// What the object is called in which the key stands.
    pub(super) within: &'a str,
}

/// Parts of a tariff bear names that a person may have given.
fn of_tariff(label: &Label<'_>, word: &str) -> Option<Kind> {
    let is_part = TARIFF_PARTS.contains(&&*plain(label.within));
    let is_name = matches!(word, "id" | "name" | "label" | "description" | "logger");
    (is_part && is_name).then_some(Kind::Name)
}

/// A key without what spellings differ in: `serial_num`, `serialNum`, `serial-num`.
fn plain(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether there is something in it besides zeros and punctuation.
fn is_filled(value: &str) -> bool {
    value.chars().any(|c| c.is_alphanumeric() && c != '0')
}

/// Whether it is a number of twelve digits with something before or behind it.
fn has_more(value: &str) -> bool {
    let mut numbers = value.split(|c: char| !c.is_ascii_digit());
    value.len() > 12 && numbers.any(|number| number.len() == 12)
}

/// Whether it is made of nothing but words that the gateway itself gives to things.
fn is_harmless(value: &str) -> bool {
    let mut words = value.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.clone().next().is_some()
        && words.all(|word| HARMLESS.contains(&&*word.to_ascii_lowercase()))
}

/// Labels whose values are serial numbers, whatever they look like.
const SERIAL_NUMBER: &[&str] =
    &["sn", "esn", "serial", "serialnum", "serialnums", "serialnumber", "pvserialnb"];

const TARIFF_PARTS: &[&str] =
    &["tariff", "seasons", "seasonssell", "days", "periods", "tiers", "schedule", "default"];

#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    "a", "all", "always", "autumn", "com", "day", "days", "default", "enphase", "enphaseenergy", "envoy",
    "fall", "false", "filler", "friday", "local", "localhost", "long", "mid", "monday", "mylogger", "n",
    "night", "no", "none", "normal", "null", "off", "on", "part", "peak", "period", "saturday", "season",
    "shoulder", "spring", "summer", "sunday", "super", "thursday", "tier", "true", "tuesday", "unknown",
    "wednesday", "week", "weekday", "weekdays", "weekend", "weekends", "winter", "year", "yes",
];

#[cfg(test)]
mod tests;

//! What a gateway says of itself by mDNS, and which of its addresses are worth a try.
//!
//! ```text
//! envoy._enphase-envoy._tcp.local.   SRV 80 envoy.local.
//!                                    TXT protovers=7.6.175 serialnum=122333444455 txtvers=1
//! ```
//! (Field reports of 2020; later firmware is taken to say the same.) The name of the instance is no
//! identity: two gateways swap `envoy` and `envoy-2`, and one comes back under a new name. The port
//! is that of http on every firmware, also where only https is spoken, so it is not used.

use std::net::IpAddr;

/// A gateway as it makes itself known. Anybody can say so: nothing of it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advert {
    /// Whose it is: letters and digits.
    pub serial_number: String,
    /// Which firmware it has, where it says so.
    pub firmware: Option<String>,
    /// Where it can be tried, each a `HOST[:PORT]`, the likeliest first.
    pub addresses: Vec<String>,
}

impl Advert {
    /// The advert of these texts and of addresses with their ports, none for the usual one; none
    /// for what is no gateway's.
    pub(crate) fn read(
        serial_number: Option<&str>,
        firmware: Option<&str>,
        heard: impl IntoIterator<Item = (IpAddr, Option<u16>)>,
    ) -> Option<Self> {
        let serial_number = serial_number.filter(|text| is_word(text, ""))?.to_owned();
        let firmware = firmware.filter(|text| is_word(text, ".-")).map(str::to_owned);
        Some(Self { serial_number, firmware, addresses: addresses(heard) })
    }

    /// Takes in what another advert of the same gateway says.
    pub(crate) fn add(&mut self, other: Self) {
        self.firmware = other.firmware.or_else(|| self.firmware.take());
        for address in other.addresses {
            if !self.addresses.contains(&address) {
                self.addresses.push(address);
            }
        }
        self.addresses.truncate(MOST_ADDRESSES);
    }
}

/// The addresses worth a try, the likeliest first: IPv4, since every gateway has one and each of its
/// firmware answers there; then IPv6.
fn addresses(heard: impl IntoIterator<Item = (IpAddr, Option<u16>)>) -> Vec<String> {
    let mut usable: Vec<_> = heard
        .into_iter()
        .map(|(address, port)| (address.to_canonical(), port))
        .filter_map(|(address, port)| Some((rank(address)?, address, port)))
        .collect();
    usable.sort_unstable();
    usable.dedup();
    usable.truncate(MOST_ADDRESSES);
    usable.into_iter().map(|(_, address, port)| written(address, port)).collect()
}

/// Its place in the order; none for an address that is never tried: a name of the network cannot
/// lead us off it (T9), 169.254 is what a gateway without DHCP falls back to on a port that nobody
/// uses, and fe80 means nothing without the interface.
///
/// A global IPv6 address is not told from one elsewhere by looking at it. It is tried last: all that
/// is sent there before the key is proven is a TLS greeting.
fn rank(address: IpAddr) -> Option<u8> {
    match address {
        IpAddr::V4(address) if address.is_private() || address.is_loopback() => Some(0),
        IpAddr::V6(address) if address.is_unique_local() => Some(1),
        IpAddr::V6(address) if address.segments()[0] & 0xe000 == 0x2000 => Some(2),
        _ => None,
    }
}

fn written(address: IpAddr, port: Option<u16>) -> String {
    let host = match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    match port {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

/// Letters, digits and `also`: what can be printed, stored and compared without a second thought.
fn is_word(text: &str, also: &str) -> bool {
    let fits = (1..=LONGEST).contains(&text.len());
    fits && text.chars().all(|char| char.is_ascii_alphanumeric() || also.contains(char))
}

/// A gateway has one address an interface and family, four in all; a liar has any number.
pub(crate) const MOST_ADDRESSES: usize = 8;

/// Of a serial number (12 digits as of 2026) or a firmware.
const LONGEST: usize = 32;

#[cfg(test)]
mod tests;

//! How the gateway is connected.

use serde::Serialize;

use super::{Missing, UnixTime};
use crate::wire::Object;

/// The interface by which the gateway is on the network. Source: `/home`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NetworkInterface {
    /// Such as `eth0` or `wlan0`. Source: `network.primary_interface`.
    pub primary_interface: String,
    /// `ethernet`, `wifi`, `cellular`; `unknown` where it does not say. Source: `type`.
    pub interface_type: String,
    /// `unknown` where it does not say. Source: `mac`.
    pub mac: String,
    /// Whether its address is given by the network. Source: `dhcp`.
    pub dhcp: bool,
    /// When the firmware was built; 0 where it does not say. Source: `software_build_epoch`.
    pub software_build_epoch: UnixTime,
    /// Such as `Europe/Amsterdam`; `unknown` where it does not say. Source: `timezone`.
    pub timezone: String,
}

impl TryFrom<Object<'_>> for NetworkInterface {
    type Error = Missing;

    fn try_from(home: Object<'_>) -> Result<Self, Missing> {
        let network = home.object("network")?;
        let primary_interface = network.text("primary_interface")?;
        let interfaces = network.objects("interfaces")?;
        let is_primary = |interface: &&Object<'_>| interface.says("interface", &primary_interface);
        let interface = interfaces.iter().find(is_primary).ok_or(Missing("interfaces"))?;
        Ok(Self {
            interface_type: or_unknown(interface.text("type")),
            mac: or_unknown(interface.text("mac")),
            dhcp: interface.flag("dhcp").unwrap_or_default(),
            software_build_epoch: home.integer("software_build_epoch").unwrap_or_default(),
            timezone: or_unknown(home.text("timezone")),
            primary_interface,
        })
    }
}

fn or_unknown(text: Result<String, Missing>) -> String {
    text.unwrap_or_else(|_| "unknown".to_owned())
}

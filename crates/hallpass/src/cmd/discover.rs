//! `hallpass discover`

use anyhow::Result;
use comfy_table::{Table, presets};
use hallpass_enphase::Advert;
use hallpass_store::Device;
use serde::Serialize;

use crate::{
    args::Discover, context::Context, duration, exit::Exit, problem::Problem,
    target::by_serial_number,
};

pub(super) async fn run(typed: &Discover, context: &Context) -> Result<Exit> {
    let Some(mdns) = &context.mdns else {
        let text = "mDNS is switched off by the configuration";
        let hint =
            "remove `mdns = false` below `[network]`, or give an address: `hallpass login HOST`";
        return Err(Problem::usage(text).hint(hint).into());
    };
    let listening = mdns.discover(typed.timeout);
    let adverts = context.output.waiting("listening for gateways", listening).await?;
    let mut devices = Vec::new();
    for advert in adverts {
        let known = by_serial_number(&context.state.records, &advert.serial_number).await?;
        devices.push(Heard::new(advert, known.as_ref()));
    }
    let is_none = devices.is_empty();
    if context.output.is_json() {
        context.output.document(&Document { devices })?;
    } else if !is_none {
        context.output.line(table(&devices))?;
    }
    if is_none {
        let text = format!("no gateway was heard within {}", duration::display(typed.timeout));
        return Err(Problem::new(Exit::Failed, text).hint(UNHEARD).into());
    }
    Ok(Exit::Done)
}

/// The document of `discover --json`.
#[derive(Serialize)]
struct Document {
    devices: Vec<Heard>,
}

/// What a gateway says of itself. Nothing of it is proven: that is for `login` to see to.
#[derive(Serialize)]
struct Heard {
    serial_number: String,
    firmware: Option<String>,
    /// Where to try it, the likeliest first; empty where it names none that can be used.
    addresses: Vec<String>,
    /// What the person calls it; none for one that is not enrolled.
    name: Option<String>,
    /// Whether it is where it was; none for one that is not enrolled.
    is_known_address: Option<bool>,
}

impl Heard {
    fn new(advert: Advert, known: Option<&Device>) -> Self {
        let Advert { serial_number, firmware, addresses, .. } = advert;
        let name = known.map(|device| device.name().to_string());
        let is_known_address = known.map(|device| addresses.contains(&device.address));
        Self { serial_number, firmware, addresses, name, is_known_address }
    }

    /// What is known of it, for a person.
    fn known(&self) -> String {
        match (&self.name, self.is_known_address) {
            (Some(name), Some(false)) => format!("{name}, at another address so far"),
            (Some(name), _) => name.clone(),
            (None, _) => "not logged in to yet".to_owned(),
        }
    }
}

fn table(devices: &[Heard]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.set_header(["serial number", "firmware", "address", "device"]);
    for device in devices {
        let firmware = device.firmware.as_deref().unwrap_or("unknown");
        let address = device.addresses.first().map_or("none that can be used", String::as_str);
        table.add_row([&device.serial_number, firmware, address, &device.known()]);
    }
    table
}

const UNHEARD: &str = "mDNS does not cross routers or VLANs, and some access points drop it; with an address it works all the same: `hallpass login HOST`";

//! The first look at whoever answers, counted among the requests to it.

use hallpass_credential::Error;
use hallpass_enphase::{Network, Sighting};
use hallpass_store::Device;

use crate::{context::Context, downgrade::QUICK, trust::Shown};

pub(crate) async fn look(
    address: &str,
    network: &Network,
    context: &Context,
) -> Result<Sighting, Error> {
    let sighting = hallpass_enphase::look(address, network).await?;
    if let Err(error) = sighting.count(&context.state.records, context.clock.now()).await {
        tracing::warn!(%error, "a look is not counted");
    }
    Ok(sighting)
}

/// Looks at `device` where it is: at its address or, where it is not itself there, where it is found
/// by its serial number and its key. Found nowhere, whoever is at its address is what is seen.
pub(crate) async fn look_for(
    device: &Device,
    network: &Network,
    context: &Context,
) -> Result<Sighting, Error> {
    let seen = look(&device.address, network, context).await;
    match &seen {
        Ok(sighting) if is_it(device, sighting) => seen,
        _ => elsewhere(device, network, context).await.map_or(seen, Ok),
    }
}

async fn elsewhere(device: &Device, network: &Network, context: &Context) -> Option<Sighting> {
    let serial_number = device.serial_number();
    let brief = Network { limits: QUICK, ..network.clone() };
    let mut addresses = network.locator.locate(serial_number).await;
    addresses.retain(|address| *address != device.address);
    for address in addresses {
        match look(&address, &brief, context).await {
            Ok(sighting) if is_it(device, &sighting) => {
                network.locator.found(serial_number, &address).await;
                return Some(sighting);
            }
            _ => tracing::debug!(address, "not there"),
        }
    }
    None
}

fn is_it(device: &Device, sighting: &Sighting) -> bool {
    Shown::from(sighting) == Shown::from(device)
}

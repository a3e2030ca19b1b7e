//! The first look at whoever answers, in turn with other processes, and counted.

use std::{future::Future, sync::Arc};

use hallpass_credential::Error;
use hallpass_enphase::{Lookout, Network, Sighting};
use hallpass_store::Device;
use hallpass_transport::Limits;

use crate::{context::Context, trust::Shown};

/// Looks who answers at `address`, in the line of the device that is known there, if one is.
///
/// # Errors
/// Those of [`Lookout::look`].
pub(crate) async fn look(
    address: &str,
    network: &Network,
    context: &Context,
) -> Result<Sighting, Error> {
    let expected = known_at(address, context).await;
    // Boxed, as is what follows: unoptimised, it is moved from frame to frame of the stack.
    Box::pin(lookout(context).look(address, expected.as_deref(), network)).await
}

/// Runs `work`, which asks one thing of whatever answers at `address`, in the same line.
///
/// # Errors
/// Those of [`Lookout::ask`].
pub(crate) async fn ask_in_turn<T>(
    address: &str,
    context: &Context,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    let expected = known_at(address, context).await;
    Box::pin(lookout(context).ask(address, expected.as_deref(), work)).await
}

fn lookout(context: &Context) -> Lookout {
    Lookout {
        records: context.state.records.clone(),
        clock: Arc::clone(&context.clock),
        rate: context.rate,
        patience: context.patience,
    }
}

/// The serial number of the device that was last found at `address`. Where that cannot be told,
/// the address has a line of its own.
async fn known_at(address: &str, context: &Context) -> Option<String> {
    let devices = context.state.devices.all().await.unwrap_or_default();
    let device = devices.into_iter().find(|device| device.address == address)?;
    Some(device.serial_number().to_owned())
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
    let brief = Network { limits: Limits::BRIEF, ..network.clone() };
    let mut addresses = network.locator.locate(serial_number).await;
    addresses.retain(|address| *address != device.address);
    for address in addresses {
        // What anybody can say has no line of its own: there would be any number of them.
        let expected =
            known_at(&address, context).await.unwrap_or_else(|| serial_number.to_owned());
        match Box::pin(lookout(context).look(&address, Some(&expected), &brief)).await {
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

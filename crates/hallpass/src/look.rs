//! The first look at whoever answers, in turn with other processes, and counted.

use std::{future::Future, sync::Arc};

use hallpass_credential::Error;
use hallpass_enphase::{Lookout, Network, Sighting};

use crate::context::Context;

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
    lookout(context).look(address, expected.as_deref(), network).await
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
    lookout(context).ask(address, expected.as_deref(), work).await
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

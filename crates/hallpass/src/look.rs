//! The first look at whoever answers, counted among the requests to it.

use hallpass_credential::Error;
use hallpass_enphase::{Network, Sighting};

use crate::context::Context;

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

//! A device at whose address another known one is: it has lost its address, not its identity.

use anyhow::Result;
use hallpass_credential::{Error, ErrorKind};
use hallpass_store::Device;
use hallpass_transport::KeyPin;

use crate::{context::Context, suspension::suspend, trust};

/// What `error` means where `key` is what answers: the key of a device that is known is no sign of an
/// impostor. The one that was meant is not there, and may be found once it is up again.
pub(crate) async fn or_neighbour(key: Option<KeyPin>, error: Error, context: &Context) -> Error {
    let (ErrorKind::IdentityChanged, Some(key)) = (error.kind(), key) else { return error };
    let devices = context.state.devices.all().await.unwrap_or_default();
    let neighbour = devices.iter().find(|device| trust::key(&device.pin) == Some(key));
    let Some(neighbour) = neighbour else { return error };
    let text = format!("{} is at its address now, and it is not found elsewhere", neighbour.name());
    Error::new(ErrorKind::Unreachable, text).because(error)
}

/// The same for `device`, which is suspended unless a known one has its place.
pub(crate) async fn neighbour_or_suspended(
    key: Option<KeyPin>,
    error: Error,
    device: &Device,
    context: &Context,
) -> Result<Error> {
    let error = or_neighbour(key, error, context).await;
    if error.kind() == ErrorKind::IdentityChanged {
        suspend(context, device, &error).await?;
    }
    Ok(error)
}

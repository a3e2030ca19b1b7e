//! A gateway that had a certificate and answers without TLS only: whoever it is, nothing is sent.

use anyhow::Error as AnyError;
use bytes::Bytes;
use hallpass_credential::{Error, ErrorKind};
use hallpass_enphase::{Endpoint, Info};
use hallpass_store::Device;
use hallpass_transport::{self as transport, Client, Limits, Origin, Scheme, Security};
use http::{Request, StatusCode, Uri};

use crate::{context::Context, look::ask_in_turn, trust};

/// What `error` means for `device`: where it cannot be reached over TLS, but a gateway answers
/// plain http in its place, its identity has changed.
///
/// That is not kept as a suspension: with its certificate the device is itself again.
pub(crate) async fn or_downgrade(error: Error, device: &Device, context: &Context) -> Error {
    let is_due = trust::key(&device.pin).is_some() && is_without_tls(&error);
    if is_due && answers_in_clear(&device.address, context).await {
        let text = "only plain http answers, where a certificate is known";
        return Error::new(ErrorKind::IdentityChanged, text).because(error);
    }
    error
}

/// Whether it failed before TLS stood. A gateway that says over TLS that it is not ready, or nothing
/// at all, has not been replaced by plain http.
fn is_without_tls(error: &Error) -> bool {
    let error = AnyError::from(error.clone());
    let below = error.chain().find_map(|link| link.downcast_ref::<transport::Error>());
    below.is_some_and(|below| match below.kind() {
        transport::ErrorKind::Closed | transport::ErrorKind::TimedOut => !below.was_sent(),
        kind => matches!(kind, transport::ErrorKind::Tls | transport::ErrorKind::Unreachable),
    })
}

async fn answers_in_clear(address: &str, context: &Context) -> bool {
    let Ok(origin) = Origin::of(Scheme::Http, address) else { return false };
    let connector = context.network.connector.clone();
    let Ok(client) = Client::new(origin, Security::Clear, connector, Limits::BRIEF) else {
        return false;
    };
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = Uri::from_static(Endpoint::Info.path());
    let asked = ask_in_turn(address, context, client.send(request)).await;
    let Ok(Ok(reply)) = asked else { return false };
    reply.status == StatusCode::OK && Info::parse(&reply.body).is_ok()
}

#[cfg(test)]
mod tests;

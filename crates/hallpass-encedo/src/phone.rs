//! A person's phone: approving a login with it, and pairing it.
//!
//! ```text
//!  approval   broker ──ApprovalSession──> device ──ApprovalRequest──> broker ──> phone
//!             phone ──> broker ──Decision──> device ──> Bearer
//!  pairing    broker ──PairingSession──> device ──Invitation──> broker ──Registration──> QR code
//!             phone ──> broker ──Acceptance──> device ──Paired──> broker
//! ```
//!
//! Device and phone talk to each other through us and the broker, and we can read who talks but not
//! what is said, and change nothing. Each value here is a letter: read, looked at, and handed on.
//! The two kinds of the broker's sessions are not interchangeable, so they are two types.

mod approval;
mod pairing;

use hallpass_credential::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Eid, KeyId, encoding, jws::Jws, speaker::Speaker};

pub use approval::{Approval, ApprovalRequest, ApprovalSession, Decision, Event, Note};
pub use pairing::{Acceptance, Contact, Invitation, Paired, PairingSession, Registration};

/// What to search for to list the paired phones: keys whose description begins with `EXTAID`. The
/// scope for pairing is enough.
pub const SEARCH: &str = "^RVhUQUlE";

/// A phone that is paired: an ordinary key of the device, described by who the phone is. Deleting
/// the key unpairs it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Phone {
    /// The key, which is `sub` of the tokens that the phone approves.
    pub key: KeyId,
    /// What the broker calls the phone (`pid`), base64.
    pub id: String,
}

impl Phone {
    /// The phone of which a key's description tells; none where the key is something else.
    pub fn described(key: KeyId, description: &str) -> Option<Self> {
        let bytes = encoding::decode(description)?;
        let id = bytes.strip_prefix(MARK).filter(|id| id.len() == ID_LENGTH)?;
        Some(Self { key, id: encoding::encode(id) })
    }
}

/// Before the id in the description of a phone's key.
const MARK: &[u8] = b"EXTAID";

/// In bytes.
const ID_LENGTH: usize = 32;

/// What a session of the broker is called: its public key, as it wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct BrokerKey {
    epk: String,
}

/// A letter of the device: that it is of this device and for this session can be read by us, that
/// it is genuine only by the broker.
#[derive(Debug)]
struct DeviceLetter<C> {
    text: String,
    claims: C,
}

impl<C: DeserializeOwned> DeviceLetter<C> {
    fn read(what: &str, text: String, eid: &Eid, to: &BrokerKey) -> Result<Self> {
        let jws = Jws::parse(Speaker::Device, what, &text)?;
        let envelope: Envelope = jws.claims(what)?;
        if envelope.iss != eid.as_str() {
            let context = format!("{what} is of another HEM than {eid}");
            return Err(Error::new(ErrorKind::IdentityChanged, context));
        }
        if envelope.aud != to.epk {
            return Err(Speaker::Device.nonsense(format!("{what} is for somebody else")));
        }
        let claims = jws.claims(what)?;
        Ok(Self { text, claims })
    }
}

/// Who writes to whom.
#[derive(Deserialize)]
struct Envelope {
    iss: String,
    aud: String,
}

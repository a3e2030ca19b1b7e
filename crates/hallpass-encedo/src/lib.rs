//! The Encedo HEM, understood: what it asks, how to answer, what its answers mean. No network.
//!
//! ```text
//!  passphrase --Kdf--> PrivateKey ─┐
//!  GET  /api/auth/token --> Challenge --admit--> Admitted --answer--> Answer --> POST --> Bearer
//!                              └─ Drift ──> Recovery <── Refusal <── status ◀───────┘
//! ```
//!
//! A device knows two people by their X25519 keys, the *user* and the *master*, and each derives the
//! private one from a passphrase. Every login answers a fresh challenge and brings a token for one
//! scope; there is no renewing and no revoking, and a reboot ends them all.
//!
//! ```
//! use hallpass_encedo::{Bearer, Challenge, Eid, Kdf, Scope, Wish};
//! # let now = jiff::Timestamp::from_second(1_700_000_000)?;
//! # let body = br#"{"exp":1700000060,"spk":"b3pRvOnFqNLYKeiLD/U24mdk5F02NCOo5Us7QvyCE3E=",
//! #   "jti":"//BTZfsE3LaXDkw9GHPeUf1aUNe7RrM4MRNgJmXDUOw=","lbl":"My device",
//! #   "eid":"XzWfXsfH+YKj94ZguziaPDDkXev7r0/FN4tfX2ItW3s="}"#;
//! // At enrolment, and kept since: who the device is, and the key of its user.
//! let eid = Eid::parse("XzWfXsfH+YKj94ZguziaPDDkXev7r0/FN4tfX2ItW3s=")?;
//! let user = Kdf::Pbkdf2.derive(&"correct horse battery staple".into(), &eid)?;
//!
//! // The device was asked for a challenge, over a connection that is pinned to it.
//! let challenge = Challenge::read(body, now)?;
//! assert!(!challenge.drift().explains_refusal());
//! let wish = Wish::new(Scope::parse("logger:get")?);
//! let answer = challenge.admit(&eid, None)?.answer(&user, &wish, now)?;
//!
//! // Here `answer.body()` is posted, once. What comes back:
//! # let sent_back = br#"{"token":"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzY29wZSI6ImxvZ2dlcjpnZXQiLCJzdWIiOiJVIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMjg4MDAsImp0aSI6IngifQ.AAAA"}"#;
//! let bearer = Bearer::read(sent_back)?.admit(&wish)?;
//! assert_eq!(bearer.role().to_string(), "user");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A secret key that is kept spares the derivation; whoever holds it has as good as the passphrase.
//! Errors are told by [`ErrorKind`], that is by what helps. Facts about the protocol carry their
//! source: the vendor's documents, its acceptance tests, published clients, or computation on
//! published bytes. Where these contradict each other, what was observed counts.

mod answer;
mod attestation;
mod bearer;
mod challenge;
mod check_in;
mod drift;
mod eid;
mod encoding;
mod jws;
mod kdf;
mod key;
mod key_id;
pub mod log;
mod new_key;
mod nonce;
pub mod phone;
mod probe;
mod recovery;
mod refusal;
mod role;
mod scope;
mod setup;
mod signature;
mod speaker;
mod text;
mod throttle;
mod wish;
mod words;

pub use answer::Answer;
pub use attestation::Attestation;
pub use bearer::Bearer;
pub use challenge::{Admitted, Challenge};
pub use check_in::{Check, Checked, CheckedIn, LONGEST_BODY, Order};
pub use drift::Drift;
pub use eid::Eid;
pub use hallpass_credential::{Error, ErrorKind, Result, Secret};
pub use kdf::{Kdf, ROUNDS};
pub use key::{PrivateKey, PublicKey, SharedKey};
pub use key_id::KeyId;
pub use new_key::NewKey;
pub use nonce::Nonce;
pub use probe::Probe;
pub use recovery::{CheckIns, Recovery, Step};
pub use refusal::{Call, Refusal};
pub use role::Role;
pub use scope::Scope;
pub use setup::{NewDevice, SetUp, Settings};
pub use signature::{Scheme, Verdict, VerifyingKey};
pub use throttle::Throttle;
pub use wish::{LONGEST_LIFE, Wish};
pub use words::Words;

#[cfg(test)]
mod tests;

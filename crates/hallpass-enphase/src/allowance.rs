//! What a gateway may still be asked, by all programs together.

use hallpass_credential::{Line, Rate, Result, evidence::Evidence, store::Records};
use jiff::Timestamp;

use crate::{gateway::chronicle::chronicle_name, sighting::line_name};

/// What is left of the budget of one gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allowance {
    /// Requests at this moment, of those in a minute (B3).
    pub requests_left: usize,
    /// From when on it may be asked to check a token again (B4); none where it may be at once.
    pub next_check: Option<Timestamp>,
}

impl Allowance {
    /// That of the gateway `serial_number` at `now`, for who may send requests at `rate`.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind::Store).
    pub async fn of(
        records: &Records,
        serial_number: &str,
        rate: Rate,
        now: Timestamp,
    ) -> Result<Self> {
        let requests_left = Line::left(records, &line_name(serial_number), rate, now).await?;
        let evidence: Option<Evidence> = records.load(&chronicle_name(serial_number)).await?;
        let next_check = evidence.and_then(|evidence| evidence.next_check(now));
        Ok(Self { requests_left, next_check })
    }
}

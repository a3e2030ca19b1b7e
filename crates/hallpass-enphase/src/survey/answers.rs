//! What a gateway answered, parsed once: in this survey, and in earlier ones.

use std::time::Duration;

use hallpass_credential::later;
use jiff::Timestamp;

use super::Answer;
use crate::Endpoint;
use crate::endpoint::Pace;
use crate::reading::Problem;
use crate::wire::{
    self, Aggregate, DeviceData, Document, DryContacts, GeneratorConfig, GeneratorMode,
    GeneratorSchedule, GeneratorState, InverterReport, List, Maybe, Meter, MeterReading, ObjectBuf,
    PowerReport, ProductionReport, ProductionV1, TariffReport,
};

/// Declares a slot for each endpoint that holds readings.
macro_rules! slots {
    ($($name:ident: $endpoint:ident => $document:ty,)+) => {
        /// A slot for each endpoint that holds readings.
        #[derive(Debug)]
        pub(super) struct Answers {
            $(pub(super) $name: Slot<$document>,)+
        }

        impl Default for Answers {
            fn default() -> Self {
                Self { $($name: Slot::of(Endpoint::$endpoint),)+ }
            }
        }

        impl Answers {
            /// Takes an answer; what holds no readings is let go.
            pub(super) fn put(&mut self, endpoint: Endpoint, answer: Answer) {
                match endpoint {
                    $(Endpoint::$endpoint => self.$name.put(answer),)+
                    _ => {}
                }
            }

            /// What may stand in for answers of the next survey, of which this one, made at
            /// `taken_at`, is the latest.
            pub(super) fn remembered(self, taken_at: Timestamp) -> Self {
                Self { $($name: self.$name.remembered(taken_at),)+ }
            }

            /// Whether serde alone can make something of a body.
            #[cfg(feature = "test-kit")]
            pub(super) fn deserializes(endpoint: Endpoint, body: &[u8]) -> bool {
                match endpoint {
                    $(Endpoint::$endpoint => serde_json::from_slice::<$document>(body).is_ok(),)+
                    _ => false,
                }
            }

            /// Whether any endpoint told something in this survey, or none was asked.
            pub(super) fn hold_news(&self) -> bool {
                let told = $(matches!(self.$name.answer, Some(Ok(_))))||+;
                told || $(self.$name.answer.is_none())&&+
            }

            /// Whether there is anything to say of `endpoint` without asking it again at `now`.
            pub(super) fn is_known(&self, endpoint: Endpoint, now: Timestamp) -> bool {
                match endpoint {
                    $(Endpoint::$endpoint => self.$name.is_known(now),)+
                    _ => true,
                }
            }
        }
    };
}

slots! {
    meters: Meters => List<Maybe<Meter>>,
    meter_readings: MeterReadings => List<Maybe<MeterReading>>,
    production_details: ProductionDetails => ProductionReport,
    production: Production => ProductionReport,
    production_v1: ProductionV1 => ProductionV1,
    device_data: DeviceData => DeviceData,
    inverters: Inverters => List<Maybe<InverterReport>>,
    ensemble_inventory: EnsembleInventory => List<Maybe<ObjectBuf>>,
    ensemble_aggregate: EnsembleAggregate => Aggregate,
    ensemble_power: EnsemblePower => PowerReport,
    dry_contacts: DryContacts => DryContacts,
    dry_contact_settings: DryContactSettings => DryContacts,
    inventory: Inventory => List<Maybe<ObjectBuf>>,
    tariff: Tariff => TariffReport,
    generator: Generator => GeneratorState,
    generator_config: GeneratorConfig => GeneratorConfig,
    generator_schedule: GeneratorSchedule => GeneratorSchedule,
    generator_mode: GeneratorMode => GeneratorMode,
}

/// The place of one answer.
#[derive(Debug)]
pub(super) struct Slot<T> {
    pub(super) endpoint: Endpoint,
    pub(super) answer: Option<Result<T, Problem>>,
    pub(super) kept: Option<Kept<T>>,
}

/// The last good answer of an earlier survey.
#[derive(Debug)]
pub(super) struct Kept<T> {
    pub(super) document: T,
    pub(super) since: Timestamp,
}

impl<T: Document> Slot<T> {
    fn of(endpoint: Endpoint) -> Self {
        Self { endpoint, answer: None, kept: None }
    }

    fn put(&mut self, answer: Answer) {
        self.answer = Some(match answer {
            Answer::Body { status, bytes } => wire::read(status, &bytes),
            Answer::Failed(why) => Err(Problem::Unanswered(why)),
        });
    }

    fn remembered(self, taken_at: Timestamp) -> Self {
        let kept = match self.answer {
            Some(Ok(document)) => Some(Kept { document, since: taken_at }),
            _ => self.kept,
        };
        Self { endpoint: self.endpoint, answer: None, kept }
    }

    pub(super) fn is_known(&self, now: Timestamp) -> bool {
        self.answer.is_some() || self.kept.as_ref().is_some_and(|kept| self.is_fresh(kept, now))
    }

    /// The last good answer, unless it is too old to stand in for one that fails.
    pub(super) fn stand_in(&self, now: Timestamp) -> Option<&Kept<T>> {
        self.kept.as_ref().filter(|kept| kept.is_within(STANDS_IN_FOR, now))
    }

    /// Whether it is too early to ask again.
    fn is_fresh(&self, kept: &Kept<T>, now: Timestamp) -> bool {
        let Pace::Every(pace) = self.endpoint.facts().pace else { return false };
        kept.is_within(pace.saturating_sub(EARLY), now)
    }
}

impl<T> Kept<T> {
    /// An answer from ahead of `now` was kept by a clock that has been set back since: nobody knows
    /// how old it is.
    fn is_within(&self, span: Duration, now: Timestamp) -> bool {
        (self.since..later(self.since, span)).contains(&now)
    }
}

/// How long the last good answer stands in for one that fails.
const STANDS_IN_FOR: Duration = Duration::from_secs(3600);

/// A poll may be a little early for what it asks, rather than a whole interval late.
const EARLY: Duration = Duration::from_secs(10);

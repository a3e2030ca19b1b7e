//! What a gateway answered in one survey, parsed once.

use super::Answer;
use crate::Endpoint;
use crate::reading::Problem;
use crate::wire::{self, DeviceData, Document, InverterReport, List, Maybe, Meter, MeterReading};
use crate::wire::{ProductionReport, ProductionV1};

/// A slot for each endpoint that holds readings.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) meters: Slot<List<Maybe<Meter>>>,
    pub(super) meter_readings: Slot<List<Maybe<MeterReading>>>,
    pub(super) production_details: Slot<ProductionReport>,
    pub(super) production: Slot<ProductionReport>,
    pub(super) production_v1: Slot<ProductionV1>,
    pub(super) device_data: Slot<DeviceData>,
    pub(super) inverters: Slot<List<Maybe<InverterReport>>>,
}

impl Answers {
    pub(super) fn put(&mut self, endpoint: Endpoint, answer: Answer) {
        match endpoint {
            Endpoint::Meters => self.meters.put(answer),
            Endpoint::MeterReadings => self.meter_readings.put(answer),
            Endpoint::ProductionDetails => self.production_details.put(answer),
            Endpoint::Production => self.production.put(answer),
            Endpoint::ProductionV1 => self.production_v1.put(answer),
            Endpoint::DeviceData => self.device_data.put(answer),
            Endpoint::Inverters => self.inverters.put(answer),
            Endpoint::Info | Endpoint::CheckJwt => {}
        }
    }
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            meters: Slot::of(Endpoint::Meters),
            meter_readings: Slot::of(Endpoint::MeterReadings),
            production_details: Slot::of(Endpoint::ProductionDetails),
            production: Slot::of(Endpoint::Production),
            production_v1: Slot::of(Endpoint::ProductionV1),
            device_data: Slot::of(Endpoint::DeviceData),
            inverters: Slot::of(Endpoint::Inverters),
        }
    }
}

/// The place of one answer.
#[derive(Debug)]
pub(super) struct Slot<T> {
    pub(super) endpoint: Endpoint,
    pub(super) answer: Option<Result<T, Problem>>,
}

impl<T: Document> Slot<T> {
    fn of(endpoint: Endpoint) -> Self {
        Self { endpoint, answer: None }
    }

    fn put(&mut self, answer: Answer) {
        self.answer = Some(match answer {
            Answer::Body { status, bytes } => wire::read(status, &bytes),
            Answer::Failed(why) => Err(Problem::Unanswered(why)),
        });
    }
}

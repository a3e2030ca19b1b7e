//! `/api/v1/production`
#![no_main]
hallpass_fuzz::endpoint!(ProductionV1);

//! `/production.json?details=1`
#![no_main]
hallpass_fuzz::endpoint!(ProductionDetails);

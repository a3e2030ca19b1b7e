//! `/api/v1/production/inverters`
#![no_main]
hallpass_fuzz::endpoint!(Inverters);

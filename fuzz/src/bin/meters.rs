//! `/ivp/meters`
#![no_main]
hallpass_fuzz::endpoint!(Meters);

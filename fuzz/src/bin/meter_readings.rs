//! `/ivp/meters/readings`
#![no_main]
hallpass_fuzz::endpoint!(MeterReadings);

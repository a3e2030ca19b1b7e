//! `/ivp/ensemble/power`
#![no_main]
hallpass_fuzz::endpoint!(EnsemblePower);

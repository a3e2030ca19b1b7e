//! `/ivp/ensemble/secctrl`
#![no_main]
hallpass_fuzz::endpoint!(EnsembleAggregate);

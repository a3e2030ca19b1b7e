//! `/ivp/ensemble/generator`
#![no_main]
hallpass_fuzz::endpoint!(Generator);

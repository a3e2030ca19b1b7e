//! `/ivp/ss/gen_mode`
#![no_main]
hallpass_fuzz::endpoint!(GeneratorMode);

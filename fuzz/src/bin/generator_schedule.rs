//! `/ivp/ss/gen_schedule`
#![no_main]
hallpass_fuzz::endpoint!(GeneratorSchedule);

//! `/ivp/ss/gen_config`
#![no_main]
hallpass_fuzz::endpoint!(GeneratorConfig);

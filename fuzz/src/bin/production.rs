//! `/production`
#![no_main]
hallpass_fuzz::endpoint!(Production);

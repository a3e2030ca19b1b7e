//! `/admin/lib/tariff`
#![no_main]
hallpass_fuzz::endpoint!(Tariff);

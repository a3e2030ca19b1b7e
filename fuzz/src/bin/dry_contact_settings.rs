//! `/ivp/ss/dry_contact_settings`
#![no_main]
hallpass_fuzz::endpoint!(DryContactSettings);

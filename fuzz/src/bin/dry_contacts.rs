//! `/ivp/ensemble/dry_contacts`
#![no_main]
hallpass_fuzz::endpoint!(DryContacts);

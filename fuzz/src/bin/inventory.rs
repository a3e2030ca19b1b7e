//! `/inventory.json?deleted=1`
#![no_main]
hallpass_fuzz::endpoint!(Inventory);

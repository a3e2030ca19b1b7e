//! `/ivp/ensemble/inventory`
#![no_main]
hallpass_fuzz::endpoint!(EnsembleInventory);

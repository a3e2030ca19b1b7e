//! `/ivp/pdm/device_data`
#![no_main]
hallpass_fuzz::endpoint!(DeviceData);

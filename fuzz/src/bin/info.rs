//! `/info`
#![no_main]
libfuzzer_sys::fuzz_target!(|body: &[u8]| hallpass_fuzz::read_as(body));

//! Fuzz target `bundle`: see [`tallow_fuzz::bundle`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tallow_fuzz::bundle(data));

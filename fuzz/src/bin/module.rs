//! Fuzz target `module`: see [`tallow_fuzz::module`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tallow_fuzz::module(data));

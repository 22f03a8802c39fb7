//! Fuzz target `envelope`: see [`tallow_fuzz::envelope`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tallow_fuzz::envelope(data));

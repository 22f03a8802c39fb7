//! Fuzz target `host_calls`: see [`tallow_fuzz::host_calls`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tallow_fuzz::host_calls(data));

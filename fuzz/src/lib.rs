//! Fuzz targets, as plain functions: each takes any bytes and panics only when Tallow is wrong.
//!
//! What they check beside "does not crash" is said at each. `cargo xtask fuzz` runs them under libFuzzer; the tests of
//! this crate run them on inputs that must reach the interesting parts, so that a target cannot go blind.

mod bundle;
mod envelope;
mod host_calls;
mod module;
mod text;
mod world;

pub use bundle::bundle;
pub use envelope::envelope;
pub use host_calls::host_calls;
pub use module::module;
pub use text::text;

// Coverage counters call into libFuzzer, so its symbols must be in the tests too.
#[cfg(test)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| host_calls(data));

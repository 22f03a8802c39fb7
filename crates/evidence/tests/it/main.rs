//! Documents of real hardware, whole and altered.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

mod altered;
mod policies;
mod real;
mod samples;

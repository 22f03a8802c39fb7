//! What an ink! contract can do on Tallow beyond storage, balances and calls: HTTP, log lines, randomness, keys,
//! a cache, the clock, timers and secrets.
//!
//! The functions speak the chain extension of Phala's Phat contracts: a contract built with Phala's crate runs on
//! Tallow, and one built with this crate asks Phala's host in its own words. Where the two hosts differ, the function
//! says so: on Tallow, commands (messages with `&mut self`) may use HTTP and randomness too. Timers and secrets
//! are Tallow's own.
//!
//! ```ignore
//! let body = tallow_ink::http::get("https://example.com/")?.text()?;
//! tallow_ink::log::info!("read {} bytes", body.len());
//! ```
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

pub mod cache;
pub mod context;
#[cfg(feature = "evm")]
pub mod evm;
mod host;
pub mod http;
pub mod js;
#[cfg(feature = "json")]
pub mod json;
pub mod keys;
pub mod log;
mod random;
pub mod secret;
#[cfg(test)]
mod tests;
pub mod timer;

pub use random::random;

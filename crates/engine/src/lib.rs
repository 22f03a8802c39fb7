//! The engine: runs ink! contracts' Wasm, deterministically in commands, concurrently in queries.
//!
//! - [`Engine::prepare`] validates a module, rewrites it (defined memory, counted call depth, priced growth) and
//!   compiles it to [`Code`].
//! - [`Engine::run`] makes a [`Run`], which the caller drives by [`Run::step`]: there is no async runtime. A query
//!   suspends at an external call and goes on with its answer; a command without a recorded answer ends there.
//! - The host functions are those of `pallet-contracts` (`seal0`, `seal1`, `seal2`; module `host`), the chain extension
//!   of Phala's `pink` (module `pink`) and our own (module `extension`).
//!
//! Each contract call is one *frame*: a Wasmtime store, a fiber, a layer of the overlay over the world. A frame's layer
//! is merged into its caller's when it succeeds and dropped when it reverts or traps.
//!
//! **Invariant:** in command mode nothing but the arguments of [`Engine::run`] decides the result: no clock, no
//! ambient randomness, no unordered iteration. A shortage of the host is a [`HostError`], never a result.

mod bind;
mod cache;
mod chain_extension;
mod code;
mod config;
mod engine;
mod exchange;
mod extension;
mod frame;
mod gas;
mod held;
mod host;
mod interface;
mod memory;
mod overlay;
mod pink;
mod prepare;
mod room;
mod run;
pub mod schedule;
mod session;
mod stop;

#[cfg(test)]
mod tests;

pub use code::Code;
pub use config::{CodeCache, EngineConfig, HostLimits, INSTANCES_DEFAULT, Profile, TooFewInstances};
pub use engine::{Engine, EngineError};
pub use gas::GAS_PER_FUEL;
pub use host::StorageKey;
#[cfg(feature = "faults")]
pub use host::faults::Fault;
pub use interface::*;
pub use prepare::CodeError;
pub use run::Run;

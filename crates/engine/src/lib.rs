//! The engine: runs contracts' Wasm, deterministically in commands, concurrently in queries.
mod interface;
pub use interface::*;

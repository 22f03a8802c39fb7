//! From a contract's Wasm, as it is uploaded, to Wasm that this engine may compile and run.

mod rewrite;
mod start;
mod validate;

pub(crate) use rewrite::{CALL, DEPLOY, DEPTH, GROW, MEMORY, REWRITE_VERSION, rewrite};
pub(crate) use start::{Start, start};
pub(crate) use validate::validate;

/// Why code cannot be deployed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Over a limit.
    #[error("{what}: {count}, of which {max} are allowed")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much.
        count: u64,
        /// How much may be.
        max: u64,
    },
    /// Not a Wasm module, or with features that contracts may not use.
    #[error("not an acceptable Wasm module: {0}")]
    Invalid(String),
    /// An import that is not there, or has another type.
    #[error("cannot import {name:?} from {module:?}: {reason}")]
    Import {
        /// Module of the import.
        module: String,
        /// Its name.
        name: String,
        /// Why not.
        reason: String,
    },
    /// Lacks an export, or has it with another type.
    #[error("export {name:?} {reason}")]
    Export {
        /// Its name.
        name: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// Not exactly one memory, or an impossible one.
    #[error("memory: {0}")]
    Memory(&'static str),
    /// Has a start function.
    #[error("has a start function, which contracts may not have")]
    Start,
    /// The host failed, not the code; try again.
    #[error("the host failed to compile the code: {0}")]
    Host(String),
}

/// The features contracts may use. No threads, so no races; one 32-bit memory; no garbage collection; no exceptions and
/// no tail calls, which would leave a function past its depth counter.
pub(crate) fn features() -> wasmparser::WasmFeatures {
    use wasmparser::WasmFeatures as F;
    F::MUTABLE_GLOBAL
        | F::SATURATING_FLOAT_TO_INT
        | F::SIGN_EXTENSION
        | F::REFERENCE_TYPES
        | F::MULTI_VALUE
        | F::BULK_MEMORY
        | F::SIMD
        | F::RELAXED_SIMD
        | F::FLOATS
        | F::EXTENDED_CONST
        | F::WIDE_ARITHMETIC
}

#[cfg(test)]
mod tests;

//! Why a frame stops before its function returns.

use tallow_types::{CallError, ExternalCall};

/// What a host function raises to unwind the contract.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// `seal_return`.
    #[error("the contract returned")]
    Return {
        /// Return flags.
        flags: u32,
        /// Return buffer.
        data: Vec<u8>,
    },
    /// `terminate`.
    #[error("the contract terminated")]
    Terminate,
    /// The frame fails with this.
    #[error(transparent)]
    Fail(#[from] CallError),
    /// The whole run ends without a result.
    #[error(transparent)]
    Abort(#[from] Abort),
}

/// Why a run ends without a result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Abort {
    /// A command needs an answer that is not in the log.
    #[error("waits for external call {index}")]
    Suspended {
        /// Number of the call.
        index: u32,
        /// The call.
        call: ExternalCall,
        /// Gas used until then; known when the run has unwound.
        gas_used: u64,
    },
    /// The host lacks something.
    #[error("{0}")]
    Host(String),
}

/// A programming error of the engine shows as a host error, so that it is never recorded as a contract's result.
pub(crate) fn broken(what: &str) -> Stop {
    Stop::Abort(Abort::Host(format!("engine error: {what}")))
}

//! The ledger's state transition: registry, anchors and balance, without clock, disk or network.
//!
//! A [`LedgerState`] is what validators agree on. [`LedgerState::apply_block`] is the only way from one to the next;
//! equal transactions at equal positions give equal commitments everywhere, and every transaction of a block takes effect:
//! what fails is not ordered (ADR 0027). The registry's entries are the public map
//! under `Commitments::state`, one key each ([`tallow_types::RegistryKey`]), so every record, and every absence, can be
//! proven to a light client. Nothing here is secret, and nothing here runs a contract.

mod account;
mod anchor;
mod apply;
mod due;
mod error;
mod invariants;
mod money;
mod register;
mod state;
#[cfg(test)]
mod tests;

pub use apply::{Applied, InvalidBlock, tx_id};
pub use error::TxError;
pub use invariants::Violation;
pub use state::{LedgerState, RestoreError};

/// Judges a worker's evidence at a block time (milliseconds since the Unix epoch), or says why it is refused.
///
/// The ledger cannot depend on the judge itself, but must be given one that is deterministic: every validator has to
/// come to the same verdict. The words of a refusal are for the sender alone and need not be equal.
pub type Judge<'a> = &'a dyn Fn(&tallow_types::WorkerRecord, u64) -> Result<(), String>;

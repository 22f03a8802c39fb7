//! A validator: the ledger's state machine on the consensus shell, with a pool of transactions and proven reads.
//!
//! It never sees plaintext or contract keys: it does not depend on the crates that have them (invariant 1).

mod app;
mod pool;
mod validator;

pub use validator::{SubmitError, Validator, ValidatorConfig, ValidatorError};

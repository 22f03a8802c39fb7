//! Receipts: the proof that a command has an outcome.

use crate::{CertificateError, VerifyHeader};
use tallow_state::verify_path;
use tallow_types::{CommandId, Receipt};

/// Why a receipt proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is the receipt of another command.
    #[error("receipt of another command")]
    WrongCommand,
    /// Its header is not proven final.
    #[error("receipt's header is not final")]
    NotFinal(#[source] CertificateError),
    /// The outcome is not among the results of its block.
    #[error("outcome is not in the block")]
    NotInBlock,
}

/// Checks that `receipt` is that of `command`, that its sealed outcome is a result of its block, and that the cluster
/// finalised the block.
pub fn verify_receipt(
    command: &CommandId,
    receipt: &Receipt,
    verifier: &impl VerifyHeader,
) -> Result<(), ReceiptError> {
    verify_result(command, receipt)?;
    verifier.verify(&receipt.certified).map_err(ReceiptError::NotFinal)
}

/// The first part of [`verify_receipt`]: all but whether the block is final. On its own it proves nothing; it is for
/// whoever wants to know which part of a receipt is wrong.
pub fn verify_result(command: &CommandId, receipt: &Receipt) -> Result<(), ReceiptError> {
    if receipt.command != *command {
        return Err(ReceiptError::WrongCommand);
    }
    let leaf = tallow_crypto::result_leaf(&receipt.command, &receipt.sealed);
    if !verify_path(&leaf, &receipt.path, &receipt.certified.header.commitments.results) {
        return Err(ReceiptError::NotInBlock);
    }
    Ok(())
}

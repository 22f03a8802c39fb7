//! Anchored blocks: the proof that a cluster block stands at or below the header that the ledger has anchored.

use parity_scale_codec::Encode;
use tallow_crypto::header_digest;
use tallow_state::{Opening, Proof, ProofError};
use tallow_types::{Header, history_key};

/// Why a block is not shown to be anchored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// The anchored header is of another cluster.
    #[error("anchor of another cluster")]
    WrongCluster,
    /// The anchored header is older than the block.
    #[error("anchor at height {anchored}, below the block")]
    TooLow {
        /// Height of the anchored header.
        anchored: u64,
    },
    /// Another block is anchored at the height of this one.
    #[error("another block is anchored at this height")]
    OtherBlock,
    /// There is no proof that leads from the anchored header down to the block.
    #[error("no proof that links the block to the anchor")]
    NoLink,
    /// The opening is not that of the anchored header's state commitment.
    #[error("opening of another state commitment")]
    WrongOpening,
    /// The proof does not hold under the opened root.
    #[error("link to the anchor is not proven")]
    NotProven(#[source] ProofError),
    /// The anchored state names another block at this height, or none.
    #[error("the anchored state does not hold the block")]
    NotInHistory,
}

/// Checks that the block of `header` is the one of `anchored`, or one that the state of `anchored` remembers at its
/// height. `anchored` must be proven to be the ledger's record; see [`crate::LightClient::anchor`].
pub fn verify_anchored(header: &Header, anchored: &Header, link: Option<(&Opening, Proof)>) -> Result<(), AnchorError> {
    if anchored.chain != header.chain {
        return Err(AnchorError::WrongCluster);
    }
    let (height, top) = (header.position.height, anchored.position.height);
    if top < height {
        return Err(AnchorError::TooLow { anchored: top });
    }
    let digest = header_digest(header);
    if top == height {
        return if header_digest(anchored) == digest { Ok(()) } else { Err(AnchorError::OtherBlock) };
    }
    let (opening, proof) = link.ok_or(AnchorError::NoLink)?;
    if opening.height != top || opening.commitment() != anchored.commitments.state {
        return Err(AnchorError::WrongOpening);
    }
    let kept = proof.verify(&opening.root, &history_key(height)).map_err(AnchorError::NotProven)?;
    if kept == Some(digest.encode()) { Ok(()) } else { Err(AnchorError::NotInHistory) }
}

#[cfg(test)]
mod tests;

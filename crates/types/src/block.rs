//! Blocks: one header format for the ledger and for every cluster log.

use crate::{BlockDigest, Hash, WorkerId};
use parity_scale_codec::{Decode, Encode};

/// What a block's execution committed to; the certificate covers it through the header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Commitments {
    /// Commitment to the state after the block; hiding in a cluster, the bare root on the ledger.
    pub state: Hash,
    /// Root over the results of the block's entries.
    pub results: Hash,
    /// Head of the chain of all messages to the ledger so far, `state::outbox_head`; 32 zero bytes before the first one,
    /// and on the ledger.
    pub outbox: Hash,
}

/// Where a block stands: all that execution may know of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Position {
    /// Blocks since genesis; genesis is 0.
    pub height: u64,
    /// Milliseconds since the Unix epoch; grows from block to block.
    pub time_ms: u64,
}

/// A block header. Its digest, `crypto::header_digest`, is what replicas and validators vote on.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Header {
    /// The network id (ledger) or the cluster id (cluster log).
    pub chain: Hash,
    /// Epoch of the chain's membership.
    pub epoch: u64,
    /// Consensus view in which the block was proposed.
    pub view: u64,
    /// View of the parent.
    pub parent_view: u64,
    /// Public key of the proposer.
    pub leader: WorkerId,
    /// Digest of the parent's header.
    pub parent: BlockDigest,
    /// Height and time.
    pub position: Position,
    /// Hash over the encoded entries.
    pub entries: Hash,
    /// What the execution gave.
    pub commitments: Commitments,
}

/// A finalised header with the consensus engine's encoded finalisation certificate.
///
/// When `descendants` is empty the certificate is over `header` itself; otherwise it is over the last of
/// `descendants`, each of which names the one before it as parent.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CertifiedHeader {
    /// The header that is proven final.
    pub header: Header,
    /// Headers between it and the certified one, oldest first.
    pub descendants: Vec<Header>,
    /// Encoded finalisation (`commonware_consensus::simplex::types::Finalization`).
    pub certificate: Vec<u8>,
}

/// Key of a cluster's state under which the digest of the block at `height` is kept, so that a later state commitment
/// proves it. The first byte is the kind, as for all keys of that map.
pub fn history_key(height: u64) -> Vec<u8> {
    (0u8, height).encode()
}

//! Why a transaction has no effect.

use parity_scale_codec::{Decode, Encode};
use tallow_proof::CertificateError;
use tallow_types::{WorkerId, limits};

/// Why a transaction has no effect. Its encoding is part of what validators agree on.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum TxError {
    /// More bytes than a transaction may have.
    #[error("transaction of more than {} bytes", limits::LEDGER_TX_BYTES_MAX)]
    TooLarge,
    /// The block holds too many transactions before it.
    #[error("more than {} transactions in the block", limits::LEDGER_TXS_MAX)]
    BlockFull,
    /// Not a transaction.
    #[error("malformed transaction")]
    Malformed,
    /// It is meant for another network.
    #[error("transaction for another network")]
    WrongNetwork,
    /// The signature is not the signer's.
    #[error("invalid signature")]
    InvalidSignature,
    /// The nonce is not the signer's next one: the transaction is a replay, or comes too early.
    #[error("nonce {given}, expected {expected}")]
    WrongNonce {
        /// The signer's next nonce.
        expected: u64,
        /// The transaction's.
        given: u64,
    },
    /// A worker is registered by its own ed25519 key alone.
    #[error("a worker registers itself: the signer is not the worker's key")]
    NotTheWorker,
    /// The worker's address is too long.
    #[error("endpoint of more than {} bytes", limits::ENDPOINT_BYTES_MAX)]
    EndpointTooLong,
    /// The worker's evidence is not acceptable.
    #[error("attestation evidence refused: {reason}")]
    EvidenceRefused {
        /// Why, in the judge's words; not part of what validators agree on.
        #[codec(skip)]
        reason: String,
    },
    /// The members are not 1, 4, 7 ... different workers in ascending order.
    #[error("a cluster has 3f+1 different members in ascending order, of at most {}", limits::PARTICIPANTS_MAX)]
    InvalidMembers,
    /// A member is not a registered worker.
    #[error("member {0} is not a registered worker")]
    UnknownMember(WorkerId),
    /// Only the cluster's owner may do this.
    #[error("the signer does not own the cluster")]
    NotTheOwner,
    /// A cluster begins with epoch 0 and goes on one by one.
    #[error("cluster epoch {given}, expected {expected}")]
    WrongEpoch {
        /// The cluster's next epoch.
        expected: u64,
        /// The transaction's.
        given: u64,
    },
    /// The size of code is none, or exceeds the limit.
    #[error("code of no or more than {} bytes", limits::CODE_BYTES_MAX)]
    InvalidCodeSize,
    /// The cluster is not registered.
    #[error("cluster not registered")]
    UnknownCluster,
    /// Only members and the owner of a cluster anchor it.
    #[error("the signer is neither member nor owner of the cluster")]
    NotAMember,
    /// A header of the anchor is not proven final.
    #[error("cluster header at height {height} is not final")]
    NotFinal {
        /// The header's height.
        height: u64,
        /// Why.
        #[source]
        reason: CertificateError,
    },
    /// The cluster is already anchored at this height or above.
    #[error("already anchored at height {anchored}")]
    AnchorTooLow {
        /// The newest anchor's height.
        anchored: u64,
    },
    /// A block has more messages than it may carry.
    #[error("more than {} messages of one block", limits::OUTBOX_MAX)]
    OutboxTooLong,
    /// The messages are not those that the cluster's blocks since the last anchor commit to: one is altered, left out,
    /// added, or out of its order.
    #[error("messages are not those of the cluster's blocks since the last anchor")]
    OutboxMismatch,
    /// Nothing was to be moved.
    #[error("an amount of nothing")]
    ZeroAmount,
    /// The signer does not have what is to be moved.
    #[error("the signer has {balance} on the ledger, less than {amount}")]
    BalanceTooLow {
        /// What the signer has.
        balance: u128,
        /// What was to be moved.
        amount: u128,
    },
    /// The cluster has as many messages waiting as the ledger keeps.
    #[error("more than {} messages wait for the cluster; try again when it has taken some", limits::INBOX_MAX)]
    InboxFull,
}

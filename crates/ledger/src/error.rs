//! Why a transaction has no effect.

use tallow_crypto::ClusterFault;
use tallow_proof::CertificateError;
use tallow_types::{WorkerId, limits};

/// Why a transaction has no effect, and therefore no place in a block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TxError {
    /// More bytes than a transaction of its kind may have.
    #[error("transaction of more than {limit} bytes")]
    TooLarge {
        /// How many it may have.
        limit: usize,
    },
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
    /// The signer has sent as much as one account may for now.
    #[error("too many transactions of this account; try again in a moment")]
    TooFast,
    /// Accounts without balance have used up what they share.
    #[error(
        "accounts without balance have used up what they share of the ledger; try again later, or from an account \
             with balance"
    )]
    AllowanceUsed,
    /// The signer's balance does not suffice for the fee or the deposit.
    #[error("the ledger takes {amount} for this, and the signer has {balance}")]
    CannotPay {
        /// What the signer has.
        balance: u128,
        /// The fee or deposit.
        amount: u128,
    },
    /// An account may not be left with so little.
    #[error("the receiving account would have {balance}, less than the least of {least}")]
    BelowMinimum {
        /// What it would have.
        balance: u128,
        /// The least.
        least: u128,
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
        /// Why, in the judge's words.
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
    /// Somebody who has to vouch for the cluster's record does not.
    #[error(transparent)]
    Cluster(#[from] ClusterFault),
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

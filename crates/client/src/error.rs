//! What can go wrong, by who is to blame.

use crate::SignerError;
use std::time::Duration;
use tallow_api::{Code, Problem};
use tallow_crypto::SealError;
use tallow_proof::{AnchorError, CertificateError, ReceiptError, RecordError};
use tallow_types::{ClusterId, CommandId, Malformed, NetworkId, QueryRefusal, WorkerId};

/// Why an operation of the client failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The URL is not one of a worker's API.
    #[error("`{url}` is not a URL of a worker: {reason}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// TLS cannot be set up on this machine.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// No connection, or it broke.
    #[error("cannot reach a worker at {url}")]
    Unreachable {
        /// The server.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// No complete answer in time.
    #[error("no answer from {url} within {} ms", after.as_millis())]
    Timeout {
        /// The server.
        url: String,
        /// The time it was given.
        after: Duration,
    },
    /// The answer is larger than any honest one.
    #[error("the answer exceeds {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The worker refuses, and says why.
    #[error("{} {}", .0.title, .0.detail)]
    Api(Box<Problem>),
    /// The server does not speak this API.
    #[error("{url} answered with HTTP status {status}, which is not an answer of a worker's API")]
    Unexpected {
        /// The server.
        url: String,
        /// Its HTTP status.
        status: u16,
    },
    /// What answers there is not a worker of this API.
    #[error("{url} is not a Tallow worker: {reason}")]
    Foreign {
        /// The server.
        url: String,
        /// What it did instead.
        reason: String,
    },
    /// The worker is of another version, and the two do not understand each other.
    #[error("the worker at {url} is of version {found}, which this program of version {own} does not understand")]
    Version {
        /// The server.
        url: String,
        /// Its version, as it says.
        found: String,
        /// The version of this program.
        own: &'static str,
    },
    /// The answer does not decode.
    #[error("the worker's answer is not to be understood")]
    Malformed(#[from] Malformed),
    /// The answer is understood and not believed.
    #[error("the worker's answer is not believed")]
    Rejected(#[from] Rejection),
    /// The caller did not sign.
    #[error("not signed")]
    Signer(#[from] SignerError),
    /// The query was not run.
    #[error("the query was not run: {0}")]
    Refused(QueryRefusal),
    /// The command is taken, and has no receipt yet. It may still take effect.
    #[error("no receipt of command {id} within {} ms; it may still take effect", after.as_millis())]
    NoReceipt {
        /// The command.
        id: CommandId,
        /// The time it was given.
        after: Duration,
    },
    /// The receipt is good and not anchored yet.
    #[error("command {id} was not anchored within {} ms; it is final in its cluster", after.as_millis())]
    NotAnchored {
        /// The command.
        id: CommandId,
        /// The time it was given.
        after: Duration,
    },
    /// What was to be sent is larger than the network takes.
    #[error("{what} of {bytes} bytes exceeds {limit}")]
    InputTooLarge {
        /// What it is.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The most that is taken.
        limit: usize,
    },
}

/// Why an answer is not believed. Each of these means that the worker, or someone on the way to it, is broken or lies.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// The network is not the pinned one.
    #[error("the worker is of network {found}; pinned is {pinned}")]
    WrongNetwork {
        /// What was expected.
        pinned: NetworkId,
        /// What was served.
        found: NetworkId,
    },
    /// The network's key is none.
    #[error("the network's genesis is unusable")]
    Genesis(#[source] CertificateError),
    /// The network follows a policy of attestation that this client does not know.
    #[error("the network follows a policy of attestation that this client does not know")]
    UnknownPolicy,
    /// A registry record is not proven.
    #[error("the registry's answer is not proven")]
    Record(#[from] RecordError),
    /// The ledger lists no such cluster.
    #[error("the ledger lists no cluster {0}")]
    UnknownCluster(ClusterId),
    /// The ledger lists no such worker.
    #[error("the ledger lists no worker {0}")]
    UnknownWorker(WorkerId),
    /// The record names another worker or cluster than the one it is filed under.
    #[error("the ledger's record is filed under another name")]
    Misfiled,
    /// The worker is not one of the cluster's replicas.
    #[error("worker {worker} is not a replica of cluster {cluster}")]
    NotAMember {
        /// The worker.
        worker: WorkerId,
        /// The cluster.
        cluster: ClusterId,
    },
    /// The worker's evidence does not satisfy the policy.
    #[error("the worker's attestation is refused")]
    Attestation(#[source] tallow_attest::AttestError),
    /// The cluster's keys are none.
    #[error("the cluster's record is unusable")]
    Cluster(#[source] CertificateError),
    /// The receipt proves nothing.
    #[error("the receipt proves nothing")]
    Receipt(#[from] ReceiptError),
    /// The anchor proves nothing.
    #[error("the anchor proves nothing")]
    Anchor(#[from] AnchorError),
    /// The registry has no anchor of this cluster.
    #[error("the ledger holds no anchor of the cluster")]
    NoAnchor,
    /// The outcome cannot be opened with the command's response key, so it is of another command or altered.
    #[error("the receipt's outcome cannot be opened")]
    Outcome(#[source] SealError),
    /// The worker serves another receipt than before.
    #[error("the receipt is another one than before")]
    ChangedReceipt,
    /// The answer is not one to this request, from this worker, in this session.
    #[error("the answer is not this worker's to this request")]
    Answer(#[source] SealError),
    /// A block is not certified.
    #[error("the block is not certified by the cluster")]
    Block(#[source] CertificateError),
    /// An item of a stream comes twice, or before one that came earlier.
    #[error("an item of the stream comes out of order")]
    OutOfOrder,
    /// A public key in the registry is none.
    #[error("a public key of the registry is unusable")]
    Key(#[source] SealError),
    /// The answer stands on an older state than was asked for.
    #[error("the answer is as of height {found}, older than height {wanted} already seen")]
    Old {
        /// The height it has.
        found: u64,
        /// The height asked for.
        wanted: u64,
    },
    /// The result is of another kind than the query.
    #[error("the answer is of another kind than the query")]
    WrongKind,
    /// The worker says it stored other code.
    #[error("the worker stored other code than was sent")]
    OtherCode,
    /// The worker says another command was taken.
    #[error("the worker took another command than was sent")]
    OtherCommand,
}

impl ClientError {
    /// The stable code, when the worker gave one.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Api(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// Whether the worker, or someone on the way to it, said something that proved to be untrue.
    pub fn is_rejection(&self) -> bool {
        matches!(self, Self::Rejected(_))
    }
}

/// Why something that this client made could not be sealed: too large, or the registry's key is none.
pub(crate) fn too_large(what: &'static str) -> impl FnOnce(SealError) -> ClientError {
    move |error| match error {
        SealError::TooLarge { bytes, limit } => ClientError::InputTooLarge { what, bytes, limit },
        error => Rejection::Key(error).into(),
    }
}

/// So that what `tallow_proof` rejects becomes a client error by `?`.
macro_rules! rejection {
    ($($error:ty),*) => {$(
        impl From<$error> for ClientError {
            fn from(error: $error) -> Self { Self::Rejected(error.into()) }
        }
    )*};
}

rejection!(RecordError, ReceiptError, AnchorError);

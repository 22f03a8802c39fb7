//! Query sessions: what is sealed inside them.

use crate::{
    AccountId, Authority, CallError, ClusterId, CodeHash, Compat, Event, FeedPosition, Hash, NetworkId, Output,
    PublicKey, SessionId, Signature, TimerStatus, Topic, WorkerId,
};
use parity_scale_codec::{Decode, Encode};

/// Opens a session: sent sealed (HPKE base mode) to the replica's transport key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SessionOpen {
    /// What is signed.
    pub terms: SessionTerms,
    /// The caller's signature, or that of its delegate.
    pub authority: Authority,
}

/// Binds a session to its caller, its replica and this one key exchange.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SessionTerms {
    /// The network.
    pub network: NetworkId,
    /// The cluster.
    pub cluster: ClusterId,
    /// The replica.
    pub worker: WorkerId,
    /// Who asks.
    pub caller: PublicKey,
    /// The HPKE encapsulated key of this very message, so that the signature cannot serve another session.
    pub encapsulated: [u8; 32],
    /// Milliseconds since the Unix epoch at which the session ends.
    pub expiry_ms: u64,
}

/// A sealed session opening as it travels.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SealedSessionOpen {
    /// The HPKE encapsulated key.
    pub encapsulated: [u8; 32],
    /// Ciphertext of the encoded [`SessionOpen`].
    pub ciphertext: Vec<u8>,
}

/// A request or answer of a session as it travels: AES-256-GCM under the session's key for that direction. The nonce of
/// a request is its number; that of an answer is random and precedes the ciphertext.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SessionFrame {
    /// The session.
    pub session: SessionId,
    /// Number of the request, from 0, used once.
    pub number: u64,
    /// Ciphertext.
    pub ciphertext: Vec<u8>,
}

/// What a query asks.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Query {
    /// Runs a message of a contract on a snapshot.
    Call {
        /// The contract.
        contract: AccountId,
        /// Selector and SCALE-encoded arguments.
        input: Vec<u8>,
        /// Balance that the call pretends to move.
        value: u128,
        /// Most gas it may use; 0 asks for the limit.
        gas_limit: u64,
        /// Behaves as a command would, with effects dropped: to estimate gas.
        estimate: bool,
    },
    /// Runs a constructor as a command would, effects dropped.
    Instantiate {
        /// Hash of the code.
        code: CodeHash,
        /// Selector and SCALE-encoded arguments.
        input: Vec<u8>,
        /// As in the command.
        salt: Vec<u8>,
        /// As in the command.
        compat: Compat,
        /// Balance moved to the contract.
        value: u128,
    },
    /// An account's free balance.
    Balance(AccountId),
    /// Log records of a contract from a sequence number on; for its deployer alone.
    Logs {
        /// The contract.
        contract: AccountId,
        /// First sequence number wanted.
        from: u64,
        /// Most records wanted.
        limit: u32,
    },
    /// The timers of a contract; for its deployer alone.
    Timers {
        /// The contract.
        contract: AccountId,
    },
    /// A sealed stream of the feed; posted to `/v1/subscribe`, and answered by [`crate::StreamMessage`]s.
    Subscribe {
        /// Contract whose events and log lines are wanted. Without one there are the public events of all, and no lines.
        contract: Option<AccountId>,
        /// What is wanted.
        topics: Vec<Topic>,
        /// First place wanted; what comes from now on when none is given.
        from: Option<FeedPosition>,
    },
    /// What a contract is, by the cluster's state.
    Contract(AccountId),
    /// The names of a contract's secrets; for its deployer alone.
    Secrets(AccountId),
    /// The cluster's system contract.
    SystemContract,
}

/// A query with the height its caller has seen.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct QueryRequest {
    /// The query.
    pub query: Query,
    /// The snapshot must be at least this high, so that a caller reads its own writes.
    pub min_height: u64,
}

/// The result of a query.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum QueryResult {
    /// A contract ran.
    Called {
        /// What it returned, or why it did not.
        result: Result<Output, CallError>,
        /// Gas used.
        gas_used: u64,
        /// Events, which a command would have kept.
        events: Vec<Event>,
    },
    /// A balance.
    Balance(u128),
    /// Log records.
    Logs(Vec<LogRecord>),
    /// The query was not run.
    Refused(QueryRefusal),
    /// Timers.
    Timers {
        /// Key under which the outcomes of all firings of the contract are sealed.
        receipt_key: [u8; 32],
        /// The timers, by id.
        timers: Vec<TimerStatus>,
    },
    /// A contract; `None` when there is none of this address.
    Contract(Option<ContractStatus>),
    /// What is told of a contract's secrets, by name.
    Secrets(Vec<SecretInfo>),
    /// The system contract.
    SystemContract(Option<AccountId>),
}

/// A contract, by the cluster's state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ContractStatus {
    /// Its code.
    pub code: CodeHash,
    /// Who made it.
    pub deployer: AccountId,
    /// Whose runtime it expects.
    pub compat: Compat,
    /// Who may replace its code; nobody but the contract itself when `None`.
    pub admin: Option<AccountId>,
}

/// What is told of a secret.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SecretInfo {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u32,
    /// Block time at which it was set, milliseconds since the Unix epoch.
    pub set_ms: u64,
}

/// Why a query was not run.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, thiserror::Error)]
pub enum QueryRefusal {
    /// The replica has not reached the height asked for.
    #[error("the replica is at height {height}, below the height asked for")]
    Behind {
        /// Where it is.
        height: u64,
    },
    /// Too many queries run.
    #[error("busy: too many queries")]
    Busy,
    /// The caller may not see this.
    #[error("not permitted")]
    NotPermitted,
    /// The replica knows a newer anchor than its own state.
    #[error("the replica is older than the newest anchor")]
    Stale,
    /// That part of the feed is no longer kept.
    #[error("the feed is kept from {oldest} on")]
    Gone {
        /// The oldest place that is kept.
        oldest: FeedPosition,
    },
}

/// One log record of a contract.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct LogRecord {
    /// Its number in the contract's log on this replica, from 0.
    pub sequence: u64,
    /// Block time or, for queries, the replica's clock: milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// Height of the state it ran on.
    pub height: u64,
    /// 1 error, 2 warning, 3 information, 4 debug, 5 trace.
    pub level: u8,
    /// The text.
    pub text: String,
}

/// A sealed answer's content: the replica answers for it with its key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SignedQueryAnswer {
    /// The result.
    pub answer: QueryAnswer,
    /// The replica's ed25519 signature over `crypto::query_answer_signing_bytes`.
    pub signature: Signature,
}

/// What a replica says to a query.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct QueryAnswer {
    /// Digest of the request as it travelled.
    pub request: Hash,
    /// Height of the snapshot.
    pub height: u64,
    /// Newest anchored height the replica knows.
    pub anchored_height: u64,
    /// The result.
    pub result: QueryResult,
}

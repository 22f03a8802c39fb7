//! What the engine is asked, what it may read, and what it answers.

use crate::Code;
use std::{collections::BTreeMap, sync::Arc};
use tallow_crypto::Secret;
use tallow_types::{
    AccountId, Answer, CallError, ClusterId, CodeHash, CommandId, Compat, Event, ExternalCall, ListedTimer, Output,
    SecretValue, Timer,
};

/// A contract of the cluster.
#[derive(Clone, Copy, PartialEq, Eq, Debug, parity_scale_codec::Encode, parity_scale_codec::Decode)]
pub struct ContractInfo {
    /// Its code.
    pub code: CodeHash,
    /// Who made it.
    pub deployer: AccountId,
    /// Whose runtime it expects.
    pub compat: Compat,
    /// Whether everyone may see its events, rather than its deployer alone.
    pub public_events: bool,
}

/// A snapshot of a cluster's state. Reading it never fails and never blocks: state is in memory.
pub trait World: Send + Sync {
    /// A contract's storage value. `key` is the contract's own, as it gave it.
    fn storage(&self, contract: &AccountId, key: &[u8]) -> Option<Arc<[u8]>>;
    /// A contract.
    fn contract(&self, address: &AccountId) -> Option<ContractInfo>;
    /// An account's free balance.
    fn balance(&self, account: &AccountId) -> u128;
    /// Prepared code.
    fn code(&self, hash: &CodeHash) -> Option<Code>;
    /// A contract's secret. There are none unless the world says otherwise.
    fn secret(&self, _contract: &AccountId, _name: &str) -> Option<SecretValue> {
        None
    }
    /// A contract's timers, by id. There are none unless the world says otherwise.
    fn timers(&self, _contract: &AccountId) -> Vec<ListedTimer> {
        Vec::new()
    }
    /// Whether a contract has this timer.
    fn has_timer(&self, contract: &AccountId, id: &[u8]) -> bool {
        self.timers(contract).iter().any(|timer| timer.id == id)
    }
    /// How many timers a contract has, and all of them together.
    fn count_timers(&self, contract: &AccountId) -> (usize, usize) {
        let count = self.timers(contract).len();
        (count, count)
    }
}

/// A replica's volatile cache, which contracts use in queries (`phat-abi.md` 1.16).
pub trait Cache: Send + Sync {
    /// The value, unless it expired at `now_ms`.
    fn get(&self, contract: &AccountId, key: &[u8], now_ms: u64) -> Option<Vec<u8>>;
    /// Stores a value; false when the contract's quota is exceeded.
    fn set(&self, contract: &AccountId, key: &[u8], value: &[u8], now_ms: u64) -> bool;
    /// Lets an entry expire `seconds` after `now_ms`; 0 removes it.
    fn set_expiration(&self, contract: &AccountId, key: &[u8], seconds: u64, now_ms: u64);
    /// Removes an entry and returns it.
    fn remove(&self, contract: &AccountId, key: &[u8], now_ms: u64) -> Option<Vec<u8>>;
}

/// Counts the host's memory that queries and estimates hold: a query may wait for long, and holds what it has until then.
/// A run counts before it takes.
pub trait Memory: Send + Sync {
    /// Takes so many bytes, if they may be had.
    fn take(&self, bytes: usize) -> bool;
    /// Gives bytes back.
    fn give(&self, bytes: usize);
    /// How many of so many bytes from `address` on are memory of the machine, rather than space that nothing was written
    /// to; all of them where that is not known.
    fn resident(&self, address: usize, bytes: usize) -> usize;
}

/// What to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// A message of a contract.
    Call {
        /// The contract.
        contract: AccountId,
    },
    /// A constructor.
    Instantiate {
        /// The code.
        code: CodeHash,
        /// Salt of the address.
        salt: Vec<u8>,
        /// Whose runtime the contract expects.
        compat: Compat,
        /// Whether everyone may see the contract's events.
        public_events: bool,
    },
}

/// One call from outside the cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invocation {
    /// Who calls.
    pub caller: AccountId,
    /// What is called.
    pub target: Target,
    /// Selector and SCALE-encoded arguments.
    pub input: Vec<u8>,
    /// Balance moved from the caller to the contract.
    pub value: u128,
    /// Most gas it may use.
    pub gas_limit: u64,
}

/// What contracts can learn of their surroundings; equal on all replicas in command mode.
#[derive(Clone)]
pub struct Environment {
    /// The cluster.
    pub cluster: ClusterId,
    /// Height of the block (command), or of the snapshot (query).
    pub height: u64,
    /// Block time (command), or the snapshot's (query), milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// The system contract, when the cluster has one.
    pub system_contract: Option<AccountId>,
    /// The cluster's sr25519 secret, from which contract keys derive (`phat-abi.md` 1.3).
    pub cluster_key: Arc<Secret<[u8; 64]>>,
    /// Key of the PRF behind randomness in commands.
    pub random_key: Arc<Secret<[u8; 32]>>,
    /// Whose runtime contracts get; one that expects Phala's gets that anyway.
    pub compat: Compat,
}

/// An external call that has its answer.
#[derive(Clone, PartialEq, Eq, Debug, parity_scale_codec::Encode, parity_scale_codec::Decode)]
pub struct AnsweredCall {
    /// What was asked.
    pub call: ExternalCall,
    /// What came back.
    pub answer: Answer,
}

/// How a run stands in the cluster.
#[derive(Clone)]
pub enum Mode {
    /// An ordered write: deterministic, external calls answered from the log.
    Command {
        /// The command; randomness is a PRF of it.
        id: CommandId,
        /// Answers so far, in the order of the calls.
        answers: Arc<[AnsweredCall]>,
    },
    /// As a command, to learn its gas, but in time slices as a query; external calls are refused and effects are for the
    /// caller to drop.
    Estimate,
    /// A read.
    Query {
        /// The replica's cache.
        cache: Arc<dyn Cache>,
        /// The replica's public key, as contracts see it.
        worker: [u8; 32],
        /// The replica's clock when the query began, milliseconds since the Unix epoch.
        clock_ms: u64,
    },
}

/// What a call changed; to be applied as a whole.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Changes {
    /// Storage by contract and key; `None` removes.
    pub storage: BTreeMap<(AccountId, Vec<u8>), Option<Vec<u8>>>,
    /// New free balances.
    pub balances: BTreeMap<AccountId, u128>,
    /// New, changed and (`None`) terminated contracts.
    pub contracts: BTreeMap<AccountId, Option<ContractInfo>>,
    /// New and (`None`) cancelled timers by contract and id.
    pub timers: BTreeMap<(AccountId, Vec<u8>), Option<DueTimer>>,
}

/// A timer with the block time from which on it fires.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DueTimer {
    /// The timer.
    pub timer: Timer,
    /// When it is due.
    pub due_ms: u64,
}

/// A line a contract wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLine {
    /// The contract.
    pub contract: AccountId,
    /// 1 error, 2 warning, 3 information, 4 debug (also ink!'s debug messages), 5 trace.
    pub level: u8,
    /// The text.
    pub text: String,
}

/// A finished run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Execution {
    /// What the contract returned, or why it did not.
    pub result: Result<Output, CallError>,
    /// Gas used, up to the limit.
    pub gas_used: u64,
    /// External calls made.
    pub calls: u32,
    /// Effects; empty when the call failed or reverted.
    pub changes: Changes,
    /// Events; empty when the call failed or reverted.
    pub events: Vec<Event>,
    /// Log lines, kept whatever the result.
    pub logs: Vec<LogLine>,
    /// Cache operations of a command, to be applied to the replica's cache after its block is final; empty when the
    /// call failed or reverted. Queries apply theirs at once.
    pub cache: Vec<CacheChange>,
}

/// A deferred operation on a contract's cache.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CacheChange {
    /// The contract.
    pub contract: AccountId,
    /// The key.
    pub key: Vec<u8>,
    /// What is done to it.
    pub op: CacheOp,
}

/// What a [`CacheChange`] does to its entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CacheOp {
    /// Stores a value.
    Set(Vec<u8>),
    /// Lets the entry expire after so many seconds; 0 removes it.
    Expire(u64),
    /// Removes the entry.
    Remove,
}

/// How far a run got.
#[derive(Debug)]
pub enum Step {
    /// It used up a time slice; step again when it is its turn.
    Yield,
    /// It waits for this external call: queries get the answer by the next `step`; a command ends here and runs again
    /// from its start when the answer is in the log.
    External {
        /// Number of the call in this run, from 0.
        index: u32,
        /// The call.
        call: ExternalCall,
        /// Gas that a command's run has used, which ends here; 0 for queries, which go on.
        gas_used: u64,
    },
    /// It ended.
    Done(Box<Execution>),
}

/// The host could not run the call: no fault of the contract, never recorded, to be tried again.
#[derive(Debug, thiserror::Error)]
#[error("the host lacks resources to run a contract: {0}")]
pub struct HostError(pub String);

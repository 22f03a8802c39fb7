//! Outcomes of calls, and the receipts that prove them.

use crate::{AccountId, CertifiedHeader, CommandId, Hash};
use parity_scale_codec::{Decode, Encode};

/// Bit 0 of the return flags: the callee's effects are dropped.
pub const FLAG_REVERT: u32 = 1;

/// An event of a contract.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Event {
    /// The contract that emitted it.
    pub contract: AccountId,
    /// Topics.
    pub topics: Vec<Hash>,
    /// Data.
    pub data: Vec<u8>,
}

/// What a contract returned.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Output {
    /// Return flags; see [`FLAG_REVERT`].
    pub flags: u32,
    /// Return buffer: SCALE, decoded with the contract's metadata.
    pub data: Vec<u8>,
    /// The contract that an instantiation made.
    pub created: Option<AccountId>,
}

impl Output {
    /// Whether the contract asked for its effects to be dropped.
    pub fn reverted(&self) -> bool {
        self.flags & FLAG_REVERT != 0
    }
}

/// Why a call ended without a return value. Names are those of pallet-contracts where it has one.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, thiserror::Error)]
pub enum CallError {
    /// A host function was given flags it does not know.
    #[error("invalid call flags")]
    InvalidCallFlags,
    /// The gas limit is used up.
    #[error("out of gas")]
    OutOfGas,
    /// An output buffer of the contract is too small.
    #[error("output buffer too small")]
    OutputBufferTooSmall,
    /// The balance does not suffice.
    #[error("transfer failed: balance too low")]
    TransferFailed,
    /// Too many nested calls.
    #[error("maximum call depth reached")]
    MaxCallDepthReached,
    /// No such contract.
    #[error("contract not found")]
    ContractNotFound,
    /// The code exceeds the limit.
    #[error("code too large")]
    CodeTooLarge,
    /// No such code.
    #[error("code not found")]
    CodeNotFound,
    /// A pointer or length of the contract lies outside its memory.
    #[error("out of bounds of the contract's memory")]
    OutOfBounds,
    /// A host function could not decode its input.
    #[error("decoding failed")]
    DecodingFailed,
    /// The contract trapped.
    #[error("contract trapped: {0}")]
    ContractTrapped(String),
    /// A value exceeds its limit.
    #[error("value too large")]
    ValueTooLarge,
    /// A contract terminated while it was being called.
    #[error("terminated while re-entrant")]
    TerminatedWhileReentrant,
    /// The input was already taken or forwarded.
    #[error("input forwarded")]
    InputForwarded,
    /// Too many topics.
    #[error("too many topics")]
    TooManyTopics,
    /// No such chain extension.
    #[error("no chain extension")]
    NoChainExtension,
    /// A contract with this address exists.
    #[error("duplicate contract")]
    DuplicateContract,
    /// A contract terminated in its constructor.
    #[error("terminated in constructor")]
    TerminatedInConstructor,
    /// Re-entry was not allowed.
    #[error("re-entrance denied")]
    ReentranceDenied,
    /// The code is not acceptable.
    #[error("code rejected: {0}")]
    CodeRejected(String),
    /// A function of the chain extension that does not exist.
    #[error("unknown chain extension function {0}")]
    UnknownChainExtensionFunction(u32),
    /// A chain extension function was given more than it takes.
    #[error("contract input or output buffer overflow")]
    ContractIoBufferOverflow,
    /// A key could not be derived.
    #[error("key derivation failed")]
    DeriveKeyFailed,
    /// There is no system contract.
    #[error("system contract missing")]
    SystemContractMissing,
    /// Only the system contract may do this.
    #[error("bad origin")]
    BadOrigin,
    /// The time limit of a query passed.
    #[error("deadline exceeded")]
    DeadlineExceeded,
    /// More external calls than one command may make.
    #[error("too many external calls")]
    TooManyCalls,
    /// The command expired before it was ordered; it had no effect.
    #[error("expired")]
    Expired,
    /// The command expired while external calls were in flight, which may or may not have had effect outside.
    #[error("outcome unknown: {calls} external calls were begun before the command expired")]
    OutcomeUnknown {
        /// External calls begun.
        calls: u32,
    },
    /// Too many commands wait for answers.
    #[error("busy: too many commands wait for external answers")]
    Busy,
    /// A frame that may only read tried to change something.
    #[error("state change denied: the call is read-only")]
    StateChangeDenied,
    /// Transient storage is full.
    #[error("out of transient storage")]
    OutOfTransientStorage,
    /// A contract locks its own code.
    #[error("a contract cannot lock its own code as a dependency")]
    CannotAddSelfAsDelegateDependency,
    /// The dependency is locked already.
    #[error("the dependency is locked already")]
    DelegateDependencyAlreadyExists,
    /// The dependency is not locked.
    #[error("the dependency is not locked")]
    DelegateDependencyNotFound,
    /// A contract locks too many dependencies.
    #[error("too many locked dependencies")]
    MaxDelegateDependenciesReached,
    /// The caller does not have the right to do this to the contract or the cluster.
    #[error("not permitted: this is for the owner alone")]
    NotPermitted,
    /// The contract was not made upgradable, or was frozen.
    #[error("nobody can replace this contract's code: it was not made upgradable, or was frozen")]
    NotUpgradable,
    /// The contract has no secret of this name.
    #[error("secret not found")]
    SecretNotFound,
    /// The name is not one that a secret can have.
    #[error("not the name of a secret: letters, digits and underscores, no digit first")]
    InvalidSecretName,
    /// The contract has as many secrets as it may have.
    #[error("too many secrets")]
    TooManySecrets,
    /// Code of another contract asked for a secret in a delegate call.
    #[error("secrets are not for code that runs in a delegate call")]
    SecretsDenied,
    /// Nothing was to be withdrawn.
    #[error("an amount of nothing")]
    ZeroAmount,
    /// The ledger holds less for this cluster than is to be withdrawn: the cluster began with balance that nobody
    /// deposited.
    #[error("the ledger holds too little for this cluster to pay this")]
    NotBacked,
    /// The block has no room for another message to the ledger.
    #[error("the block has no room for another message to the ledger; try again")]
    OutboxFull,
    /// The payer's balance is too low for the gas that the run may use.
    #[error("the balance is too low to pay for the gas of this run")]
    CannotPay,
    /// Code to which the contract lent its storage tried to use what it did not lend: keys, timers, new code.
    #[error("a contract that lends its storage to other code does not lend its keys, timers and code")]
    AuthorityDenied,
}

impl CallError {
    /// The variant's name: the stable code of the error.
    pub fn name(&self) -> String {
        let text = format!("{self:?}");
        text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned()
    }
}

/// The certified outcome of a command.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Outcome {
    /// What the contract returned, or why it did not.
    pub result: Result<Output, CallError>,
    /// Gas used.
    pub gas_used: u64,
    /// External calls made.
    pub calls: u32,
    /// Events emitted.
    pub events: Vec<Event>,
}

/// One step of a Merkle path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PathStep {
    /// The sibling's hash.
    pub sibling: Hash,
    /// Whether the sibling stands to the left.
    pub left: bool,
}

/// A proof that a command has an outcome: sealed outcome, path to the results root, certified header.
///
/// The leaf is `crypto::result_leaf(command, sealed)`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Receipt {
    /// The command.
    pub command: CommandId,
    /// The encoded [`Outcome`], sealed under the command's response key.
    pub sealed: Vec<u8>,
    /// Path from the leaf to the results root, leaf first.
    pub path: Vec<PathStep>,
    /// The header whose results root it leads to, with its certificate.
    pub certified: CertifiedHeader,
}

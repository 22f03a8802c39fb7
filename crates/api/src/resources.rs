//! Resources: JSON documents about what a worker has. All of them are hints, since anyone can write JSON; how each is
//! proven is said with it.

use serde::{Deserialize, Serialize};
use tallow_types::{AccountId, BlockDigest, ClusterId, CodeHash, CommandId, FeedPosition, Hash, NetworkId, WorkerId};
use utoipa::ToSchema;

/// A final block of the cluster log. Proof: `certified`, which the cluster's keys (registry) verify.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockDocument {
    /// Blocks since genesis.
    pub height: u64,
    /// Block time, milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// Digest of its header.
    #[schema(value_type = String)]
    pub digest: BlockDigest,
    /// Digest of its parent's header.
    #[schema(value_type = String)]
    pub parent: BlockDigest,
    /// Epoch of the cluster's membership.
    pub epoch: u64,
    /// View of the consensus in which it was proposed.
    pub view: u64,
    /// The worker that proposed it.
    #[schema(value_type = String)]
    pub leader: WorkerId,
    /// Entries it has.
    pub entries: u32,
    /// Commands it completed.
    pub receipts: u32,
    /// Hash over its entries.
    #[schema(value_type = String)]
    pub entries_root: Hash,
    /// Hiding commitment to the state after it.
    #[schema(value_type = String)]
    pub state: Hash,
    /// Root over its results.
    #[schema(value_type = String)]
    pub results: Hash,
    /// Root over its messages to the ledger.
    #[schema(value_type = String)]
    pub outbox: Hash,
    /// Hexadecimal of the SCALE `CertifiedHeader`; not in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certified: Option<String>,
}

/// A command that completed; what came of it is sealed for its sender. Proof: the receipt itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptSummary {
    /// The command.
    #[schema(value_type = String)]
    pub id: CommandId,
    /// Height of the block that completed it.
    pub height: u64,
    /// Time of that block, milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// Bytes of its sealed outcome.
    pub bytes: u32,
}

/// A receipt, as JSON. Proof: `receipt`, the same in SCALE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptDocument {
    /// The command.
    #[schema(value_type = String)]
    pub id: CommandId,
    /// Height of the block that completed it.
    pub height: u64,
    /// Time of that block, milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// Digest of that block's header.
    #[schema(value_type = String)]
    pub block: BlockDigest,
    /// Bytes of its sealed outcome.
    pub bytes: u32,
    /// Height of the anchored block that proves it, when the ledger has one.
    pub anchored_height: Option<u64>,
    /// Hexadecimal of the SCALE `ReceiptAnswer`.
    pub receipt: String,
}

/// An account. What it has in the cluster is confidential: `Query::Balance`, sealed. Proof: the registry's records of the
/// nonce and of the balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountDocument {
    /// The account.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// The next nonce of its ledger transactions.
    pub ledger_nonce: u64,
    /// What it has on the ledger, in decimal.
    pub ledger_balance: String,
    /// Whether it is a contract of this cluster.
    pub contract: bool,
}

/// A cluster. Proof: the registry's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClusterDocument {
    /// The cluster.
    #[schema(value_type = String)]
    pub cluster: ClusterId,
    /// Its network.
    #[schema(value_type = String)]
    pub network: NetworkId,
    /// Epoch of its membership and its key.
    pub epoch: u64,
    /// The X25519 key to which commands of this epoch are sealed, in hexadecimal.
    pub epoch_key: String,
    /// Its replicas.
    #[schema(value_type = Vec<String>)]
    pub members: Vec<WorkerId>,
    /// Height of its log on this worker.
    pub height: u64,
    /// Newest anchored height this worker knows.
    pub anchored_height: u64,
    /// Messages of its inbox on the ledger, such as deposits, that it has taken.
    pub inbox_taken: u64,
    /// Contracts it has.
    pub contracts: u64,
    /// What it takes for its work.
    pub policy: PolicyDocument,
}

/// What a cluster takes for its work. Amounts are decimal numbers of the smallest unit of balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyDocument {
    /// For each 10^9 gas that a run uses.
    pub gas_price: String,
    /// For each byte of a signed command, and of an answer to its external calls.
    pub byte_price: String,
    /// What an account must have to send commands on its own account.
    pub funded_min: String,
}

/// A contract. Proof: the registry's record, which has code and deployer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContractDocument {
    /// Its address.
    #[schema(value_type = String)]
    pub contract: AccountId,
    /// Its code.
    #[schema(value_type = String)]
    pub code: CodeHash,
    /// Who made it: its events and log lines are for this account.
    #[schema(value_type = String)]
    pub deployer: AccountId,
    /// Whose runtime it expects.
    pub compat: Runtime,
    /// Whether everyone may see its events.
    pub public_events: bool,
}

/// Whose runtime a contract expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Runtime {
    /// Tallow's.
    Tallow,
    /// Phala's: no HTTP, randomness, clock or cache in commands.
    Phala,
}

/// Code of which contracts can be made. Proof: the registry's record, which has its size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CodeDocument {
    /// Its hash.
    #[schema(value_type = String)]
    pub code: CodeHash,
    /// Bytes of Wasm, when this worker has it.
    pub bytes: Option<u64>,
    /// Whether this worker has it.
    pub available: bool,
}

/// A header that the ledger anchored. Proof: the registry's record of the newest; receipts bring their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnchorDocument {
    /// Height of the anchored block of the cluster log.
    pub height: u64,
    /// Digest of its header.
    #[schema(value_type = String)]
    pub digest: BlockDigest,
    /// Height of the ledger at which it was anchored.
    pub ledger_height: u64,
}

/// Timers of the cluster's contracts. Which they are is for their contracts' deployers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimersDocument {
    /// Timers that are set.
    pub timers: u64,
    /// Commands that wait for external answers, those of timers among them.
    pub waiting: u64,
}

/// An event of a contract. Proof: in a sealed stream each item is signed by the replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventDocument {
    /// Its place in the feed.
    #[schema(value_type = String)]
    pub position: FeedPosition,
    /// Block time, milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// The command that caused it.
    #[schema(value_type = String)]
    pub command: CommandId,
    /// The contract that emitted it.
    #[schema(value_type = String)]
    pub contract: AccountId,
    /// Topics.
    #[schema(value_type = Vec<String>)]
    pub topics: Vec<Hash>,
    /// Data, in hexadecimal; decoded with the contract's metadata.
    pub data: String,
}

macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident of $item:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub struct $name {
            /// What the page has.
            pub items: Vec<$item>,
            /// What to give as `after` for the next page; none on the last.
            pub next: Option<String>,
        }
    )*};
}

pages! {
    /// Blocks, newest first.
    BlockPage of BlockDocument;
    /// Receipts, newest first.
    ReceiptPage of ReceiptSummary;
    /// Clusters.
    ClusterPage of ClusterDocument;
    /// Contracts, by address.
    ContractPage of ContractDocument;
    /// Code, by hash.
    CodePage of CodeDocument;
    /// Anchors, newest first.
    AnchorPage of AnchorDocument;
}

//! The ledger's registry: its records, and the transactions that change them.

use crate::{
    AccountId, CallerSignature, CertifiedHeader, ClusterId, CodeHash, Hash, Header, LedgerPolicy, NetworkId,
    OutboxMessage, PublicKey, Signature, WorkerId,
};
use parity_scale_codec::{Decode, Encode};

/// A registered worker.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct WorkerRecord {
    /// Its signing key.
    pub worker: WorkerId,
    /// Its per-launch transport key (X25519), to which sessions and secrets are sealed.
    pub transport: [u8; 32],
    /// Attestation evidence that binds both keys to the worker's program.
    pub evidence: Vec<u8>,
    /// Where it serves the API.
    pub endpoint: String,
    /// Block time at which the evidence was judged.
    pub attested_ms: u64,
}

/// A registered cluster. Each part of it has somebody who vouches for it, besides the validators that took it: see
/// `crypto::verify_cluster`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ClusterRecord {
    /// Its id, which derives from the network, the owner and the nonce.
    pub cluster: ClusterId,
    /// Who administers it.
    pub owner: AccountId,
    /// The owner's number for this cluster.
    pub nonce: u64,
    /// Epoch of its membership and its epoch key.
    pub epoch: u64,
    /// Its replicas, sorted; their keys verify the cluster log's certificates.
    pub members: Vec<WorkerId>,
    /// The X25519 key to which commands of this epoch are sealed.
    pub epoch_key: [u8; 32],
    /// The keyholders' signature under the key, as that of this cluster in this epoch.
    pub vouch: Signature,
    /// Each member's signature under its membership, in the order of the members.
    pub consents: Vec<Signature>,
}

/// A registered contract.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ContractRecord {
    /// Its cluster.
    pub cluster: ClusterId,
    /// Its code.
    pub code: CodeHash,
    /// Who made it.
    pub deployer: AccountId,
}

/// Registered code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CodeRecord {
    /// Bytes of Wasm.
    pub bytes: u32,
}

/// The newest anchored header of a cluster.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AnchorRecord {
    /// The header.
    pub header: Header,
    /// Ledger height at which it was anchored.
    pub ledger_height: u64,
}

/// What of a cluster's inbox the ledger still keeps: the messages from `first` to before `next`. Messages are numbered
/// from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct InboxRecord {
    /// The oldest that the ledger has not heard the cluster took.
    pub first: u64,
    /// The number of the next one to come.
    pub next: u64,
}

/// What the ledger tells a cluster.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum InboxMessage {
    /// Balance left the ledger for the cluster.
    Deposit {
        /// Who sent it.
        from: AccountId,
        /// The account of the cluster that gets it.
        to: AccountId,
        /// How much.
        amount: u128,
    },
}

/// What the ledger remembers of an account that sent transactions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct NonceRecord {
    /// The next nonce.
    pub next: u64,
    /// Block time (milliseconds) up to which the account has used up what one account may send.
    pub paced_ms: u64,
}

/// What a lease is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
pub enum Leased {
    /// A worker.
    Worker(WorkerId),
    /// A cluster.
    Cluster(ClusterId),
    /// Code.
    Code(CodeHash),
}

/// On what terms the ledger keeps a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct LeaseRecord {
    /// Who registered it.
    pub payer: AccountId,
    /// What it left for it, and gets back when the record goes.
    pub deposit: u128,
    /// Block time (milliseconds) from which on the record goes unless something refers to it.
    pub until_ms: u64,
}

/// A key of the ledger's state. Its encoding is the map's key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum RegistryKey {
    /// [`WorkerRecord`].
    Worker(WorkerId),
    /// [`ClusterRecord`].
    Cluster(ClusterId),
    /// [`CodeRecord`].
    Code(CodeHash),
    /// [`ContractRecord`].
    Contract(ClusterId, AccountId),
    /// [`AnchorRecord`].
    Anchor(ClusterId),
    /// [`NonceRecord`]; absent for accounts that sent nothing, or nothing for long while they had no balance.
    Nonce(AccountId),
    /// `u128`: what an account has on the ledger; absent when nothing.
    Balance(AccountId),
    /// `u128`: what was deposited into a cluster and not withdrawn; absent when nothing.
    Escrow(ClusterId),
    /// [`InboxRecord`]; absent before the first message.
    Inbox(ClusterId),
    /// [`InboxMessage`]: a message to a cluster, by its number, until the ledger hears that the cluster took it.
    Message(ClusterId, u64),
    /// [`LeaseRecord`], beside every worker, cluster and code.
    Lease(Leased),
    /// `u32`: how many records refer to this one; absent when none does.
    Uses(Leased),
    /// `u64`: block time (milliseconds) up to which accounts without balance have used up what they share.
    Allowance,
}

/// A change of the registry.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum LedgerAction {
    /// Registers or renews the signing worker.
    RegisterWorker(WorkerRecord),
    /// Registers a cluster; the signer becomes its owner.
    RegisterCluster(ClusterRecord),
    /// Registers code by hash and size.
    RegisterCode {
        /// Its hash.
        code: CodeHash,
        /// Its size in bytes.
        bytes: u32,
    },
    /// Anchors a certified header of a cluster and applies the messages of the blocks since the last anchor.
    Anchor(Box<Anchor>),
    /// Moves balance of the signer to another account of the ledger.
    Transfer {
        /// The receiving account.
        to: AccountId,
        /// How much; not 0.
        amount: u128,
    },
    /// Moves balance of the signer into a cluster: into its escrow, with a message to its inbox.
    Deposit {
        /// The cluster.
        cluster: ClusterId,
        /// The account of the cluster that gets it.
        to: AccountId,
        /// How much; not 0.
        amount: u128,
    },
}

/// A cluster block header with its certificate, and what the blocks up to it tell the ledger.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Anchor {
    /// The cluster.
    pub cluster: ClusterId,
    /// The newest header, certified.
    pub certified: CertifiedHeader,
    /// The messages of each block since the last anchor that has any, oldest first. None can be left out: they lead from
    /// `Commitments::outbox` of the last anchored header to that of this one.
    pub outbox: Vec<Vec<OutboxMessage>>,
}

/// A ledger transaction.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct LedgerTx {
    /// The network it is meant for.
    pub network: NetworkId,
    /// Who sends it.
    pub signer: PublicKey,
    /// The signer's next nonce.
    pub nonce: u64,
    /// What it does.
    pub action: LedgerAction,
}

/// A ledger transaction with its signer's signature.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SignedLedgerTx {
    /// The transaction.
    pub tx: LedgerTx,
    /// The signer's signature.
    pub signature: CallerSignature,
}

/// A registry record (or its absence) with its proof under a certified ledger header.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ProvenRecord {
    /// The key asked for.
    pub key: RegistryKey,
    /// The encoded record, or `None` when the registry has none.
    pub value: Option<Vec<u8>>,
    /// Encoded `state::Proof`.
    pub proof: Vec<u8>,
    /// The ledger header whose state root the proof leads to.
    pub certified: CertifiedHeader,
}

/// What makes a network: all validators start from it, and its digest is the network id.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Genesis {
    /// Encoded group public key of the validators (BLS12-381, MinSig: 96 bytes).
    pub group_key: Vec<u8>,
    /// The validators' ed25519 keys, sorted.
    pub validators: Vec<[u8; 32]>,
    /// Milliseconds since the Unix epoch of the genesis block.
    pub time_ms: u64,
    /// The ed25519 key by which the keyholders vouch for the keys of clusters.
    pub keyholder: [u8; 32],
    /// What evidence workers must bring; its digest (see `attest::Policy`).
    pub policy: Hash,
    /// What accounts have on the ledger from the start: all the balance there will ever be.
    pub balances: Vec<(AccountId, u128)>,
    /// What the ledger takes for its work.
    pub ledger: LedgerPolicy,
}

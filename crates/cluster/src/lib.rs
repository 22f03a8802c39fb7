//! The state machine of a cluster: entries of the log in, state, receipts and external calls out.
//!
//! Pure: the same log prefix gives the same state commitment and receipts on every replica (invariant 3). Time is the
//! block's, randomness a PRF, code and external answers are in the log; the shell (`worker`) orders entries, performs
//! the external calls that [`State::pending_calls`] names, and keeps what [`BlockOutput`] hands out.
//!
//! An external call follows durable execution (design.md section 5): a command that asks for an answer which is not in
//! the log ends there, its effects dropped, and the request is recorded as *waiting*; when the answer is ordered the
//! command runs again from its start, against the state as it is then. Effects commit once, at the end.
//!
//! Balance comes from the ledger and goes back to it (ADR 0017): a message of the inbox is an entry with its proof, and
//! the state holds the number of the next one; a withdrawal burns balance and is a message of the outbox.
//!
//! A timer is state. The first block whose time has reached it fires it before any entry (module `block::timers`): a
//! command that the contract sends itself, whose id follows from timer and time.

mod acts;
mod block;
mod command;
mod mempool;
mod state;
mod task;
mod waiting;

#[cfg(test)]
mod tests;

pub use block::{BlockError, BlockOutput, CompletedCommand, ContractLog, Deferred, Opener};
pub use command::{OpenError, Opened};
pub use mempool::{Mempool, MempoolError, Sender};
pub use state::{RestoreError, Snapshot, State, View};
pub use task::{FiredTimer, Task};
pub use waiting::{PendingCall, Waiting};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tallow_crypto::{ClusterSecrets, Secret, TransportSecret};
use tallow_engine::{Code, Engine, Environment};
use tallow_proof::{CertificateError, LedgerVerifier};
use tallow_types::{AccountId, ClusterId, CodeHash, Compat, Hash, NetworkId, WorkerId};

/// Prepared code, by hash. The shell compiles at upload and loads at start.
pub trait Codes: Send + Sync {
    /// The code, or `None` when this host does not hold it.
    fn code(&self, hash: &CodeHash) -> Option<Code>;
}

/// What makes a cluster: equal on all its replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The network.
    pub network: NetworkId,
    /// The cluster.
    pub cluster: ClusterId,
    /// Epoch of its membership and epoch key.
    pub epoch: u64,
    /// Its replicas, sorted.
    pub members: Vec<WorkerId>,
    /// Who owns it, and names its system contract.
    pub owner: AccountId,
    /// Balances at genesis. The ledger holds nothing for them, so they cannot be withdrawn.
    pub balances: Vec<(AccountId, u128)>,
    /// Group key of the ledger's validators (`types::Genesis::group_key`), which proves messages of the inbox.
    pub group_key: Vec<u8>,
}

/// A cluster's rules and secrets, with the engine that runs its contracts.
pub struct Cluster {
    genesis: Genesis,
    engine: Engine,
    codes: Arc<dyn Codes>,
    keys: Keys,
    /// Judges the ledger's headers; without a key that is one, nothing of the ledger is proven.
    ledger: Result<LedgerVerifier, CertificateError>,
    interrupted: AtomicBool,
}

/// Keys derived from the cluster's secrets, once.
struct Keys {
    /// Opens commands sealed to this epoch.
    epoch_transport: TransportSecret,
    /// Seals answers in the log.
    epoch: Arc<Secret<[u8; 32]>>,
    /// Contract keys derive from it.
    cluster_key: Arc<Secret<[u8; 64]>>,
    /// PRF key of randomness in commands.
    random: Arc<Secret<[u8; 32]>>,
    /// PRF key of idempotency keys and of the choice of executors.
    calls: Secret<[u8; 32]>,
    /// The outcomes of timers' firings are sealed under keys made of it.
    firings: Secret<[u8; 32]>,
    /// Hides state in its published commitments.
    blinding: Arc<Secret<[u8; 32]>>,
}

impl Cluster {
    /// A cluster's state machine.
    pub fn new(genesis: Genesis, secrets: &ClusterSecrets, engine: Engine, codes: Arc<dyn Codes>) -> Self {
        assert!(!genesis.members.is_empty(), "a cluster has members");
        let keys = Keys {
            epoch_transport: secrets.epoch_transport(),
            epoch: Arc::new(secrets.epoch_log_key()),
            cluster_key: Arc::new(secrets.contract_key_root()),
            random: Arc::new(secrets.random_key()),
            calls: secrets.calls_key(),
            firings: secrets.firings_key(),
            blinding: Arc::new(secrets.blinding_key()),
        };
        let ledger = LedgerVerifier::new(Hash(genesis.network.0), &genesis.group_key);
        Self { genesis, engine, codes, keys, ledger, interrupted: AtomicBool::new(false) }
    }

    /// What the cluster was made from.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Ends what is under execution, and all that would begin, as a lack of the host: nothing of it is recorded. For a
    /// replica that is about to stop.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Release);
    }

    /// Whether [`Self::interrupt`] was called.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Acquire)
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Public key to which commands of this epoch are sealed.
    pub fn epoch_public(&self) -> [u8; 32] {
        self.keys.epoch_transport.public()
    }

    /// What contracts see of their surroundings on a state.
    pub fn environment(&self, state: &State) -> Environment {
        let position = state.position();
        Environment {
            cluster: self.genesis.cluster,
            height: position.height,
            now_ms: position.time_ms,
            system_contract: state.system_contract(),
            cluster_key: self.keys.cluster_key.clone(),
            random_key: self.keys.random.clone(),
            compat: Compat::Tallow,
        }
    }
}

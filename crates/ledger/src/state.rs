//! What the validators agree on, and what can be read and proven of it.

use crate::due::Due;
use parity_scale_codec::{Decode, Encode};
use std::sync::Arc;
use tallow_state::Map;
use tallow_types::{
    AccountId, AnchorRecord, CertifiedHeader, ClusterId, ClusterRecord, CodeHash, CodeRecord, Commitments,
    ContractRecord, Genesis, Hash, LedgerPolicy, NetworkId, Position, ProvenRecord, RegistryKey, WorkerId,
    WorkerRecord, decode_exact,
};

/// The ledger after one of its blocks. A clone is O(1).
#[derive(Clone, Debug)]
pub struct LedgerState {
    pub(crate) network: NetworkId,
    pub(crate) position: Position,
    pub(crate) policy: LedgerPolicy,
    /// By whose word keys of clusters are believed.
    pub(crate) keyholder: [u8; 32],
    pub(crate) map: Map,
    /// What goes by itself, and when; it follows from the map.
    pub(crate) due: imbl::OrdSet<(u64, Due)>,
}

/// A snapshot is not the state that was certified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ledger snapshot does not have the certified state root")]
pub struct RestoreError;

impl LedgerState {
    /// The state from which a network starts: balances and else an empty registry, at height 0. The policy by which evidence is judged is
    /// part of the network's identity through the genesis.
    pub fn genesis(genesis: &Genesis) -> Self {
        let mut state = Self::over(genesis, Position { height: 0, time_ms: genesis.time_ms }, Map::plain());
        state.endow(&genesis.balances);
        state
    }

    fn over(genesis: &Genesis, position: Position, map: Map) -> Self {
        let network = tallow_crypto::network_id(genesis);
        let Genesis { ledger: policy, keyholder, .. } = *genesis;
        Self { network, position, policy, keyholder, map, due: imbl::OrdSet::new() }
    }

    /// The state at `position` from the entries that [`LedgerState::entries`] gave. `root` is `Commitments::state` of
    /// that block's certified header: what a disk or peer altered is refused.
    pub fn restore<K: AsRef<[u8]>, V: Into<Arc<[u8]>>>(
        genesis: &Genesis,
        position: Position,
        root: &Hash,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, RestoreError> {
        let map = Map::from_entries(None, entries);
        if map.root() != *root {
            return Err(RestoreError);
        }
        let mut state = Self::over(genesis, position, map);
        state.due = state.all_due();
        Ok(state)
    }

    /// What goes by itself, found by a look at every entry.
    pub(crate) fn all_due(&self) -> imbl::OrdSet<(u64, Due)> {
        let keys = self.entries().filter_map(|(key, _)| decode_exact(key).ok());
        let due = keys.filter_map(|key| Due::of(&key));
        due.filter_map(|due| Some((self.due_ms(&due)?, due))).collect()
    }

    /// Every entry, encoded key and value, in an order that depends on the content alone.
    pub fn entries(&self) -> impl Iterator<Item = (&[u8], &Arc<[u8]>)> {
        self.map.iter()
    }

    /// The network.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// Height and time of the block that gave this state.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The commitments of a block that gave this state and had no transactions, such as genesis.
    pub fn empty_commitments(&self) -> Commitments {
        Commitments { state: self.map.root(), results: Hash::default(), outbox: Hash::default() }
    }

    /// The encoded record of `key`.
    pub fn record(&self, key: &RegistryKey) -> Option<Arc<[u8]>> {
        self.map.get(&key.encode())
    }

    /// The record of `key`, or its absence, with its proof. `certified` must be of the block that gave this state.
    pub fn prove(&self, key: RegistryKey, certified: CertifiedHeader) -> ProvenRecord {
        let encoded = key.encode();
        ProvenRecord {
            value: self.map.get(&encoded).map(|value| value.to_vec()),
            proof: self.map.prove(&encoded).encode(),
            key,
            certified,
        }
    }

    /// A registered worker.
    pub fn worker(&self, id: WorkerId) -> Option<WorkerRecord> {
        self.typed(RegistryKey::Worker(id))
    }

    /// A registered cluster.
    pub fn cluster(&self, id: ClusterId) -> Option<ClusterRecord> {
        self.typed(RegistryKey::Cluster(id))
    }

    /// Registered code.
    pub fn code(&self, hash: CodeHash) -> Option<CodeRecord> {
        self.typed(RegistryKey::Code(hash))
    }

    /// A registered contract.
    pub fn contract(&self, cluster: ClusterId, address: AccountId) -> Option<ContractRecord> {
        self.typed(RegistryKey::Contract(cluster, address))
    }

    /// A cluster's newest anchor.
    pub fn anchor(&self, cluster: ClusterId) -> Option<AnchorRecord> {
        self.typed(RegistryKey::Anchor(cluster))
    }

    pub(crate) fn put(&mut self, key: RegistryKey, record: impl Encode) {
        self.map.insert(&key.encode(), record.encode());
    }

    pub(crate) fn remove(&mut self, key: RegistryKey) {
        self.map.remove(&key.encode());
    }

    pub(crate) fn typed<T: Decode>(&self, key: RegistryKey) -> Option<T> {
        let bytes = self.record(&key)?;
        Some(decode_exact(&bytes).expect("validators certified only what `put` encoded"))
    }
}

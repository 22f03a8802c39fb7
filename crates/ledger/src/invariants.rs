//! What holds in every state; checked by tests and simulations after every block.

use crate::{LedgerState, register::are_members};
use tallow_types::{
    AnchorRecord, ClusterRecord, CodeRecord, ContractRecord, InboxMessage, InboxRecord, RegistryKey, WorkerRecord,
    decode_exact,
    limits::{CODE_BYTES_MAX, INBOX_MAX},
};

/// A state that no sequence of blocks can give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("ledger invariant broken at {key:?}: {what}")]
pub struct Violation {
    /// The entry; `None` when its key is not a registry key.
    pub key: Option<RegistryKey>,
    /// What is wrong with it.
    pub what: &'static str,
}

impl LedgerState {
    /// Checks every entry: it decodes, it is the record of its key, and what it refers to is registered.
    pub fn check_invariants(&self) -> Result<(), Violation> {
        for (key, value) in self.entries() {
            let key = decode_exact::<RegistryKey>(key).map_err(|_| Violation { key: None, what: "not a key" })?;
            self.check_entry(&key, value).map_err(|what| Violation { key: Some(key), what })?;
        }
        Ok(())
    }

    fn check_entry(&self, key: &RegistryKey, value: &[u8]) -> Result<(), &'static str> {
        let malformed = |_| "record does not decode";
        match key {
            RegistryKey::Worker(id) => {
                let record: WorkerRecord = decode_exact(value).map_err(malformed)?;
                ensure(record.worker == *id, "record of another worker")?;
                ensure(record.attested_ms <= self.position.time_ms, "attested in the future")
            }
            RegistryKey::Cluster(id) => {
                let record: ClusterRecord = decode_exact(value).map_err(malformed)?;
                ensure(record.cluster == *id, "record of another cluster")?;
                ensure(are_members(&record.members), "invalid members")?;
                ensure(record.members.iter().all(|member| self.worker(*member).is_some()), "unregistered member")
            }
            RegistryKey::Code(_) => {
                let record: CodeRecord = decode_exact(value).map_err(malformed)?;
                ensure((1..=CODE_BYTES_MAX).contains(&(record.bytes as usize)), "invalid size of code")
            }
            RegistryKey::Contract(cluster, _) => {
                let record: ContractRecord = decode_exact(value).map_err(malformed)?;
                ensure(record.cluster == *cluster, "contract of another cluster")?;
                ensure(self.anchor(*cluster).is_some(), "contract of a cluster that was never anchored")
            }
            RegistryKey::Anchor(cluster) => {
                let record: AnchorRecord = decode_exact(value).map_err(malformed)?;
                ensure(record.header.chain.0 == cluster.0, "anchor of another cluster")?;
                ensure(record.ledger_height <= self.position.height, "anchored in the future")?;
                ensure(self.cluster(*cluster).is_some(), "anchor of an unregistered cluster")
            }
            RegistryKey::Nonce(_) => {
                let next: u64 = decode_exact(value).map_err(malformed)?;
                ensure(next > 0, "nonce of an account that sent nothing")
            }
            RegistryKey::Balance(_) => {
                ensure(decode_exact::<u128>(value).map_err(malformed)? > 0, "a balance of nothing")
            }
            RegistryKey::Escrow(cluster) => {
                ensure(decode_exact::<u128>(value).map_err(malformed)? > 0, "an escrow of nothing")?;
                ensure(self.cluster(*cluster).is_some(), "escrow of an unregistered cluster")
            }
            RegistryKey::Inbox(cluster) => {
                let InboxRecord { first, next } = decode_exact(value).map_err(malformed)?;
                ensure(first <= next && next - first <= INBOX_MAX, "an inbox beyond its limit")?;
                ensure((first..next).all(|n| self.message(*cluster, n).is_some()), "a message is missing")
            }
            RegistryKey::Message(cluster, number) => {
                let _: InboxMessage = decode_exact(value).map_err(malformed)?;
                let InboxRecord { first, next } = self.inbox(*cluster);
                ensure((first..next).contains(number), "a message that the inbox does not count")
            }
        }
    }
}

fn ensure(holds: bool, what: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(what) }
}

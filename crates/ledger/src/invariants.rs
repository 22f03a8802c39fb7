//! What holds in every state; checked by tests and simulations after every block.

use crate::{LedgerState, register::are_members};
use std::{collections::BTreeMap, sync::Arc};
use tallow_types::{
    AnchorRecord, ClusterRecord, CodeRecord, ContractRecord, InboxMessage, InboxRecord, LeaseRecord, Leased,
    NonceRecord, RegistryKey, WorkerRecord, decode_exact,
    limits::{CODE_BYTES_MAX, INBOX_MAX, LEDGER_SIGNER_BURST_MS},
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
    /// Checks every entry: it decodes, it is the record of its key, what it refers to is registered, and what is counted
    /// of others is right.
    pub fn check_invariants(&self) -> Result<(), Violation> {
        let broken = |what| Violation { key: None, what };
        ensure(self.all_due() == self.due, "what is due follows from the entries").map_err(broken)?;
        ensure(self.counted_uses() == self.kept_uses(), "uses are not those of the entries").map_err(broken)?;
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
                ensure(self.is_leased(Leased::Worker(*id)), "a worker without lease")?;
                ensure(record.attested_ms <= self.position.time_ms, "attested in the future")
            }
            RegistryKey::Cluster(id) => {
                let record: ClusterRecord = decode_exact(value).map_err(malformed)?;
                ensure(record.cluster == *id, "record of another cluster")?;
                ensure(self.is_leased(Leased::Cluster(*id)), "a cluster without lease")?;
                ensure(are_members(&record.members), "invalid members")?;
                ensure(record.members.iter().all(|member| self.worker(*member).is_some()), "unregistered member")
            }
            RegistryKey::Code(code) => {
                let record: CodeRecord = decode_exact(value).map_err(malformed)?;
                ensure(self.is_leased(Leased::Code(*code)), "code without lease")?;
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
                let record: NonceRecord = decode_exact(value).map_err(malformed)?;
                let ahead_ms = record.paced_ms.saturating_sub(self.position.time_ms);
                ensure(ahead_ms <= LEDGER_SIGNER_BURST_MS, "an account that sent more than it may")
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
            RegistryKey::Lease(what) => {
                let _: LeaseRecord = decode_exact(value).map_err(malformed)?;
                ensure(self.record(&record_of(*what)).is_some(), "a lease of nothing")
            }
            RegistryKey::Uses(_) => ensure(decode_exact::<u32>(value).map_err(malformed)? > 0, "no uses"),
            RegistryKey::Allowance => decode_exact::<u64>(value).map(drop).map_err(malformed),
        }
    }
}

type Uses = BTreeMap<Leased, u32>;

impl LedgerState {
    fn is_leased(&self, what: Leased) -> bool {
        self.record(&RegistryKey::Lease(what)).is_some()
    }

    fn kept_uses(&self) -> Uses {
        let uses = |(key, value): (&[u8], &Arc<[u8]>)| match decode_exact(key) {
            Ok(RegistryKey::Uses(what)) => Some((what, decode_exact(value).ok()?)),
            _ => None,
        };
        self.entries().filter_map(uses).collect()
    }

    fn counted_uses(&self) -> Uses {
        let mut counted = Uses::new();
        for (key, value) in self.entries() {
            let used = match decode_exact(key) {
                Ok(RegistryKey::Cluster(_)) => {
                    decode_exact(value).map_or(vec![], |record: ClusterRecord| record.members)
                }
                Ok(RegistryKey::Contract(..)) => {
                    let code = decode_exact(value).map(|record: ContractRecord| record.code);
                    code.into_iter().for_each(|code| *counted.entry(Leased::Code(code)).or_default() += 1);
                    continue;
                }
                Ok(RegistryKey::Anchor(cluster) | RegistryKey::Inbox(cluster)) => {
                    counted.insert(Leased::Cluster(cluster), 1);
                    continue;
                }
                _ => continue,
            };
            used.into_iter().for_each(|worker| *counted.entry(Leased::Worker(worker)).or_default() += 1);
        }
        counted
    }
}

/// The record that a lease is about.
fn record_of(what: Leased) -> RegistryKey {
    match what {
        Leased::Worker(worker) => RegistryKey::Worker(worker),
        Leased::Cluster(cluster) => RegistryKey::Cluster(cluster),
        Leased::Code(code) => RegistryKey::Code(code),
    }
}

fn ensure(holds: bool, what: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(what) }
}

//! The state of one scenario's cluster, in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tallow_engine::{Cache, CacheChange, CacheOp, Changes, Code, ContractInfo, DueTimer, World};
use tallow_types::{
    AccountId, CodeHash, ListedTimer, SecretValue,
    limits::{CACHE_BYTES_MAX, CACHE_TTL_SECONDS},
};

/// Accounts, contracts and their storage.
#[derive(Clone, Default)]
pub(crate) struct MemoryWorld {
    pub(crate) storage: BTreeMap<(AccountId, Vec<u8>), Arc<[u8]>>,
    pub(crate) contracts: BTreeMap<AccountId, ContractInfo>,
    pub(crate) balances: BTreeMap<AccountId, u128>,
    pub(crate) codes: BTreeMap<CodeHash, Code>,
    /// By contract and id.
    pub(crate) timers: BTreeMap<(AccountId, Vec<u8>), DueTimer>,
    /// Secrets by name, which every contract of the scenario has.
    pub(crate) secrets: BTreeMap<String, String>,
}

impl World for MemoryWorld {
    fn storage(&self, contract: &AccountId, key: &[u8]) -> Option<Arc<[u8]>> {
        self.storage.get(&(*contract, key.to_vec())).cloned()
    }

    fn contract(&self, address: &AccountId) -> Option<ContractInfo> {
        self.contracts.get(address).copied()
    }

    fn balance(&self, account: &AccountId) -> u128 {
        self.balances.get(account).copied().unwrap_or(0)
    }

    fn code(&self, hash: &CodeHash) -> Option<Code> {
        self.codes.get(hash).cloned()
    }

    fn timers(&self, contract: &AccountId) -> Vec<ListedTimer> {
        self.timers.iter().filter(|((owner, _), _)| owner == contract).map(|(_, due)| due.into()).collect()
    }

    fn count_timers(&self, contract: &AccountId) -> (usize, usize) {
        (self.timers(contract).len(), self.timers.len())
    }

    fn secret(&self, _contract: &AccountId, name: &str) -> Option<SecretValue> {
        self.secrets.get(name).map(|value| SecretValue(value.clone().into_bytes()))
    }
}

impl MemoryWorld {
    /// Applies what a command changed.
    pub(crate) fn apply(&mut self, changes: Changes) {
        for (address, info) in changes.contracts {
            match info {
                Some(info) => drop(self.contracts.insert(address, info)),
                None => self.terminate(&address),
            }
        }
        for (key, value) in changes.storage {
            match value {
                Some(value) => drop(self.storage.insert(key, value.into())),
                None => drop(self.storage.remove(&key)),
            }
        }
        self.balances.extend(changes.balances);
        for (place, timer) in changes.timers {
            match timer {
                Some(timer) => drop(self.timers.insert(place, timer)),
                None => drop(self.timers.remove(&place)),
            }
        }
    }

    fn terminate(&mut self, address: &AccountId) {
        self.contracts.remove(address);
        self.storage.retain(|(contract, _), _| contract != address);
        self.timers.retain(|(contract, _), _| contract != address);
    }

    /// The timer that is due longest at `now_ms`.
    pub(crate) fn due_timer(&self, now_ms: u64) -> Option<(AccountId, DueTimer)> {
        let due = self.timers.iter().filter(|(_, timer)| timer.due_ms <= now_ms);
        let ((contract, _), timer) = due.min_by_key(|(_, timer)| timer.due_ms)?;
        Some((*contract, timer.clone()))
    }
}

/// The cache of the scenario's one replica.
#[derive(Default)]
pub(crate) struct MemoryCache(Mutex<BTreeMap<(AccountId, Vec<u8>), Cached>>);

struct Cached {
    value: Vec<u8>,
    expires_ms: u64,
}

impl MemoryCache {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<(AccountId, Vec<u8>), Cached>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Performs what a command deferred to after its block.
    pub(crate) fn apply(&self, changes: Vec<CacheChange>, now_ms: u64) {
        for CacheChange { contract, key, op } in changes {
            match op {
                // A full cache drops what a command wants to keep, as Phala's does.
                CacheOp::Set(value) => drop(self.set(&contract, &key, &value, now_ms)),
                CacheOp::Expire(seconds) => self.set_expiration(&contract, &key, seconds, now_ms),
                CacheOp::Remove => drop(self.remove(&contract, &key, now_ms)),
            }
        }
    }
}

fn after(now_ms: u64, seconds: u64) -> u64 {
    now_ms.saturating_add(seconds.saturating_mul(1_000))
}

impl Cache for MemoryCache {
    fn get(&self, contract: &AccountId, key: &[u8], now_ms: u64) -> Option<Vec<u8>> {
        self.with(|entries| {
            let entry = entries.get(&(*contract, key.to_vec())).filter(|entry| entry.expires_ms > now_ms);
            entry.map(|entry| entry.value.clone())
        })
    }

    fn set(&self, contract: &AccountId, key: &[u8], value: &[u8], now_ms: u64) -> bool {
        self.with(|entries| {
            entries.retain(|_, entry| entry.expires_ms > now_ms);
            let others = entries.iter().filter(|((owner, name), _)| owner == contract && name != key);
            let used: usize = others.map(|((_, name), entry)| name.len() + entry.value.len()).sum();
            let fits = used + key.len() + value.len() <= CACHE_BYTES_MAX;
            if fits {
                let entry = Cached { value: value.to_vec(), expires_ms: after(now_ms, CACHE_TTL_SECONDS) };
                entries.insert((*contract, key.to_vec()), entry);
            }
            fits
        })
    }

    fn set_expiration(&self, contract: &AccountId, key: &[u8], seconds: u64, now_ms: u64) {
        self.with(|entries| {
            if seconds == 0 {
                entries.remove(&(*contract, key.to_vec()));
            } else if let Some(entry) = entries.get_mut(&(*contract, key.to_vec())) {
                entry.expires_ms = after(now_ms, seconds);
            }
        });
    }

    fn remove(&self, contract: &AccountId, key: &[u8], now_ms: u64) -> Option<Vec<u8>> {
        let entry = self.with(|entries| entries.remove(&(*contract, key.to_vec())));
        entry.filter(|entry| entry.expires_ms > now_ms).map(|entry| entry.value)
    }
}

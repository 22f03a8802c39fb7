//! The replica's volatile cache for contracts (`phat-abi.md` 1.16).

use std::collections::BTreeMap;
use std::sync::Mutex;
use tallow_engine::Cache;
use tallow_types::AccountId;
use tallow_types::limits::{CACHE_BYTES_MAX, CACHE_TOTAL_BYTES_MAX, CACHE_TTL_SECONDS};

/// Bytes an entry costs besides key and value.
const ENTRY_OVERHEAD: usize = 64;

struct Cached {
    value: Vec<u8>,
    expiry_ms: u64,
}

#[derive(Default)]
struct Shelf {
    entries: BTreeMap<Vec<u8>, Cached>,
    bytes: usize,
}

#[derive(Default)]
struct Shelves {
    by_contract: BTreeMap<AccountId, Shelf>,
    bytes: usize,
}

/// Entries by contract, each contract within its own quota.
#[derive(Default)]
pub(crate) struct ContractCache(Mutex<Shelves>);

fn cost(key: &[u8], value: &[u8]) -> usize {
    key.len() + value.len() + ENTRY_OVERHEAD
}

impl Shelf {
    fn remove(&mut self, key: &[u8]) -> Option<Cached> {
        let cached = self.entries.remove(key)?;
        self.bytes -= cost(key, &cached.value);
        Some(cached)
    }

    fn drop_expired(&mut self, now_ms: u64) {
        let bytes = &mut self.bytes;
        self.entries.retain(|key, cached| {
            let live = cached.expiry_ms > now_ms;
            *bytes -= if live { 0 } else { cost(key, &cached.value) };
            live
        });
    }
}

impl Shelves {
    /// Runs `change` on a contract's shelf and keeps the total right.
    fn with<T>(&mut self, contract: &AccountId, change: impl FnOnce(&mut Shelf, usize) -> T) -> T {
        let shelf = self.by_contract.entry(*contract).or_default();
        let others = self.bytes - shelf.bytes;
        let result = change(shelf, others);
        self.bytes = others + shelf.bytes;
        if shelf.entries.is_empty() {
            self.by_contract.remove(contract);
        }
        result
    }
}

impl ContractCache {
    fn lock(&self) -> std::sync::MutexGuard<'_, Shelves> {
        self.0.lock().expect("no code panics while it holds the cache")
    }
}

impl Cache for ContractCache {
    fn get(&self, contract: &AccountId, key: &[u8], now_ms: u64) -> Option<Vec<u8>> {
        let shelves = self.lock();
        let cached = shelves.by_contract.get(contract)?.entries.get(key)?;
        (cached.expiry_ms > now_ms).then(|| cached.value.clone())
    }

    fn set(&self, contract: &AccountId, key: &[u8], value: &[u8], now_ms: u64) -> bool {
        self.lock().with(contract, |shelf, others| {
            shelf.remove(key);
            let needed = cost(key, value);
            let full = |shelf: &Shelf| {
                shelf.bytes + needed > CACHE_BYTES_MAX || others + shelf.bytes + needed > CACHE_TOTAL_BYTES_MAX
            };
            if full(shelf) {
                shelf.drop_expired(now_ms);
            }
            if full(shelf) {
                return false;
            }
            let expiry_ms = now_ms.saturating_add(CACHE_TTL_SECONDS * 1_000);
            shelf.entries.insert(key.to_vec(), Cached { value: value.to_vec(), expiry_ms });
            shelf.bytes += needed;
            true
        })
    }

    fn set_expiration(&self, contract: &AccountId, key: &[u8], seconds: u64, now_ms: u64) {
        self.lock().with(contract, |shelf, _| {
            if seconds == 0 {
                shelf.remove(key);
            } else if let Some(cached) = shelf.entries.get_mut(key) {
                cached.expiry_ms = now_ms.saturating_add(seconds.saturating_mul(1_000));
            }
        });
    }

    fn remove(&self, contract: &AccountId, key: &[u8], now_ms: u64) -> Option<Vec<u8>> {
        let removed = self.lock().with(contract, |shelf, _| shelf.remove(key))?;
        (removed.expiry_ms > now_ms).then_some(removed.value)
    }
}

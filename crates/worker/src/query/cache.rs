//! The replica's volatile cache for contracts (`phat-abi.md` 1.16).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use tallow_engine::Cache;
use tallow_types::AccountId;
use tallow_types::limits::{CACHE_BYTES_MAX, CACHE_TOTAL_BYTES_MAX, CACHE_TTL_SECONDS};

/// Bytes an entry costs besides key and value.
const ENTRY_OVERHEAD: usize = 160;

struct Cached {
    value: Vec<u8>,
    expiry_ms: u64,
    /// Its number among all entries: the order in which they were set.
    number: u64,
}

/// One contract's entries.
#[derive(Default)]
struct Shelf {
    entries: BTreeMap<Arc<[u8]>, Cached>,
    /// Keys by the expiry of their entries and then by number: who says nothing of expiry has the oldest first.
    by_expiry: BTreeMap<(u64, u64), Arc<[u8]>>,
    bytes: usize,
}

struct Shelves {
    by_contract: BTreeMap<AccountId, Shelf>,
    /// Contracts by what they hold.
    by_bytes: BTreeSet<(usize, AccountId)>,
    bytes: usize,
    /// Number of the next entry.
    next: u64,
    /// Bytes of one contract, and of all.
    most: [usize; 2],
}

/// Entries by contract, each contract within its own quota. When all together are too many, those entries of
/// the contract that has most make room which expire first: who has little keeps it, and finds room for more.
pub(crate) struct ContractCache(Mutex<Shelves>);

fn cost(key: &[u8], value: &[u8]) -> usize {
    key.len() + value.len() + ENTRY_OVERHEAD
}

impl Shelf {
    fn insert(&mut self, key: &[u8], cached: Cached) {
        let key: Arc<[u8]> = key.into();
        self.bytes += cost(&key, &cached.value);
        self.by_expiry.insert((cached.expiry_ms, cached.number), key.clone());
        self.entries.insert(key, cached);
    }

    fn remove(&mut self, key: &[u8]) -> Option<Cached> {
        let cached = self.entries.remove(key)?;
        self.by_expiry.remove(&(cached.expiry_ms, cached.number));
        self.bytes -= cost(key, &cached.value);
        Some(cached)
    }

    fn expire(&mut self, key: &[u8], expiry_ms: u64) {
        if let Some(cached) = self.remove(key) {
            self.insert(key, Cached { expiry_ms, ..cached });
        }
    }

    /// The entry that expires first.
    fn first(&self) -> Option<(u64, Arc<[u8]>)> {
        self.by_expiry.first_key_value().map(|((expiry_ms, _), key)| (*expiry_ms, key.clone()))
    }

    fn drop_first(&mut self) {
        if let Some((_, key)) = self.first() {
            self.remove(&key);
        }
    }

    fn drop_expired(&mut self, now_ms: u64) {
        while let Some((_, key)) = self.first().filter(|(expiry_ms, _)| *expiry_ms <= now_ms) {
            self.remove(&key);
        }
    }
}

impl Shelves {
    /// Runs `change` on a contract's shelf and keeps the sums right.
    fn with<T>(&mut self, contract: &AccountId, change: impl FnOnce(&mut Shelf) -> T) -> T {
        let shelf = self.by_contract.entry(*contract).or_default();
        let before = shelf.bytes;
        let result = change(shelf);
        let after = shelf.bytes;
        self.bytes = self.bytes - before + after;
        self.by_bytes.remove(&(before, *contract));
        if after > 0 {
            self.by_bytes.insert((after, *contract));
        } else {
            self.by_contract.remove(contract);
        }
        result
    }

    /// Sets an entry, if the contract's own quota has room for it.
    fn set(&mut self, contract: &AccountId, key: &[u8], value: &[u8], now_ms: u64) -> bool {
        let [own, total] = self.most;
        let (number, needed) = (self.next, cost(key, value));
        let expiry_ms = now_ms.saturating_add(CACHE_TTL_SECONDS * 1_000);
        let stored = self.with(contract, |shelf| {
            shelf.remove(key);
            if shelf.bytes + needed > own {
                shelf.drop_expired(now_ms);
            }
            let fits = shelf.bytes + needed <= own;
            if fits {
                shelf.insert(key, Cached { value: value.to_vec(), expiry_ms, number });
            }
            fits
        });
        self.next += 1;
        while self.bytes > total {
            let Some(&(_, greatest)) = self.by_bytes.last() else { break };
            self.with(&greatest, Shelf::drop_first);
        }
        stored
    }
}

impl Default for ContractCache {
    fn default() -> Self {
        Self::new([CACHE_BYTES_MAX, CACHE_TOTAL_BYTES_MAX])
    }
}

impl ContractCache {
    fn new(most: [usize; 2]) -> Self {
        let (by_contract, by_bytes) = Default::default();
        Self(Mutex::new(Shelves { by_contract, by_bytes, bytes: 0, next: 0, most }))
    }

    fn lock(&self) -> MutexGuard<'_, Shelves> {
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
        self.lock().set(contract, key, value, now_ms)
    }

    fn set_expiration(&self, contract: &AccountId, key: &[u8], seconds: u64, now_ms: u64) {
        self.lock().with(contract, |shelf| {
            if seconds == 0 {
                shelf.remove(key);
            } else {
                shelf.expire(key, now_ms.saturating_add(seconds.saturating_mul(1_000)));
            }
        });
    }

    fn remove(&self, contract: &AccountId, key: &[u8], now_ms: u64) -> Option<Vec<u8>> {
        let removed = self.lock().with(contract, |shelf| shelf.remove(key))?;
        (removed.expiry_ms > now_ms).then_some(removed.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: u64 = 1_000 + CACHE_TTL_SECONDS * 1_000;

    fn contract(number: u8) -> AccountId {
        AccountId([number; 32])
    }

    #[test]
    fn a_contract_has_its_quota_and_what_has_expired_makes_room() {
        let cache = ContractCache::new([2 * cost(b"a", b"xx"), 10_000]);
        assert!(cache.set(&contract(1), b"a", b"xx", 0) && cache.set(&contract(1), b"b", b"xx", 0));
        assert!(!cache.set(&contract(1), b"c", b"", 0), "one more entry");
        assert!(cache.set(&contract(1), b"b", b"yy", 0), "in place of the former");
        assert_eq!(cache.get(&contract(1), b"a", 0), Some(b"xx".to_vec()));
        assert!(cache.set(&contract(1), b"c", b"xx", LATER));
        assert_eq!(cache.get(&contract(1), b"a", LATER), None);
        cache.remove(&contract(1), b"c", LATER);
        let shelves = cache.lock();
        assert!(shelves.by_contract.is_empty() && shelves.by_bytes.is_empty() && shelves.bytes == 0);
    }

    #[test]
    fn those_who_fill_it_deny_it_to_nobody() {
        let entry = cost(b"k0", &[0; 100]);
        let cache = ContractCache::new([20 * entry, 100 * entry]);
        let fill = |number: u8| (0..20u8).all(|key| cache.set(&contract(number), &[b'k', key], &[number; 100], 0));
        assert!((1..=8).all(fill), "whoever is within his quota is taken");
        assert!(cache.lock().bytes <= 100 * entry);
        assert!(cache.set(&contract(9), b"k1", &[9; 100], 0), "a newcomer finds room");
        assert!((1..=8).all(fill));
        assert_eq!(cache.get(&contract(9), b"k1", 0), Some(vec![9; 100]), "and keeps it");
        let oldest = (1..=8).filter(|number| cache.get(&contract(*number), b"k\0", 0).is_some()).count();
        assert!(oldest < 8, "what expires first made room");
    }
}

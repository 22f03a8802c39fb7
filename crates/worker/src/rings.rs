//! Rings of items by contract, bounded one by one and all together. When all of them are full, the contract that has most
//! gives way: who fills them takes from himself, and who has little keeps it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tallow_types::AccountId;

/// What rings may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Items of one contract.
    pub(crate) items: usize,
    /// Bytes of one contract's items.
    pub(crate) bytes: usize,
    /// Bytes of all items.
    pub(crate) total: usize,
}

/// One contract's items, oldest first, each with the bytes it counts for.
struct Ring<T> {
    items: VecDeque<(usize, T)>,
    bytes: usize,
}

/// See the module.
pub(crate) struct Rings<T> {
    bounds: Bounds,
    by_contract: BTreeMap<AccountId, Ring<T>>,
    /// Contracts by what they hold.
    by_bytes: BTreeSet<(usize, AccountId)>,
    bytes: usize,
}

impl<T> Rings<T> {
    /// Rings without items.
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, by_contract: BTreeMap::new(), by_bytes: BTreeSet::new(), bytes: 0 }
    }

    /// Keeps an item that counts for so many bytes; older ones make room, and are given back.
    pub(crate) fn push(&mut self, contract: AccountId, item: T, bytes: usize) -> Vec<T> {
        let Bounds { items, bytes: own, total } = self.bounds;
        let mut dropped = Vec::new();
        self.change(contract, |ring| {
            ring.items.push_back((bytes, item));
            ring.bytes += bytes;
            while ring.items.len() > items || ring.bytes > own {
                dropped.extend(ring.drop_oldest());
            }
        });
        while self.bytes > total {
            let Some(&(_, greatest)) = self.by_bytes.last() else { break };
            self.change(greatest, |ring| dropped.extend(ring.drop_oldest()));
        }
        dropped
    }

    /// A contract's items, oldest first.
    pub(crate) fn of(&self, contract: &AccountId) -> impl Iterator<Item = &T> {
        self.by_contract.get(contract).into_iter().flat_map(|ring| ring.items.iter().map(|(_, item)| item))
    }

    /// Drops a contract's items.
    pub(crate) fn remove(&mut self, contract: &AccountId) {
        self.change(*contract, |ring| {
            ring.items.clear();
            ring.bytes = 0;
        });
    }

    /// Changes a contract's ring and keeps the sums right; an empty ring is none.
    fn change(&mut self, contract: AccountId, change: impl FnOnce(&mut Ring<T>)) {
        let empty = || Ring { items: VecDeque::new(), bytes: 0 };
        let ring = self.by_contract.entry(contract).or_insert_with(empty);
        let before = ring.bytes;
        change(ring);
        let after = ring.bytes;
        if ring.items.is_empty() {
            self.by_contract.remove(&contract);
        }
        self.by_bytes.remove(&(before, contract));
        if after > 0 {
            self.by_bytes.insert((after, contract));
        }
        self.bytes = self.bytes - before + after;
    }
}

impl<T> Ring<T> {
    fn drop_oldest(&mut self) -> Option<T> {
        let (bytes, item) = self.items.pop_front()?;
        self.bytes -= bytes;
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn contract(number: u8) -> AccountId {
        AccountId([number; 32])
    }

    fn of(rings: &Rings<u32>, number: u8) -> Vec<u32> {
        rings.of(&contract(number)).copied().collect()
    }

    #[test]
    fn a_contract_has_its_number_and_its_bytes_and_not_one_more() {
        let mut rings = Rings::new(Bounds { items: 3, bytes: 30, total: 1_000 });
        (0..3).for_each(|item| assert!(rings.push(contract(1), item, 10).is_empty()));
        assert_eq!(of(&rings, 1), [0, 1, 2]);
        assert_eq!(rings.push(contract(1), 3, 1), [0]);
        assert_eq!(of(&rings, 1), [1, 2, 3], "one more in number");
        assert_eq!(rings.push(contract(1), 4, 20), [1, 2]);
        assert_eq!(of(&rings, 1), [3, 4], "more in bytes");
        rings.push(contract(1), 5, 31);
        assert!(of(&rings, 1).is_empty(), "what fits nobody's ring is not kept");
    }

    #[test]
    fn who_has_most_gives_way_to_who_has_little() {
        let mut rings = Rings::new(Bounds { items: 1_000, bytes: 100, total: 100 });
        rings.push(contract(1), 7, 5);
        (0..200).for_each(|item| drop(rings.push(contract(2), item, 10)));
        assert_eq!(of(&rings, 1), [7]);
        assert_eq!(of(&rings, 2).len(), 9);
        (3..40).for_each(|number| drop(rings.push(contract(number), 1, 2)));
        assert_eq!(of(&rings, 1), [7]);
        rings.remove(&contract(2));
        assert!(of(&rings, 2).is_empty());
    }

    proptest! {
        #[test]
        fn sums_are_right_whatever_comes(pushes in prop::collection::vec((0u8..5, 1usize..40), 0..200)) {
            let mut rings = Rings::new(Bounds { items: 4, bytes: 60, total: 130 });
            for (number, bytes) in pushes {
                rings.push(contract(number), 0u32, bytes);
                let sums = rings.by_contract.iter().map(|(contract, ring)| (ring.bytes, *contract));
                prop_assert_eq!(sums.collect::<BTreeSet<_>>(), rings.by_bytes.clone());
                let sum: usize = rings.by_contract.values().flat_map(|ring| ring.items.iter().map(|(bytes, _)| bytes)).sum();
                prop_assert_eq!(sum, rings.bytes);
                prop_assert!(sum <= 130);
            }
        }
    }
}

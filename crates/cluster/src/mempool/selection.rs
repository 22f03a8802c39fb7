//! A block being filled, and whose turn it is.

use std::collections::{BTreeMap, VecDeque, btree_map::Values};
use std::ops::Bound;
use std::sync::Arc;
use tallow_types::limits::{BLOCK_BYTES_MAX, BLOCK_ENTRIES_MAX};
use tallow_types::{AccountId, CommandId};

/// Commands that wait, by caller, and the caller whose turn it is.
pub(super) struct Turns {
    /// Each caller's commands by the number of their arrival; no caller has none.
    queues: BTreeMap<AccountId, BTreeMap<u64, CommandId>>,
    /// Where the next block begins, around and around in the order of accounts.
    next: Bound<AccountId>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { queues: BTreeMap::new(), next: Bound::Unbounded }
    }
}

impl Turns {
    pub(super) fn add(&mut self, caller: AccountId, number: u64, id: CommandId) {
        self.queues.entry(caller).or_default().insert(number, id);
    }

    pub(super) fn remove(&mut self, caller: &AccountId, number: u64) {
        let Some(queue) = self.queues.get_mut(caller) else { return };
        queue.remove(&number);
        if queue.is_empty() {
            self.queues.remove(caller);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// The next block begins after this account.
    pub(super) fn served(&mut self, account: AccountId) {
        self.next = Bound::Excluded(account);
    }

    /// The next block begins with this account.
    pub(super) fn comes_next(&mut self, account: AccountId) {
        self.next = Bound::Included(account);
    }

    /// All that have something, those with `answers` too.
    pub(super) fn round<'a>(&'a self, answers: BTreeMap<AccountId, VecDeque<&'a Arc<[u8]>>>) -> Round<'a> {
        let own =
            |commands: &'a BTreeMap<u64, CommandId>| Own { answers: VecDeque::new(), commands: commands.values() };
        let mut accounts: BTreeMap<AccountId, Own<'a>> =
            self.queues.iter().map(|(caller, queue)| (*caller, own(queue))).collect();
        for (account, answers) in answers {
            accounts.entry(account).or_default().answers = answers;
        }
        Round { accounts, next: self.next }
    }
}

/// What an account has waiting.
#[derive(Default)]
pub(super) struct Own<'a> {
    pub(super) answers: VecDeque<&'a Arc<[u8]>>,
    pub(super) commands: Values<'a, u64, CommandId>,
}

/// Accounts in turn.
pub(super) struct Round<'a> {
    accounts: BTreeMap<AccountId, Own<'a>>,
    next: Bound<AccountId>,
}

impl<'a> Round<'a> {
    /// The account whose turn it is, until all have left.
    pub(super) fn next_account(&mut self) -> Option<(AccountId, &mut Own<'a>)> {
        let after = self.accounts.range((self.next, Bound::Unbounded)).next();
        let account = after.or_else(|| self.accounts.first_key_value()).map(|(account, _)| *account)?;
        self.next = Bound::Excluded(account);
        self.accounts.get_mut(&account).map(|own| (account, own))
    }

    /// The account has nothing left.
    pub(super) fn leave(&mut self, account: &AccountId) {
        self.accounts.remove(account);
    }
}

/// A block being filled.
pub(super) struct Selection {
    entries: Vec<Vec<u8>>,
    bytes: usize,
    bytes_max: usize,
    entries_max: usize,
    /// Entries there were when the limits were set: one more always fits them, if the block has room for it.
    since: usize,
}

impl Default for Selection {
    fn default() -> Self {
        let (bytes_max, entries_max) = (BLOCK_BYTES_MAX, BLOCK_ENTRIES_MAX);
        Self { entries: Vec::new(), bytes: 0, bytes_max, entries_max, since: 0 }
    }
}

impl Selection {
    /// From now on fills only half of what is left.
    pub(super) fn keep_half(&mut self) {
        self.bytes_max = self.bytes + (BLOCK_BYTES_MAX - self.bytes) / 2;
        self.entries_max = self.entries.len() + (BLOCK_ENTRIES_MAX - self.entries.len()) / 2;
        self.since = self.entries.len();
    }

    /// Fills all of the block again.
    pub(super) fn release(&mut self) {
        (self.bytes_max, self.entries_max) = (BLOCK_BYTES_MAX, BLOCK_ENTRIES_MAX);
    }

    /// Adds an entry unless the block is full.
    pub(super) fn add(&mut self, entry: &[u8]) -> bool {
        let (entries, bytes) = (self.entries.len() + 1, self.bytes + entry.len());
        let fits = entries <= self.entries_max && bytes <= self.bytes_max || self.entries.len() == self.since;
        if !fits || entries > BLOCK_ENTRIES_MAX || bytes > BLOCK_BYTES_MAX {
            return false;
        }
        self.bytes = bytes;
        self.entries.push(entry.to_vec());
        true
    }

    pub(super) fn into_entries(self) -> Vec<Vec<u8>> {
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_block_is_kept_and_one_entry_fits_whatever_its_size() {
        let mut block = Selection::default();
        block.keep_half();
        assert!(block.add(&vec![0; BLOCK_BYTES_MAX / 2 + 1]), "the first of those who may fill a half");
        assert!(!block.add(&[0]));
        block.release();
        assert!(block.add(&vec![0; BLOCK_BYTES_MAX / 2 - 1]) && !block.add(&[0]));
        assert_eq!(block.into_entries().len(), 2);
    }

    #[test]
    fn the_turn_goes_around() {
        let account = |n| AccountId([n; 32]);
        let mut turns = Turns::default();
        (1..4).for_each(|n| turns.add(account(n), u64::from(n), CommandId([n; 32])));
        let order = |turns: &Turns| {
            let mut round = turns.round(BTreeMap::new());
            [(); 4].map(|()| round.next_account().unwrap().0.0[0])
        };
        assert_eq!(order(&turns), [1, 2, 3, 1]);
        turns.served(account(1));
        assert_eq!(order(&turns), [2, 3, 1, 2]);
        turns.comes_next(account(3));
        assert_eq!(order(&turns), [3, 1, 2, 3]);
        turns.remove(&account(3), 3);
        assert_eq!(order(&turns), [1, 2, 1, 2], "who is gone has no turn");
    }
}

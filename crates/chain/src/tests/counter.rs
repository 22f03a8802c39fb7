//! A small application: adds numbers up.

use crate::{Application, Finalized, Invalid};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard},
};
use tallow_types::{BlockDigest, CertifiedHeader, Commitments, Hash, Position};

/// A final block as the application saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) height: u64,
    pub(super) digest: BlockDigest,
    pub(super) commitments: Commitments,
    pub(super) entries: Vec<Vec<u8>>,
    pub(super) certified: CertifiedHeader,
    pub(super) replayed: bool,
}

#[derive(Default)]
pub(super) struct Counter {
    pub(super) pending: Mutex<VecDeque<Vec<u8>>>,
    pub(super) seen: Mutex<Vec<(Seen, u64)>>,
    /// Added to every sum, to simulate a program that computes differently.
    pub(super) bias: u64,
    /// Execution panics at this height.
    pub(super) panics_at: Option<u64>,
}

impl Counter {
    pub(super) fn submit(&self, number: u64) {
        self.pending.lock().unwrap().push_back(number.to_le_bytes().to_vec());
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.locked().iter().map(|(seen, _)| seen.clone()).collect()
    }

    /// Sum after the newest final block.
    pub(super) fn total(&self) -> u64 {
        self.locked().last().map_or(0, |(_, total)| *total)
    }

    pub(super) fn state_at(&self, height: u64) -> u64 {
        self.locked().iter().find(|(seen, _)| seen.height == height).unwrap().1
    }

    /// How often each number became final.
    pub(super) fn counts(&self) -> BTreeMap<u64, usize> {
        let mut counts = BTreeMap::new();
        for entry in self.seen().iter().flat_map(|seen| seen.entries.clone()) {
            *counts.entry(u64::from_le_bytes(entry.try_into().unwrap())).or_default() += 1;
        }
        counts
    }

    fn locked(&self) -> MutexGuard<'_, Vec<(Seen, u64)>> {
        self.seen.lock().unwrap()
    }
}

fn commitments(total: u64, entries: &[Vec<u8>]) -> Commitments {
    let state = Hash(tallow_crypto::blake2b_256(&total.to_le_bytes()));
    Commitments { state, results: tallow_crypto::entries_root(entries), outbox: Hash::default() }
}

impl Application for Counter {
    type State = u64;

    fn genesis(&self) -> (u64, Commitments) {
        (0, commitments(0, &[]))
    }

    fn propose(&self, _: &u64, _: Position) -> Vec<Vec<u8>> {
        self.pending.lock().unwrap().iter().take(8).cloned().collect()
    }

    fn execute(
        &self,
        parent: &u64,
        _: &BlockDigest,
        at: Position,
        entries: &[Vec<u8>],
    ) -> Result<(u64, Commitments), Invalid> {
        assert_ne!(Some(at.height), self.panics_at, "told to panic");
        let mut total = *parent;
        for entry in entries {
            let number: [u8; 8] = entry.as_slice().try_into().map_err(|_| Invalid("not a number".into()))?;
            total = total.wrapping_add(u64::from_le_bytes(number)).wrapping_add(self.bias);
        }
        Ok((total, commitments(total, entries)))
    }

    fn finalized(&self, block: Finalized<'_>, state: &u64) {
        self.pending.lock().unwrap().retain(|entry| !block.entries.contains(entry));
        let seen = Seen {
            height: block.header.position.height,
            digest: block.digest,
            commitments: block.header.commitments,
            entries: block.entries.to_vec(),
            certified: block.certified,
            replayed: block.replayed,
        };
        self.locked().push((seen, *state));
    }
}

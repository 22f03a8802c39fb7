//! A small application: adds numbers up.

use crate::{Application, ExecuteError, Finalized, Invalid};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
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

/// The sum, and which numbers are in it: each counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) total: u64,
    included: Arc<BTreeSet<Vec<u8>>>,
}

#[derive(Default)]
pub(super) struct Counter {
    pub(super) pending: Mutex<VecDeque<Vec<u8>>>,
    pub(super) seen: Mutex<Vec<(Seen, Sum)>>,
    /// Added to every sum, to simulate a program that computes differently.
    pub(super) bias: u64,
    /// Execution panics at this height.
    pub(super) panics_at: Option<u64>,
    /// Executions of entries that this replica cannot do now, before it can.
    pub(super) lacks: AtomicUsize,
    /// Executions of entries so far.
    pub(super) executions: AtomicUsize,
    /// How long the first of them takes.
    pub(super) slow: Duration,
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
        self.locked().last().map_or(0, |(_, sum)| sum.total)
    }

    pub(super) fn state_at(&self, height: u64) -> Sum {
        self.locked().iter().find(|(seen, _)| seen.height == height).unwrap().1.clone()
    }

    /// How often each number became final.
    pub(super) fn counts(&self) -> BTreeMap<u64, usize> {
        let mut counts = BTreeMap::new();
        for entry in self.seen().iter().flat_map(|seen| seen.entries.clone()) {
            *counts.entry(u64::from_le_bytes(entry.try_into().unwrap())).or_default() += 1;
        }
        counts
    }

    /// What comes before an execution of entries.
    fn execution(&self) -> Result<(), ExecuteError> {
        let lacking = self.lacks.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1));
        if lacking.is_ok() {
            return Err(ExecuteError::NotNow("told to lack something".into()));
        }
        if self.executions.fetch_add(1, Ordering::AcqRel) == 0 {
            std::thread::sleep(self.slow);
        }
        Ok(())
    }

    fn locked(&self) -> MutexGuard<'_, Vec<(Seen, Sum)>> {
        self.seen.lock().unwrap()
    }
}

fn commitments(total: u64, entries: &[Vec<u8>]) -> Commitments {
    let state = Hash(tallow_crypto::blake2b_256(&total.to_le_bytes()));
    Commitments { state, results: tallow_crypto::entries_root(entries), outbox: Hash::default() }
}

impl Application for Counter {
    type State = Sum;

    fn genesis(&self) -> (Sum, Commitments) {
        (Sum::default(), commitments(0, &[]))
    }

    fn propose(&self, parent: &Sum, _: Position) -> Vec<Vec<u8>> {
        let pending = self.pending.lock().unwrap();
        pending.iter().filter(|entry| !parent.included.contains(*entry)).take(8).cloned().collect()
    }

    fn execute(
        &self,
        parent: &Sum,
        _: &BlockDigest,
        at: Position,
        entries: &[Vec<u8>],
    ) -> Result<(Sum, Commitments), ExecuteError> {
        assert_ne!(Some(at.height), self.panics_at, "told to panic");
        if !entries.is_empty() {
            self.execution()?;
        }
        let mut sum = parent.clone();
        for entry in entries {
            let number: [u8; 8] = entry.as_slice().try_into().map_err(|_| Invalid("not a number".into()))?;
            if !Arc::make_mut(&mut sum.included).insert(entry.clone()) {
                return Err(Invalid("number counted twice".into()).into());
            }
            sum.total = sum.total.wrapping_add(u64::from_le_bytes(number)).wrapping_add(self.bias);
        }
        let commitments = commitments(sum.total, entries);
        Ok((sum, commitments))
    }

    fn finalized(&self, block: Finalized<'_>, state: &Sum) {
        self.pending.lock().unwrap().retain(|entry| !block.entries.contains(entry));
        let seen = Seen {
            height: block.header.position.height,
            digest: block.digest,
            commitments: block.header.commitments,
            entries: block.entries.to_vec(),
            certified: block.certified,
            replayed: block.replayed,
        };
        self.locked().push((seen, state.clone()));
    }
}

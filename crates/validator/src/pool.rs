//! Transactions that wait for a block, and who waits for them.

use crate::SubmitError;
use std::collections::{BTreeMap, BTreeSet};
use tallow_ledger::{Judge, LedgerState, TxError};
use tallow_types::limits::{
    LEDGER_BYTES_PER_SIGNER_MAX, LEDGER_POOL_BYTES_MAX, LEDGER_TXS_MAX, LEDGER_TXS_PER_SIGNER_MAX,
    LEDGER_UNFUNDED_BYTES_MAX, LEDGER_UNFUNDED_TXS_MAX,
};
use tallow_types::{AccountId, Hash, Position};
use tokio::sync::oneshot;

/// How a transaction ended: the height of its block, or why it has no place in one.
pub(crate) type Ended = Result<u64, TxError>;
/// A transaction's place: its signer and nonce.
type Place = (AccountId, u64);

/// A transaction that was found good, or to be judged when those before it have had their turn.
pub(crate) struct Candidate {
    pub(crate) place: Place,
    pub(crate) id: Hash,
    pub(crate) bytes: Vec<u8>,
    /// Whether the signer has balance.
    pub(crate) funded: bool,
}

struct Waiting {
    candidate: Candidate,
    reply: oneshot::Sender<Ended>,
}

/// Bounded in all, for each signer, and for all signers without balance. Every signer's transactions are those of his next
/// nonces without a gap, so that each can be in the next block.
#[derive(Default)]
pub(crate) struct Pool {
    waiting: BTreeMap<Place, Waiting>,
}

/// Transactions, and their bytes.
#[derive(Clone, Copy, Default)]
struct Load {
    txs: usize,
    bytes: usize,
}

impl Load {
    fn of<'a>(waiting: impl Iterator<Item = &'a Waiting>) -> Self {
        waiting.fold(Self::default(), |load, waiting| load.with(waiting.candidate.bytes.len()))
    }

    const fn with(self, bytes: usize) -> Self {
        Self { txs: self.txs + 1, bytes: self.bytes + bytes }
    }

    const fn is_within(self, txs: usize, bytes: usize) -> bool {
        self.txs <= txs && self.bytes <= bytes
    }
}

impl Pool {
    /// Takes a transaction whose nonce `state` takes next, or that follows one that waits.
    pub(crate) fn add(
        &mut self,
        state: &LedgerState,
        now_ms: u64,
        candidate: Candidate,
    ) -> Result<oneshot::Receiver<Ended>, SubmitError> {
        let (signer, nonce) = candidate.place;
        if self.waiting.contains_key(&candidate.place) {
            return Err(SubmitError::NonceTaken);
        }
        if !state.takes_nonce(signer, nonce, now_ms) && !self.follows(candidate.place) {
            let expected = state.nonce(signer, now_ms);
            let early = SubmitError::TooEarly { expected, given: nonce };
            return Err(if nonce < expected { SubmitError::NonceTaken } else { early });
        }
        if !self.has_room(&candidate) {
            return Err(SubmitError::Busy);
        }
        let (reply, receiver) = oneshot::channel();
        self.waiting.insert(candidate.place, Waiting { candidate, reply });
        Ok(receiver)
    }

    fn has_room(&self, candidate: &Candidate) -> bool {
        let (signer, bytes) = (candidate.place.0, candidate.bytes.len());
        let own = self.waiting.range((signer, 0)..=(signer, u64::MAX)).map(|(_, waiting)| waiting);
        let unfunded = self.waiting.values().filter(|waiting| !waiting.candidate.funded);
        let all = Load::of(self.waiting.values()).with(bytes);
        all.is_within(LEDGER_TXS_MAX, LEDGER_POOL_BYTES_MAX)
            && Load::of(own).with(bytes).is_within(LEDGER_TXS_PER_SIGNER_MAX, LEDGER_BYTES_PER_SIGNER_MAX)
            && (candidate.funded
                || Load::of(unfunded).with(bytes).is_within(LEDGER_UNFUNDED_TXS_MAX, LEDGER_UNFUNDED_BYTES_MAX))
    }

    /// Whether the transaction before this one of the same signer waits.
    pub(crate) fn follows(&self, (signer, nonce): Place) -> bool {
        nonce.checked_sub(1).is_some_and(|before| self.waiting.contains_key(&(signer, before)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Transactions for a block at `at` on top of `parent`, within `bytes`: those that take effect there, one of each signer
    /// in turn, those with balance first. Who sent one that cannot take effect is told so.
    pub(crate) fn propose(
        &mut self,
        parent: &LedgerState,
        at: Position,
        mut bytes: usize,
        judge: Judge<'_>,
    ) -> Vec<Vec<u8>> {
        let (mut state, mut block) = (parent.begin(at), Vec::new());
        for place in self.in_turn() {
            let tx = &self.waiting[&place].candidate.bytes;
            if block.len() >= LEDGER_TXS_MAX || tx.len() > bytes {
                continue;
            }
            match state.apply(tx, judge) {
                Ok(()) => {
                    bytes -= tx.len();
                    block.push(tx.clone());
                }
                // It is on this branch already, or the one before it had no room.
                Err(TxError::WrongNonce { .. }) => {}
                Err(error) => self.end(&place, Err(error)),
            }
        }
        block
    }

    /// Places in the order in which they are proposed.
    fn in_turn(&self) -> Vec<Place> {
        let (mut turns, mut last, mut round) = (BTreeSet::new(), None, 0u64);
        for (place, waiting) in &self.waiting {
            round = if last == Some(place.0) { round + 1 } else { 0 };
            last = Some(place.0);
            turns.insert((!waiting.candidate.funded, round, *place));
        }
        turns.into_iter().map(|(_, _, place)| place).collect()
    }

    /// Tells that a final block has these transactions, and drops those whose nonce can no longer come.
    pub(crate) fn settle(&mut self, state: &LedgerState, ids: &[Hash]) {
        let Position { height, time_ms } = state.position();
        let ordered: BTreeSet<&Hash> = ids.iter().collect();
        let mut last: Option<Place> = None;
        let places: Vec<(Place, Hash)> = self.waiting.iter().map(|(place, w)| (*place, w.candidate.id)).collect();
        for (place, id) in places {
            let follows = last.is_some_and(|(signer, nonce)| (signer, nonce + 1) == place);
            if ordered.contains(&id) {
                self.end(&place, Ok(height));
            } else if follows || state.takes_nonce(place.0, place.1, time_ms) {
                last = Some(place);
            } else {
                self.waiting.remove(&place); // dropping the sender says that another transaction took the nonce
            }
        }
    }

    fn end(&mut self, place: &Place, ended: Ended) {
        if let Some(waiting) = self.waiting.remove(place) {
            let _ = waiting.reply.send(ended); // the asker may have gone
        }
    }
}

#[cfg(test)]
mod tests;

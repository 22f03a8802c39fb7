//! The ledger's state machine as the consensus shell drives it.

use crate::SubmitError;
use crate::pool::{Candidate, Ended, Pool};
use parity_scale_codec::Encode;
use std::sync::{Arc, Mutex, MutexGuard};
use tallow_attest::{Binding, Policy};
use tallow_chain::{Application, ExecuteError, Finalized, Invalid};
use tallow_crypto::account_of;
use tallow_ledger::{LedgerState, TxError, tx_id};
use tallow_types::limits::BLOCK_BYTES_MAX;
use tallow_types::{BlockDigest, CertifiedHeader, Commitments, Genesis, Hash, Position, SignedLedgerTx, WorkerRecord};
use tokio::sync::{oneshot, watch};

/// A block's execution.
#[derive(Clone)]
pub(crate) struct Executed {
    pub(crate) state: LedgerState,
    /// The transactions.
    ids: Arc<Vec<Hash>>,
}

impl From<LedgerState> for Executed {
    fn from(state: LedgerState) -> Self {
        Self { state, ids: Arc::default() }
    }
}

/// The newest final block with its state.
#[derive(Clone)]
pub(crate) struct Tip {
    pub(crate) state: LedgerState,
    /// `None` at genesis, which nobody certifies.
    pub(crate) certified: Option<Arc<CertifiedHeader>>,
    pub(crate) digest: BlockDigest,
}

pub(crate) struct LedgerApp {
    genesis: Genesis,
    policy: Policy,
    pool: Mutex<Pool>,
    pub(crate) tip: watch::Sender<Tip>,
}

impl LedgerApp {
    pub(crate) fn new(genesis: Genesis, policy: Policy, tip: Tip) -> Self {
        Self { genesis, policy, pool: Mutex::default(), tip: watch::Sender::new(tip) }
    }

    pub(crate) fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().expect("no code panics while it holds the pool")
    }

    /// Checks a transaction that comes at `now_ms`, and has it wait for a block.
    pub(crate) fn queue(&self, tx: &SignedLedgerTx, now_ms: u64) -> Result<oneshot::Receiver<Ended>, SubmitError> {
        let (signer, nonce, bytes) = (account_of(&tx.tx.signer), tx.tx.nonce, tx.encode());
        let state = self.tip.borrow().state.clone();
        if state.takes_nonce(signer, nonce, now_ms) {
            state.validate(&bytes, now_ms, &|record, now_ms| self.judge(record, now_ms))?;
        } else if self.pool().follows((signer, nonce)) {
            state.check(&bytes)?; // what it does can be judged only in its turn
        } else {
            return Err(TxError::WrongNonce { expected: state.nonce(signer, now_ms), given: nonce }.into());
        }
        let (id, funded) = (tx_id(&bytes), state.is_funded(signer));
        let mut pool = self.pool();
        // Looked at again while the pool is held: a block that has become final since has left both in agreement.
        let state = self.tip.borrow().state.clone();
        pool.add(&state, now_ms, Candidate { place: (signer, nonce), id, bytes, funded })
    }

    /// Judges a worker's evidence by the network's policy.
    pub(crate) fn judge(&self, record: &WorkerRecord, now_ms: u64) -> Result<(), String> {
        let binding = Binding { worker: record.worker, transport: record.transport };
        let judged = tallow_attest::verify(&record.evidence, &binding, &self.policy, now_ms);
        judged.map(drop).map_err(|error| error.to_string())
    }
}

impl Application for LedgerApp {
    type State = Executed;

    fn genesis(&self) -> (Executed, Commitments) {
        let state = LedgerState::genesis(&self.genesis);
        let commitments = state.empty_commitments();
        (state.into(), commitments)
    }

    fn propose(&self, parent: &Executed, at: Position) -> Vec<Vec<u8>> {
        self.pool().propose(&parent.state, at, BLOCK_BYTES_MAX, &|record, now_ms| self.judge(record, now_ms))
    }

    fn execute(
        &self,
        parent: &Executed,
        _: &BlockDigest,
        at: Position,
        entries: &[Vec<u8>],
    ) -> Result<(Executed, Commitments), ExecuteError> {
        let applied = parent.state.apply_block(at, entries, &|record, now_ms| self.judge(record, now_ms));
        let applied = applied.map_err(|error| Invalid(error.to_string()))?;
        Ok((Executed { state: applied.state, ids: Arc::new(applied.ids) }, applied.commitments))
    }

    fn finalized(&self, block: Finalized<'_>, executed: &Executed) {
        let certified = Some(Arc::new(block.certified));
        // The tip first: whoever hears of its transaction can read what it wrote.
        self.tip.send_replace(Tip { state: executed.state.clone(), certified, digest: block.digest });
        self.pool().settle(&executed.state, &executed.ids);
    }
}

#[cfg(test)]
mod tests;

//! The ledger's state machine as the consensus shell drives it.

use crate::pool::Pool;
use std::sync::{Arc, Mutex, MutexGuard};
use tallow_attest::{Binding, Policy};
use tallow_chain::{Application, Finalized, Invalid};
use tallow_ledger::{LedgerState, TxResult};
use tallow_types::limits::BLOCK_BYTES_MAX;
use tallow_types::{BlockDigest, CertifiedHeader, Commitments, Genesis, Position, WorkerRecord};
use tokio::sync::watch;

/// A block's execution.
#[derive(Clone)]
pub(crate) struct Executed {
    pub(crate) state: LedgerState,
    results: Arc<Vec<TxResult>>,
}

impl From<LedgerState> for Executed {
    fn from(state: LedgerState) -> Self {
        Self { state, results: Arc::default() }
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

    fn propose(&self, parent: &Executed, _: Position) -> Vec<Vec<u8>> {
        self.pool().propose(&parent.state, BLOCK_BYTES_MAX)
    }

    fn execute(
        &self,
        parent: &Executed,
        _: &BlockDigest,
        at: Position,
        entries: &[Vec<u8>],
    ) -> Result<(Executed, Commitments), Invalid> {
        let applied = parent.state.apply_block(at, entries, &|record, now_ms| self.judge(record, now_ms));
        let executed = Executed { state: applied.state, results: Arc::new(applied.results) };
        Ok((executed, applied.commitments))
    }

    fn finalized(&self, block: Finalized<'_>, executed: &Executed) {
        let certified = Some(Arc::new(block.certified));
        // The tip first: whoever hears of its transaction can read what it wrote.
        self.tip.send_replace(Tip { state: executed.state.clone(), certified, digest: block.digest });
        self.pool().settle(&executed.state, &executed.results);
    }
}

#[cfg(test)]
mod tests;

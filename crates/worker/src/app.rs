//! The cluster's state machine as the consensus shell drives it.

use crate::{disk::DiskFull, final_state::Final, metrics, opened::OpenedCache, traces::Traces};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Instant, SystemTime};
use tallow_chain::{Application, ExecuteError, Finalized, Invalid};
use tallow_cluster::{BlockError, BlockOutput, Cluster, Mempool, MempoolError, OpenError, Opened, State};
use tallow_types::{
    BlockDigest, CodeHash, CommandId, Commitments, Position, ProvenRecord, SealedCommand, SignedAnswer,
};

/// Times a block is tried when this host lacks something, before the replica leaves it: what lasts longer than a moment
/// is no reason to hold a view up.
const HOST_ATTEMPTS: u32 = 3;
/// Pause between such attempts.
const HOST_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// A block's execution.
#[derive(Clone)]
pub(crate) struct Executed {
    pub(crate) state: State,
    pub(crate) output: Arc<BlockOutput>,
}

/// A command that is not taken.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(crate) struct Refused {
    /// Its id, when it could be opened: it may have been taken before.
    pub(crate) id: Option<CommandId>,
    pub(crate) error: SubmitError,
}

/// Why a command is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubmitError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Full(#[from] MempoolError),
    #[error(transparent)]
    DiskFull(#[from] DiskFull),
}

/// Orders entries, executes blocks, publishes what is final.
pub(crate) struct ClusterApp {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) published: Arc<Final>,
    pub(crate) metrics: metrics::Shared,
    pub(crate) traces: Traces,
    opened: OpenedCache,
    mempool: Mutex<Mempool>,
    wake: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl ClusterApp {
    pub(crate) fn new(cluster: Arc<Cluster>, published: Arc<Final>) -> Self {
        let mempool = Mutex::new(Mempool::new());
        let metrics = metrics::Shared::default();
        let traces = Traces::default();
        Self { cluster, published, metrics, traces, opened: OpenedCache::new(), mempool, wake: OnceLock::new() }
    }

    /// Connects the application to the engine that orders its entries.
    pub(crate) fn on_work(&self, wake: impl Fn() + Send + Sync + 'static) {
        assert!(self.wake.set(Box::new(wake)).is_ok(), "an application has one engine");
    }

    /// Checks a sealed command and queues it for a block if there is `room` on the disk. One that was taken before is
    /// told so all the same: its receipt is there.
    pub(crate) fn submit(
        &self,
        sealed: SealedCommand,
        now_ms: u64,
        room: Result<(), DiskFull>,
    ) -> Result<CommandId, Refused> {
        let opened = self.opened.open(&self.cluster, &sealed);
        let opened = opened.map_err(|error| Refused { id: None, error: error.into() })?;
        let id = opened.id;
        self.queue(sealed, opened, now_ms, room).map_err(|error| Refused { id: Some(id), error })?;
        self.wake_up();
        Ok(id)
    }

    fn queue(
        &self,
        sealed: SealedCommand,
        opened: Arc<Opened>,
        now_ms: u64,
        room: Result<(), DiskFull>,
    ) -> Result<(), SubmitError> {
        let state = self.published.state();
        opened.admit(&state, now_ms.max(state.position().time_ms))?;
        room?;
        let id = opened.id;
        // First, since it can be in a block as soon as it is queued.
        self.traces.begin(id);
        match self.mempool().add_command(sealed, opened) {
            Ok(()) | Err(MempoolError::Duplicate) => Ok(()),
            Err(full) => {
                self.traces.forget(&id);
                Err(full.into())
            }
        }
    }

    /// Whether a command waits for a place in a block. It is published as waiting or completed before it ceases to be.
    pub(crate) fn is_pending(&self, id: &CommandId) -> bool {
        self.mempool().has(id)
    }

    /// Entries that wait for a block, and the bytes of the commands among them.
    pub(crate) fn mempool_size(&self) -> (usize, usize) {
        let mempool = self.mempool();
        (mempool.len(), mempool.command_bytes())
    }

    pub(crate) fn add_answer(&self, answer: SignedAnswer) {
        self.mempool().add_answer(answer);
        self.wake_up();
    }

    pub(crate) fn add_code(&self, code: CodeHash) {
        self.mempool().add_code(code);
        self.wake_up();
    }

    pub(crate) fn add_message(&self, number: u64, record: ProvenRecord) {
        self.mempool().add_message(number, record);
        self.wake_up();
    }

    /// Asks for a block.
    pub(crate) fn wake_up(&self) {
        if let Some(wake) = self.wake.get() {
            wake();
        }
    }

    fn mempool(&self) -> MutexGuard<'_, Mempool> {
        self.mempool.lock().expect("no code panics while it holds the mempool")
    }

    fn try_execute(
        &self,
        parent: (&State, &BlockDigest),
        at: Position,
        entries: &[Vec<u8>],
    ) -> Result<(Executed, Commitments), BlockError> {
        let (began, since) = (Instant::now(), SystemTime::now());
        let (state, commitments, output) = self.cluster.execute(parent, at, entries, &self.opened)?;
        self.metrics.block_time.observe(began.elapsed());
        self.traces.executed(at, entries.len(), &output, since);
        Ok((Executed { state, output: Arc::new(output) }, commitments))
    }
}

impl Application for ClusterApp {
    type State = Executed;

    fn genesis(&self) -> (Executed, Commitments) {
        let (state, commitments) = self.cluster.genesis_state();
        (Executed { state, output: Arc::default() }, commitments)
    }

    fn propose(&self, parent: &Executed, at: Position) -> Vec<Vec<u8>> {
        self.mempool().propose(&parent.state, at)
    }

    /// A lack of resources on this host is no property of the block, so it is tried again; a host that does not recover
    /// soon leaves the block rather than vote on a guess.
    fn execute(
        &self,
        parent: &Executed,
        parent_digest: &BlockDigest,
        at: Position,
        entries: &[Vec<u8>],
    ) -> Result<(Executed, Commitments), ExecuteError> {
        let mut attempt = 1;
        loop {
            match self.try_execute((&parent.state, parent_digest), at, entries) {
                Ok(executed) => return Ok(executed),
                Err(BlockError::Invalid { index, reason }) => {
                    return Err(Invalid(format!("entry {index}: {reason}")).into());
                }
                Err(BlockError::Host(error)) if attempt == HOST_ATTEMPTS || self.cluster.is_interrupted() => {
                    return Err(ExecuteError::NotNow(error.to_string()));
                }
                Err(BlockError::Host(error)) => tracing::warn!(height = at.height, %error, "block not executed yet"),
            }
            attempt += 1;
            std::thread::sleep(HOST_PAUSE);
        }
    }

    fn finalized(&self, block: Finalized<'_>, executed: &Executed) {
        // In this order a command is always known: as pending, or by what was published.
        self.published.publish(&block, executed);
        self.traces.finalized(block.header.position, &executed.output);
        if !block.replayed {
            self.metrics.blocks.inc();
            self.metrics.commands.inc_by(executed.output.ordered.len() as u64);
            self.metrics.receipts.inc_by(executed.output.completed.len() as u64);
        }
        let more = {
            let mut mempool = self.mempool();
            mempool.settle(&executed.output.ordered, &executed.state);
            !mempool.is_empty()
        };
        if more {
            self.wake_up();
        }
    }
}

#[cfg(test)]
mod tests;

//! The cluster's state machine as the consensus shell drives it.

use crate::progress::Progress;
use crate::{disk::DiskFull, final_state::Final, metrics, opened::OpenedCache, traces::Traces};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant, SystemTime};
use tallow_chain::{Application, ExecuteError, Finalized, Invalid};
use tallow_cluster::{
    BlockError, BlockOutput, Cluster, Mempool, MempoolError, OpenError, Opened, Opener, Sender, State,
};
use tallow_crypto::account_of;
use tallow_types::{
    BlockDigest, CodeHash, CommandId, Commitments, Entry, Position, ProvenRecord, SealedCommand, SignedAnswer,
    decode_exact,
};

/// Times a block is tried when this host lacks something, before the replica leaves it: what lasts longer than a moment
/// is no reason to hold a view up.
const HOST_ATTEMPTS: u32 = 3;
/// Pause between such attempts.
const HOST_PAUSE: Duration = Duration::from_millis(50);

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
    progress: Progress,
    wake: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl ClusterApp {
    pub(crate) fn new(cluster: Arc<Cluster>, published: Arc<Final>) -> Self {
        let mempool = Mutex::new(Mempool::new());
        let metrics = metrics::Shared::default();
        let traces = Traces::default();
        let (opened, progress, wake) = (OpenedCache::new(), Progress::new(), OnceLock::new());
        Self { cluster, published, metrics, traces, opened, mempool, progress, wake }
    }

    /// Connects the application to the engine that orders its entries.
    pub(crate) fn on_work(&self, wake: impl Fn() + Send + Sync + 'static) {
        assert!(self.wake.set(Box::new(wake)).is_ok(), "an application has one engine");
    }

    /// Checks a sealed command that came from `client` and queues it for a block if there is `room` on the disk. One that
    /// was taken before is told so all the same: its receipt is there.
    pub(crate) fn submit(
        &self,
        sealed: SealedCommand,
        client: IpAddr,
        now_ms: u64,
        room: Result<(), DiskFull>,
    ) -> Result<CommandId, Refused> {
        let opened = self.opened.open(&self.cluster, &sealed);
        let opened = opened.map_err(|error| Refused { id: None, error: error.into() })?;
        let id = opened.id;
        self.queue(sealed, client, opened, now_ms, room).map_err(|error| Refused { id: Some(id), error })?;
        self.wake_up();
        Ok(id)
    }

    fn queue(
        &self,
        sealed: SealedCommand,
        client: IpAddr,
        opened: Arc<Opened>,
        now_ms: u64,
        room: Result<(), DiskFull>,
    ) -> Result<(), SubmitError> {
        let state = self.published.state();
        opened.admit(&state, now_ms.max(state.position().time_ms))?;
        room?;
        let id = opened.id;
        let funded = state.is_funded(&account_of(&opened.signed.command.caller));
        // First, since it can be in a block as soon as it is queued.
        self.traces.begin(id);
        match self.mempool().add_command(sealed, opened, Sender { client, funded }) {
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

    /// Whether a command was put aside before it was in a block, without effect.
    pub(crate) fn is_put_aside(&self, id: &CommandId) -> bool {
        self.mempool().is_put_aside(id)
    }

    /// For how long work has waited for a block while none came.
    pub(crate) fn stalled(&self, now_ms: u64) -> Duration {
        let is_due = self.published.state().next_timer_ms().is_some_and(|due_ms| due_ms <= now_ms);
        self.progress.stalled(is_due)
    }

    /// Entries that wait for a block, and the bytes of the commands among them.
    pub(crate) fn mempool_size(&self) -> (usize, usize) {
        let mempool = self.mempool();
        (mempool.len(), mempool.command_bytes())
    }

    /// Queues an answer for a block, or gives it back while there is no room.
    pub(crate) fn add_answer(&self, answer: Box<SignedAnswer>) -> Result<(), Box<SignedAnswer>> {
        self.mempool().add_answer(answer)?;
        self.wake_up();
        Ok(())
    }

    /// Whether an answer to this call waits for a block, of this attempt or one before.
    pub(crate) fn has_answer(&self, place: (CommandId, u32, u32)) -> bool {
        self.mempool().has_answer(place)
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
        self.progress.work_waits();
        if let Some(wake) = self.wake.get() {
            wake();
        }
    }

    fn mempool(&self) -> MutexGuard<'_, Mempool> {
        self.mempool.lock().expect("no code panics while it holds the mempool")
    }

    /// Puts the command aside that this host could not run, so that the others go on.
    fn put_aside(&self, entry: &[u8]) {
        let Ok(Entry::Command(sealed)) = decode_exact(entry) else { return };
        if let Ok(opened) = Opener::open(&self.opened, &self.cluster, &sealed) {
            self.mempool().put_aside(&opened.id);
        }
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
                Err(BlockError::Host { error, .. }) if self.cluster.is_interrupted() => {
                    return Err(ExecuteError::NotNow(error.to_string()));
                }
                Err(BlockError::Host { entry, error }) if attempt == HOST_ATTEMPTS => {
                    entry.and_then(|entry| entries.get(entry)).into_iter().for_each(|entry| self.put_aside(entry));
                    return Err(ExecuteError::NotNow(error.to_string()));
                }
                Err(BlockError::Host { error, .. }) => {
                    tracing::warn!(height = at.height, %error, "block not executed yet")
                }
            }
            attempt += 1;
            std::thread::sleep(HOST_PAUSE);
        }
    }

    fn effective(&self, mut entries: Vec<Vec<u8>>, executed: &Executed) -> Vec<Vec<u8>> {
        for deferred in executed.output.deferred.iter().rev() {
            entries.remove(deferred.entry);
        }
        entries
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
            mempool.settle(&executed.output, &executed.state);
            !mempool.is_empty()
        };
        self.progress.moved();
        if more {
            self.wake_up();
        }
    }
}

#[cfg(test)]
mod tests;

//! What is final on this replica: the newest state, receipts, and who waits for them.

use crate::app::Executed;
use crate::feed::{Feed, NewBlock, SavedFeed};
use crate::logs::Logs;
use parity_scale_codec::{Decode, Encode};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use tallow_api::ReceiptSummary;
use tallow_chain::Finalized;
use tallow_cluster::{CompletedCommand, PendingCall, State};
use tallow_types::limits::{RECEIPTS_BYTES_MAX, RECEIPTS_MAX};
use tallow_types::{AccountId, BlockDigest, CertifiedHeader, CommandId, OutboxMessage, Position, Receipt};
use tokio::sync::{mpsc, oneshot, watch};

/// Blocks between snapshots: bounds the time a restart replays.
pub(crate) const SNAPSHOT_BLOCKS: u64 = 8_192;

/// A block whose outbox the ledger has not seen.
pub(crate) type OutboxBlock = (CertifiedHeader, Vec<OutboxMessage>);

/// A completed command, waiting to be asked for. Those of one block share its header.
#[derive(Clone)]
pub(crate) struct Completed {
    command: CompletedCommand,
    certified: Arc<CertifiedHeader>,
    /// Its number among those that were kept since the start.
    number: u64,
}

impl Completed {
    pub(crate) fn receipt(&self) -> Receipt {
        let CompletedCommand { command, sealed, path } = self.command.clone();
        Receipt { command, sealed, path, certified: (*self.certified).clone() }
    }

    pub(crate) fn height(&self) -> u64 {
        self.certified.header.position.height
    }

    pub(crate) fn summary(&self) -> ReceiptSummary {
        let Position { height, time_ms } = self.certified.header.position;
        let bytes = u32::try_from(self.command.sealed.len()).unwrap_or(u32::MAX);
        ReceiptSummary { id: self.command.command, height, time_ms, bytes }
    }
}

/// The newest final block with its state.
#[derive(Clone)]
pub(crate) struct Tip {
    pub(crate) state: State,
    pub(crate) digest: BlockDigest,
    /// `None` at genesis, which nobody certifies.
    pub(crate) certified: Option<Arc<CertifiedHeader>>,
}

/// What leaves the state machine for the shell's tasks.
pub(crate) enum Event {
    /// An external call to perform.
    Call(PendingCall),
    /// It is time to write a snapshot of the tip.
    Snapshot,
}

#[derive(Default)]
struct Receipts {
    by_id: BTreeMap<CommandId, Completed>,
    order: VecDeque<CommandId>,
    /// Number of the next one.
    next: u64,
    /// Bytes of all that are kept.
    bytes: usize,
    waiters: BTreeMap<CommandId, Vec<oneshot::Sender<()>>>,
}

/// See the module.
pub(crate) struct Final {
    tip: RwLock<Tip>,
    height: watch::Sender<u64>,
    receipts: Mutex<Receipts>,
    outbox: Mutex<VecDeque<OutboxBlock>>,
    /// Whether a block with entries came since it was last asked.
    activity: AtomicBool,
    pub(crate) logs: Logs,
    pub(crate) feed: Arc<Feed>,
    events: mpsc::UnboundedSender<Event>,
}

/// What a snapshot holds besides the state.
#[derive(Clone, Encode, Decode, Default)]
pub(crate) struct Extras {
    /// Receipts by block, oldest first.
    receipts: Vec<(CertifiedHeader, Vec<CompletedCommand>)>,
    outbox: Vec<OutboxBlock>,
    feed: SavedFeed,
}

impl Final {
    /// Starts from a state; the receiver gets what the shell has to do. The channel needs no bound of its own: it holds
    /// at most the calls of waiting commands, which the state bounds.
    pub(crate) fn new(state: State, digest: BlockDigest, extras: Extras) -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (events, receiver) = mpsc::unbounded_channel();
        let height = watch::Sender::new(state.position().height);
        let feed = Arc::new(Feed::new(extras.feed, state.position().height));
        let mut receipts = Receipts::default();
        for (certified, completed) in extras.receipts {
            receipts.complete(&completed, &Arc::new(certified));
        }
        let this = Self {
            tip: RwLock::new(Tip { state, digest, certified: None }),
            height,
            receipts: Mutex::new(receipts),
            outbox: Mutex::new(extras.outbox.into()),
            activity: AtomicBool::new(true),
            logs: Logs::new(),
            feed,
            events,
        };
        (this, receiver)
    }

    pub(crate) fn tip(&self) -> Tip {
        self.tip.read().expect("no code panics while it holds the tip").clone()
    }

    pub(crate) fn state(&self) -> State {
        self.tip.read().expect("no code panics while it holds the tip").state.clone()
    }

    /// Height of the newest final block, as it grows.
    pub(crate) fn height(&self) -> watch::Receiver<u64> {
        self.height.subscribe()
    }

    /// Takes a final block: receipts first, so that whoever sees the height finds them.
    pub(crate) fn publish(&self, block: &Finalized<'_>, executed: &Executed) {
        let certified = Arc::new(block.certified.clone());
        let position = block.header.position;
        let before = self.state();
        let exists = |contract: &AccountId| executed.state.contract(contract).is_some();
        let lines = self.logs.append(position, &executed.output.logs, exists);
        if !executed.output.outbox.is_empty() {
            self.outbox().push_back((block.certified.clone(), executed.output.outbox.clone()));
        }
        *self.tip.write().expect("no code panics while it holds the tip") =
            Tip { state: executed.state.clone(), digest: block.digest, certified: Some(certified.clone()) };
        if !block.entries.is_empty() {
            self.note_activity();
        }
        let waiters = self.receipts().complete(&executed.output.completed, &certified);
        for waiter in waiters {
            let _ = waiter.send(()); // whoever waited may have gone
        }
        self.feed.publish(NewBlock {
            certified: &certified,
            entries: block.entries.len(),
            output: &executed.output,
            lines,
            states: [&executed.state, &before],
        });
        self.height.send_replace(position.height);
        if !block.replayed {
            self.hand_out(executed, position.height);
        }
    }

    /// Whether blocks with entries came since the last call.
    pub(crate) fn take_activity(&self) -> bool {
        self.activity.swap(false, Ordering::Relaxed)
    }

    /// Notes that there is something to anchor.
    pub(crate) fn note_activity(&self) {
        self.activity.store(true, Ordering::Relaxed);
    }

    fn hand_out(&self, executed: &Executed, height: u64) {
        let calls = executed.output.calls.iter().cloned().map(Event::Call);
        let snapshot = height.is_multiple_of(SNAPSHOT_BLOCKS).then_some(Event::Snapshot);
        for event in calls.chain(snapshot) {
            let _ = self.events.send(event); // the shell is shutting down
        }
    }

    /// A command's receipt, or a signal that comes when there is one.
    pub(crate) fn receipt(&self, id: &CommandId) -> Result<Completed, Waiter<'_>> {
        let mut receipts = self.receipts();
        if let Some(completed) = receipts.by_id.get(id) {
            return Ok(completed.clone());
        }
        let (sender, signal) = oneshot::channel();
        let waiters = receipts.waiters.entry(*id).or_default();
        waiters.retain(|waiter| !waiter.is_closed());
        waiters.push(sender);
        Err(Waiter { published: self, id: *id, signal })
    }

    /// A command's receipt, if there is one.
    pub(crate) fn completed(&self, id: &CommandId) -> Option<Completed> {
        self.receipts().by_id.get(id).cloned()
    }

    /// Receipts that are waited for.
    pub(crate) fn waited_for(&self) -> usize {
        self.receipts().waiters.len()
    }

    /// Forgets waiters of `id` that have gone.
    fn tidy_waiters(&self, id: &CommandId) {
        let mut receipts = self.receipts();
        if let Some(waiters) = receipts.waiters.get_mut(id) {
            waiters.retain(|waiter| !waiter.is_closed());
            if waiters.is_empty() {
                receipts.waiters.remove(id);
            }
        }
    }

    /// Blocks with messages above `height`, oldest first; those at or below it are anchored and dropped.
    pub(crate) fn outbox_above(&self, height: u64) -> Vec<OutboxBlock> {
        let mut outbox = self.outbox();
        while outbox.front().is_some_and(|(certified, _)| certified.header.position.height <= height) {
            outbox.pop_front();
        }
        outbox.iter().cloned().collect()
    }

    /// What a snapshot of the state at `height` holds besides it.
    pub(crate) fn extras(&self, height: u64) -> Extras {
        // A block that became final since comes again after a restart; the ledger takes its messages once.
        let outbox =
            self.outbox().iter().filter(|(certified, _)| certified.header.position.height <= height).cloned().collect();
        Extras { receipts: self.receipts().by_block(), outbox, feed: self.feed.save(height) }
    }

    /// Receipts, newest first: those older than that of `after`, or `None` when that is not kept.
    pub(crate) fn recent(&self, after: Option<&CommandId>, limit: usize) -> Option<Vec<Completed>> {
        self.receipts().recent(after, limit)
    }

    fn receipts(&self) -> std::sync::MutexGuard<'_, Receipts> {
        self.receipts.lock().expect("no code panics while it holds the receipts")
    }

    fn outbox(&self) -> std::sync::MutexGuard<'_, VecDeque<OutboxBlock>> {
        self.outbox.lock().expect("no code panics while it holds the outbox")
    }
}

/// One who waits for a receipt. When it is dropped, whether there is one or its client has gone, nothing of it stays.
pub(crate) struct Waiter<'a> {
    published: &'a Final,
    id: CommandId,
    signal: oneshot::Receiver<()>,
}

impl Waiter<'_> {
    /// Resolves when there is a receipt.
    pub(crate) async fn signalled(mut self) {
        // A signal is dropped only with what it is to tell of.
        let _ = (&mut self.signal).await;
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.signal.close();
        self.published.tidy_waiters(&self.id);
    }
}

/// Bytes that a receipt takes while it is kept.
fn kept_bytes(command: &CompletedCommand) -> usize {
    size_of::<Completed>() + command.sealed.len() + size_of_val(command.path.as_slice())
}

impl Receipts {
    fn by_block(&self) -> Vec<(CertifiedHeader, Vec<CompletedCommand>)> {
        let in_order: Vec<&Completed> = self.order.iter().map(|id| &self.by_id[id]).collect();
        let blocks = in_order.chunk_by(|a, b| Arc::ptr_eq(&a.certified, &b.certified));
        blocks.map(|block| ((*block[0].certified).clone(), block.iter().map(|c| c.command.clone()).collect())).collect()
    }

    /// Newest first, those before that of `after`.
    fn recent(&self, after: Option<&CommandId>, limit: usize) -> Option<Vec<Completed>> {
        let first = self.next - self.order.len() as u64;
        let end = match after {
            Some(id) => usize::try_from(self.by_id.get(id)?.number.checked_sub(first)?).ok()?,
            None => self.order.len(),
        };
        Some(self.order.range(..end).rev().take(limit).filter_map(|id| self.by_id.get(id).cloned()).collect())
    }

    fn insert(&mut self, id: CommandId, command: CompletedCommand, certified: Arc<CertifiedHeader>) {
        // A block that comes again after a restart changes nothing.
        if self.by_id.contains_key(&id) {
            return;
        }
        self.bytes += kept_bytes(&command);
        self.by_id.insert(id, Completed { command, certified, number: self.next });
        self.order.push_back(id);
        self.next += 1;
        while self.order.len() > RECEIPTS_MAX || self.bytes > RECEIPTS_BYTES_MAX {
            let Some(oldest) = self.order.pop_front().and_then(|oldest| self.by_id.remove(&oldest)) else { break };
            self.bytes -= kept_bytes(&oldest.command);
        }
    }

    /// Keeps a block's receipts and gives the waiters to signal.
    fn complete(
        &mut self,
        completed: &[CompletedCommand],
        certified: &Arc<CertifiedHeader>,
    ) -> Vec<oneshot::Sender<()>> {
        let mut signalled = Vec::new();
        for command in completed {
            self.insert(command.command, command.clone(), certified.clone());
            signalled.extend(self.waiters.remove(&command.command).into_iter().flatten());
        }
        signalled
    }
}

//! The feed: what became final on this replica, in order, kept for those who ask for it and for those who follow it.
//!
//! Subscribers have no buffers: each has a place in the one ring, and is woken when the ring grows. One that is too
//! slow finds its place gone, is told so, and goes on with the oldest item; others do not notice.

mod documents;
mod gone;
mod kept;
mod ring;
mod subscriber;
mod wanted;

pub(crate) use documents::block_document;
pub(crate) use kept::Kept;
pub(crate) use ring::SavedFeed;
pub(crate) use subscriber::{Delivery, SubscribeError, Subscriber};
pub(crate) use wanted::{Denied, Wanted};

use crate::logs::Line;
use crate::shares::Shares;
use ring::{Batch, Ring};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tallow_cluster::{BlockOutput, State};
use tallow_types::limits::STREAMS_MAX;
use tallow_types::{AccountId, CertifiedHeader, FeedContent, FeedPosition, Position};
use tokio::sync::watch;

/// See the module.
pub(crate) struct Feed {
    ring: RwLock<Ring>,
    /// The first place that is not taken yet.
    head: watch::Sender<FeedPosition>,
    /// Places of subscribers, in shares by client.
    places: Arc<Shares>,
    /// Nothing comes any more.
    closed: AtomicBool,
}

/// What of a block enters the feed.
pub(crate) struct NewBlock<'a> {
    pub(crate) certified: &'a CertifiedHeader,
    pub(crate) entries: usize,
    pub(crate) output: &'a BlockOutput,
    /// Log lines of the block's commands that were kept, as they were numbered.
    pub(crate) lines: Vec<Line>,
    /// States after the block and before it, which know what its contracts are.
    pub(crate) states: [&'a State; 2],
}

impl Feed {
    /// Starts from what an earlier run saved.
    pub(crate) fn new(saved: SavedFeed, height: u64) -> Self {
        let ring = Ring::restore(saved, height);
        let head = watch::Sender::new(ring.head());
        Self {
            ring: RwLock::new(ring),
            head,
            places: Arc::new(Shares::new(STREAMS_MAX)),
            closed: AtomicBool::new(false),
        }
    }

    /// Takes what a final block brings. A block that is there already (a replay of what was saved) changes nothing.
    pub(crate) fn publish(&self, block: NewBlock<'_>) {
        let head = {
            let mut ring = self.write();
            if block.certified.header.position.height <= ring.height() {
                return;
            }
            ring.begin(block.certified.header.position);
            for (content, public) in contents(block) {
                ring.push(content, public);
            }
            ring.head()
        };
        self.head.send_replace(head);
    }

    /// Takes lines that a query wrote, by the replica's clock. They have places among the other items, for who follows
    /// their contract, but take no room from them.
    pub(crate) fn publish_lines(&self, lines: Vec<Line>) {
        if lines.is_empty() {
            return;
        }
        let head = {
            let mut ring = self.write();
            lines.into_iter().for_each(|line| ring.push_line(line));
            ring.head()
        };
        self.head.send_replace(head);
    }

    /// What is wanted of the items from `from` on.
    fn read(&self, from: FeedPosition, wanted: &Wanted) -> Batch {
        self.read_ring().read(from, wanted)
    }

    /// Ends it: who follows it has what is there, and then its end.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.head.send_modify(|_| {});
    }

    /// How many follow it.
    pub(crate) fn followed(&self) -> usize {
        self.places.sum()
    }

    /// The place from which on all that is wanted is kept, and the first that is not taken yet.
    fn bounds(&self, wanted: &Wanted) -> (FeedPosition, FeedPosition) {
        let ring = self.read_ring();
        (ring.oldest(wanted), ring.head())
    }

    /// Blocks below `height`, newest first.
    pub(crate) fn blocks_below(&self, height: u64, limit: usize) -> Vec<Arc<Kept>> {
        self.read_ring().blocks_below(height, limit)
    }

    /// The block at `height`, if it is kept.
    pub(crate) fn block(&self, height: u64) -> Option<Arc<Kept>> {
        self.read_ring().block(height)
    }

    /// All of it up to `height`, for a snapshot.
    pub(crate) fn save(&self, height: u64) -> SavedFeed {
        self.read_ring().save(height)
    }

    fn read_ring(&self) -> RwLockReadGuard<'_, Ring> {
        self.ring.read().expect("no code panics while it holds the feed")
    }

    fn write(&self) -> RwLockWriteGuard<'_, Ring> {
        self.ring.write().expect("no code panics while it holds the feed")
    }
}

/// What a block brings, in order: itself, receipts, events, log lines; and whether everyone may see it.
fn contents(block: NewBlock<'_>) -> Vec<(FeedContent, bool)> {
    let NewBlock { certified, entries, output, lines, states } = block;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let (entries, receipts) = (count(entries), count(output.completed.len()));
    let mut contents = vec![(FeedContent::Block { certified: Box::new(certified.clone()), entries, receipts }, true)];
    contents.extend(output.completed.iter().map(|completed| {
        (FeedContent::Receipt { command: completed.command, bytes: count(completed.sealed.len()) }, true)
    }));
    contents.extend(output.events.iter().map(|(command, event)| {
        let public = is_public(states, &event.contract);
        (FeedContent::Event { command: *command, event: event.clone() }, public)
    }));
    contents.extend(lines.into_iter().map(|line| (line.into(), false)));
    contents
}

impl From<Line> for FeedContent {
    fn from(Line { contract, command, record }: Line) -> Self {
        Self::Log { contract, command, record }
    }
}

/// Whether the deployer made the contract's events public. One that ended in this block is known before it alone.
fn is_public(states: [&State; 2], contract: &AccountId) -> bool {
    let info = states.iter().find_map(|state| state.contract(contract));
    info.is_some_and(|info| info.public_events)
}

/// The place of a block in the feed, as its header has it.
pub(crate) const fn place(position: Position) -> FeedPosition {
    FeedPosition::block(position.height)
}

#[cfg(test)]
mod tests;

//! The ring of items: pure, and bounded in number and size.

use super::{Kept, Wanted, place};
use parity_scale_codec::{Decode, Encode};
use std::collections::VecDeque;
use std::sync::Arc;
use tallow_types::limits::{
    BLOCKS_KEPT_MAX, FEED_BYTES_MAX, FEED_ITEMS_MAX, STREAM_BATCH_BYTES_MAX, STREAM_BATCH_ITEMS_MAX, STREAM_SCAN_MAX,
};
use tallow_types::{FeedContent, FeedItem, FeedPosition, Position};

/// Numbers of queries' lines for each millisecond of the clock: they go on growing after a restart.
const LINES_PER_MS: u64 = 256;

/// The feed as a snapshot holds it.
#[derive(Clone, Default, Encode, Decode)]
pub(crate) struct SavedFeed {
    /// Items with whether everyone may see them, oldest first.
    items: Vec<(FeedItem, bool)>,
    /// Blocks that are kept longer than the other items, oldest first.
    blocks: Vec<FeedItem>,
    /// The newest place that was dropped.
    dropped: Option<FeedPosition>,
}

/// What a subscriber is given at once.
pub(super) struct Batch {
    pub(super) items: Vec<Arc<Kept>>,
    /// Where to go on.
    pub(super) next: FeedPosition,
    /// Whether all that there is was looked at.
    pub(super) ended: bool,
    /// The oldest place, when items from the wanted place on were dropped; then there are no items.
    pub(super) gone: Option<FeedPosition>,
}

/// See the module.
pub(super) struct Ring {
    items: VecDeque<Arc<Kept>>,
    bytes: usize,
    /// Blocks, oldest first, of consecutive heights.
    blocks: VecDeque<Arc<Kept>>,
    dropped: Option<FeedPosition>,
    /// Height and time of the newest block.
    at: Position,
    head: FeedPosition,
}

impl Ring {
    /// What was saved with the state at `height`.
    pub(super) fn restore(saved: SavedFeed, height: u64) -> Self {
        let blocks = saved.blocks.into_iter().map(|item| Arc::new(Kept::new(item, true))).collect();
        let at = Position { height, time_ms: 0 };
        // What was not saved is not there.
        let dropped = saved.dropped.or((saved.items.is_empty() && height > 0).then_some(place(at)));
        let head = FeedPosition { height, index: 1 };
        let mut ring = Self { items: VecDeque::new(), bytes: 0, blocks, dropped, at, head };
        for (item, public) in saved.items {
            ring.head = ring.head.max(item.position.next());
            ring.keep(Arc::new(Kept::new(item, public)));
        }
        ring
    }

    pub(super) fn save(&self, height: u64) -> SavedFeed {
        let upto = |kept: &&Arc<Kept>| kept.item.position.height <= height;
        SavedFeed {
            items: self.items.iter().filter(upto).map(|kept| (kept.item.clone(), kept.public)).collect(),
            blocks: self.blocks.iter().filter(upto).map(|kept| kept.item.clone()).collect(),
            dropped: self.dropped,
        }
    }

    /// Height of the newest block.
    pub(super) fn height(&self) -> u64 {
        self.at.height
    }

    /// The first place that is not taken yet.
    pub(super) fn head(&self) -> FeedPosition {
        self.head
    }

    /// The oldest place that is kept.
    pub(super) fn oldest(&self) -> FeedPosition {
        self.dropped.map_or_else(FeedPosition::default, FeedPosition::next)
    }

    /// Goes on to the next block.
    pub(super) fn begin(&mut self, at: Position) {
        self.at = at;
        self.head = place(at);
    }

    /// Keeps what the block brought.
    pub(super) fn push(&mut self, content: FeedContent, public: bool) {
        self.push_at(self.head, self.at.time_ms, content, public);
    }

    /// Keeps a line that a query wrote.
    pub(super) fn push_line(&mut self, time_ms: u64, content: FeedContent) {
        let index = self.head.index.max(time_ms.saturating_mul(LINES_PER_MS));
        self.push_at(FeedPosition { index, ..self.head }, time_ms, content, false);
    }

    fn push_at(&mut self, position: FeedPosition, time_ms: u64, content: FeedContent, public: bool) {
        let block = matches!(content, FeedContent::Block { .. });
        let kept = Arc::new(Kept::new(FeedItem { position, time_ms, content }, public));
        self.head = position.next();
        if block {
            self.blocks.push_back(kept.clone());
            if self.blocks.len() > BLOCKS_KEPT_MAX {
                self.blocks.pop_front();
            }
        }
        self.keep(kept);
    }

    /// Keeps an item; the oldest make room.
    fn keep(&mut self, kept: Arc<Kept>) {
        self.bytes += kept.bytes;
        self.items.push_back(kept);
        while self.items.len() > FEED_ITEMS_MAX || self.bytes > FEED_BYTES_MAX {
            let Some(oldest) = self.items.pop_front() else { break };
            self.bytes -= oldest.bytes;
            self.dropped = Some(oldest.item.position);
        }
    }

    /// What is wanted of the items from `from` on: not all at once.
    pub(super) fn read(&self, from: FeedPosition, wanted: &Wanted) -> Batch {
        if self.dropped.is_some_and(|dropped| from <= dropped) {
            return Batch { items: Vec::new(), next: from, ended: false, gone: Some(self.oldest()) };
        }
        let first = self.items.partition_point(|kept| kept.item.position < from);
        let mut batch = Batch { items: Vec::new(), next: from.max(self.head), ended: true, gone: None };
        let mut bytes = 0;
        for (looked, kept) in self.items.iter().skip(first).enumerate() {
            let full = batch.items.len() >= STREAM_BATCH_ITEMS_MAX || bytes >= STREAM_BATCH_BYTES_MAX;
            if full || looked >= STREAM_SCAN_MAX {
                return Batch { next: kept.item.position, ended: false, ..batch };
            }
            if wanted.takes(kept) {
                bytes += kept.bytes;
                batch.items.push(kept.clone());
            }
        }
        batch
    }

    /// Blocks below `height`, newest first.
    pub(super) fn blocks_below(&self, height: u64, limit: usize) -> Vec<Arc<Kept>> {
        let end = self.blocks.partition_point(|kept| kept.item.position.height < height);
        self.blocks.range(..end).rev().take(limit).cloned().collect()
    }

    pub(super) fn block(&self, height: u64) -> Option<Arc<Kept>> {
        let index = self.blocks.binary_search_by_key(&height, |kept| kept.item.position.height);
        index.ok().and_then(|index| self.blocks.get(index)).cloned()
    }
}

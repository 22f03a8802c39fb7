//! The ring of items: pure, and bounded in number and size.

use super::gone::Gone;
use super::{Kept, Wanted, place};
use crate::logs::Line;
use crate::rings::{Bounds, Rings};
use parity_scale_codec::{Decode, Encode};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tallow_types::limits::{
    BLOCKS_KEPT_MAX, FEED_BYTES_MAX, FEED_ITEMS_MAX, FEED_LINES_BYTES_MAX, FEED_LINES_MAX, FEED_LINES_TOTAL_BYTES_MAX,
    STREAM_BATCH_BYTES_MAX, STREAM_BATCH_ITEMS_MAX, STREAM_SCAN_MAX,
};
use tallow_types::{FeedContent, FeedItem, FeedPosition, Position};

/// Numbers of queries' lines for each millisecond of the clock: they go on growing after a restart.
const LINES_PER_MS: u64 = 256;

/// What is kept of events and lines of commands.
const OF_CONTRACTS: Bounds = Bounds { items: FEED_ITEMS_MAX, bytes: FEED_BYTES_MAX, total: FEED_BYTES_MAX };
/// What is kept of lines of queries.
const LINES: Bounds = Bounds { items: FEED_LINES_MAX, bytes: FEED_LINES_BYTES_MAX, total: FEED_LINES_TOTAL_BYTES_MAX };

/// The feed as a snapshot holds it.
#[derive(Clone, Default, Encode, Decode)]
pub(crate) struct SavedFeed {
    /// Items with whether everyone may see them, oldest first.
    items: Vec<(FeedItem, bool)>,
    /// Blocks that are kept longer than the other items, oldest first.
    blocks: Vec<FeedItem>,
    /// What was dropped.
    gone: Gone,
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
    /// All but lines of queries, by place.
    items: BTreeMap<FeedPosition, Arc<Kept>>,
    /// Blocks and receipts among them, oldest first, and their bytes.
    common: VecDeque<Arc<Kept>>,
    bytes: usize,
    /// Events and lines of commands among them: a contract that has many takes their room from itself.
    of_contracts: Rings<Arc<Kept>>,
    /// Lines of queries, which anybody can cause: by contract, and not saved.
    lines: Rings<Arc<Kept>>,
    /// Blocks, oldest first, of consecutive heights.
    blocks: VecDeque<Arc<Kept>>,
    gone: Gone,
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
        let bare = saved.items.is_empty() && saved.gone.is_nothing() && height > 0;
        let gone = if bare { Gone::all(place(at)) } else { saved.gone };
        let head = FeedPosition { height, index: 1 };
        let mut ring = Self {
            items: BTreeMap::new(),
            common: VecDeque::new(),
            bytes: 0,
            of_contracts: Rings::new(OF_CONTRACTS),
            lines: Rings::new(LINES),
            blocks,
            gone,
            at,
            head,
        };
        for (item, public) in saved.items {
            ring.head = ring.head.max(item.position.next());
            ring.keep(Arc::new(Kept::new(item, public)));
        }
        ring
    }

    pub(super) fn save(&self, height: u64) -> SavedFeed {
        let upto = |kept: &&Arc<Kept>| kept.item.position.height <= height;
        SavedFeed {
            items: self.items.values().filter(upto).map(|kept| (kept.item.clone(), kept.public)).collect(),
            blocks: self.blocks.iter().filter(upto).map(|kept| kept.item.clone()).collect(),
            gone: self.gone.clone(),
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

    /// The place from which on all that is wanted is kept.
    pub(super) fn oldest(&self, wanted: &Wanted) -> FeedPosition {
        self.gone.newest(wanted).map_or_else(FeedPosition::default, FeedPosition::next)
    }

    /// Goes on to the next block.
    pub(super) fn begin(&mut self, at: Position) {
        self.at = at;
        self.head = place(at);
    }

    /// Keeps what the block brought.
    pub(super) fn push(&mut self, content: FeedContent, public: bool) {
        let block = matches!(content, FeedContent::Block { .. });
        let kept = self.place(self.head, self.at.time_ms, content, public);
        if block {
            self.blocks.push_back(kept.clone());
            if self.blocks.len() > BLOCKS_KEPT_MAX {
                self.blocks.pop_front();
            }
        }
        self.keep(kept);
    }

    /// Keeps a line that a query wrote.
    pub(super) fn push_line(&mut self, line: Line) {
        let (contract, time_ms) = (line.contract, line.record.time_ms);
        let index = self.head.index.max(time_ms.saturating_mul(LINES_PER_MS));
        let kept = self.place(FeedPosition { index, ..self.head }, time_ms, line.into(), false);
        let bytes = kept.bytes;
        self.lines.push(contract, kept, bytes);
    }

    /// Gives an item its place.
    fn place(&mut self, position: FeedPosition, time_ms: u64, content: FeedContent, public: bool) -> Arc<Kept> {
        self.head = position.next();
        Arc::new(Kept::new(FeedItem { position, time_ms, content }, public))
    }

    /// Keeps an item; the oldest of its kind make room.
    fn keep(&mut self, kept: Arc<Kept>) {
        self.items.insert(kept.item.position, kept.clone());
        match kept.item.content.contract().copied() {
            Some(contract) => {
                let bytes = kept.bytes;
                let dropped = self.of_contracts.push(contract, kept, bytes);
                dropped.iter().for_each(|kept| self.forget(kept));
            }
            None => self.keep_common(kept),
        }
    }

    fn keep_common(&mut self, kept: Arc<Kept>) {
        self.bytes += kept.bytes;
        self.common.push_back(kept);
        while self.common.len() > FEED_ITEMS_MAX || self.bytes > FEED_BYTES_MAX {
            let Some(oldest) = self.common.pop_front() else { break };
            self.bytes -= oldest.bytes;
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, kept: &Kept) {
        self.items.remove(&kept.item.position);
        self.gone.note(kept);
    }

    /// What is wanted of the items from `from` on: not all at once.
    pub(super) fn read(&self, from: FeedPosition, wanted: &Wanted) -> Batch {
        let oldest = self.oldest(wanted);
        if from < oldest {
            return Batch { items: Vec::new(), next: from, ended: false, gone: Some(oldest) };
        }
        let mut batch = Batch { items: Vec::new(), next: from.max(self.head), ended: true, gone: None };
        let mut bytes = 0;
        for (looked, kept) in self.merged(from, wanted).enumerate() {
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

    /// All items from `from` on, and the lines of queries of the contract that is wanted, in the order of their places.
    fn merged(&self, from: FeedPosition, wanted: &Wanted) -> impl Iterator<Item = &Arc<Kept>> {
        let mut items = self.items.range(from..).map(|(_, kept)| kept).peekable();
        let lines = wanted.contract.iter().flat_map(|contract| self.lines.of(contract));
        let mut lines = lines.skip_while(move |kept| kept.item.position < from).peekable();
        std::iter::from_fn(move || match (items.peek(), lines.peek()) {
            (Some(item), Some(line)) if line.item.position < item.item.position => lines.next(),
            (None, Some(_)) => lines.next(),
            _ => items.next(),
        })
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

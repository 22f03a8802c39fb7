//! Executed blocks that are not final yet, above the last one that is.

use crate::block::{Block, from_engine};
use commonware_cryptography::Digestible as _;
use std::{collections::BTreeMap, sync::Arc};
use tallow_types::{BlockDigest, Header, limits::CHAIN_BRANCHES_MAX};

/// A block and the state after it.
#[derive(Clone)]
pub(crate) struct Executed<S> {
    pub(crate) block: Arc<Block>,
    pub(crate) state: S,
}

/// Height and digest of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tip {
    /// Height of the block; genesis is 0.
    pub height: u64,
    /// Digest of its header.
    pub digest: BlockDigest,
}

/// The last final block's state and the states of the branches above it.
pub(crate) struct Branches<S> {
    tip: Tip,
    tip_state: S,
    above: BTreeMap<BlockDigest, Executed<S>>,
}

impl<S: Clone> Branches<S> {
    pub(crate) const fn new(tip: Tip, state: S) -> Self {
        Self { tip, tip_state: state, above: BTreeMap::new() }
    }

    pub(crate) const fn tip(&self) -> Tip {
        self.tip
    }

    /// The state after a block, if it is the final one or was executed above it.
    pub(crate) fn state(&self, digest: &BlockDigest) -> Option<S> {
        if *digest == self.tip.digest {
            return Some(self.tip_state.clone());
        }
        self.above.get(digest).map(|executed| executed.state.clone())
    }

    /// An executed block on top of the one of digest `parent`, of the newest view.
    pub(crate) fn child(&self, parent: &BlockDigest) -> Option<Executed<S>> {
        let children = self.above.values().filter(|executed| executed.block.header().parent == *parent);
        children.max_by_key(|executed| executed.block.header().view).cloned()
    }

    /// An executed block that differs from `header` in the view alone, and so executed to the same.
    pub(crate) fn twin(&self, header: &Header) -> Option<Executed<S>> {
        let place = |header: &Header| (header.parent, header.position, header.entries);
        self.above.values().find(|executed| place(executed.block.header()) == place(header)).cloned()
    }

    /// Remembers an executed block. At the limit the lowest is forgotten: the highest are the likely parents.
    pub(crate) fn insert(&mut self, executed: Executed<S>) {
        if height(&executed.block) <= self.tip.height {
            return;
        }
        self.above.insert(from_engine(&executed.block.digest()), executed);
        if self.above.len() > CHAIN_BRANCHES_MAX {
            let lowest =
                self.above.iter().min_by_key(|(_, executed)| height(&executed.block)).map(|(digest, _)| *digest);
            lowest.map(|digest| self.above.remove(&digest));
        }
    }

    /// The executed blocks from above the final one up to `digest`, oldest first; `None` if one is not here.
    pub(crate) fn path(&self, digest: &BlockDigest) -> Option<Vec<Executed<S>>> {
        let mut path = Vec::new();
        let mut next = *digest;
        while next != self.tip.digest {
            let executed = self.above.get(&next)?;
            next = executed.block.header().parent;
            path.push(executed.clone());
        }
        path.reverse();
        Some(path)
    }

    /// Makes a child of the final block the final one, and forgets what competed with it.
    pub(crate) fn finalize(&mut self, executed: Executed<S>) {
        self.tip = Tip { height: height(&executed.block), digest: from_engine(&executed.block.digest()) };
        self.tip_state = executed.state;
        let floor = self.tip.height;
        self.above.retain(|_, executed| height(&executed.block) > floor);
    }
}

fn height(block: &Block) -> u64 {
    block.header().position.height
}

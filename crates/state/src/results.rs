//! Merkle trees over lists: the results of a block, its messages.
//!
//! Leaves are hashed apart from nodes, and of a level with an odd count the last node moves up as it is, so the root
//! determines the list. An empty list has the root of 32 zero bytes.

use crate::hash::{chain_head, item, list_leaf, list_node};
use tallow_types::{Hash, PathStep, limits::PATH_STEPS_MAX};

/// A Merkle tree over a block's results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultsTree {
    /// Hashed leaves first, the root's level last; none of them empty.
    levels: Vec<Vec<Hash>>,
}

impl ResultsTree {
    /// The tree over these results, in their order.
    pub fn new(leaves: Vec<Hash>) -> Self {
        let mut levels = Vec::new();
        let mut level: Vec<Hash> = leaves.iter().map(list_leaf).collect();
        while level.len() > 1 {
            let above = level.chunks(2).map(pair_hash).collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        if !level.is_empty() {
            levels.push(level);
        }
        Self { levels }
    }

    /// Number of results.
    pub fn len(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// The root; 32 zero bytes when empty.
    pub fn root(&self) -> Hash {
        self.levels.last().map_or(Hash::default(), |level| level[0])
    }

    /// The path of the result at `index` to the root, leaf first; `None` when there is no such result.
    pub fn path(&self, index: usize) -> Option<Vec<PathStep>> {
        if index >= self.len() {
            return None;
        }
        let step = |(height, level): (usize, &Vec<Hash>)| {
            let here = index >> height;
            level.get(here ^ 1).map(|sibling| PathStep { sibling: *sibling, left: here % 2 == 1 })
        };
        Some(self.levels.iter().enumerate().filter_map(step).collect())
    }
}

fn pair_hash(pair: &[Hash]) -> Hash {
    match pair {
        [left, right] => list_node(left, right),
        [only] => *only,
        _ => unreachable!("chunks of two are one or two long"),
    }
}

/// Whether `path` leads from a result's leaf to `root`.
pub fn verify_path(leaf: &Hash, path: &[PathStep], root: &Hash) -> bool {
    if path.len() > PATH_STEPS_MAX {
        return false;
    }
    let top = path.iter().fold(list_leaf(leaf), |below, step| {
        if step.left { list_node(&step.sibling, &below) } else { list_node(&below, &step.sibling) }
    });
    top == *root
}

/// The root over a list of encoded items, such as the messages of a block.
pub fn list_root<T: AsRef<[u8]>>(items: impl IntoIterator<Item = T>) -> Hash {
    ResultsTree::new(items.into_iter().map(|bytes| item(bytes.as_ref())).collect()).root()
}

/// The head of a cluster's chain of messages to the ledger, after a block with these: `Commitments::outbox` of its
/// header. `before` is the parent's, and stays when there are none. So the heads of two blocks determine all that was
/// said between them, and nobody can leave a message out.
pub fn outbox_head(before: &Hash, messages: &[tallow_types::OutboxMessage]) -> Hash {
    if messages.is_empty() {
        return *before;
    }
    chain_head(before, &list_root(messages.iter().map(parity_scale_codec::Encode::encode)))
}

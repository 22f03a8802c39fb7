//! The nodes of the map: what is shared between versions.
//!
//! A branch spans [`BITS`] bits of the path. Inside it lies a small complete binary tree in heap order: cell 1 is the
//! branch itself, cells `2i` and `2i + 1` are the halves of cell `i`, and cells from [`FANOUT`] on are the slots. So the
//! Merkle rule stays binary while a walk follows half as many pointers.

use crate::hash::{Hasher, Path, node};
use std::sync::{Arc, OnceLock};
use tallow_types::Hash;

/// Bits of the path that one branch spans.
pub(crate) const BITS: usize = 2;
/// Slots of a branch.
pub(crate) const FANOUT: usize = 1 << BITS;
const _: () = assert!(256 % BITS == 0, "branches end where the path ends");

/// A key with its value.
pub(crate) struct Leaf {
    pub(crate) hash: OnceLock<Hash>,
    pub(crate) path: Path,
    pub(crate) key: Box<[u8]>,
    pub(crate) value: Arc<[u8]>,
}

/// What a subtree amounts to.
#[derive(Clone, Copy)]
pub(crate) enum Subtree {
    /// No key.
    Empty,
    /// One key, with its leaf's hash.
    Lone(Hash),
    /// More, with the node's hash.
    Many(Hash),
}

impl Subtree {
    /// The Merkle rule: what two halves amount to.
    pub(crate) fn join(left: Self, right: Self) -> Self {
        match (left, right) {
            (Self::Empty, Self::Empty) => Self::Empty,
            (Self::Empty, Self::Lone(hash)) | (Self::Lone(hash), Self::Empty) => Self::Lone(hash),
            (left, right) => Self::Many(node(&left.hash(), &right.hash())),
        }
    }

    /// Its hash.
    pub(crate) fn hash(self) -> Hash {
        match self {
            Self::Empty => Hash::default(),
            Self::Lone(hash) | Self::Many(hash) => hash,
        }
    }
}

/// A place for a subtree.
#[derive(Clone, Default)]
pub(crate) enum Slot {
    #[default]
    Empty,
    Leaf(Arc<Leaf>),
    Branch(Arc<Branch>),
}

/// A subtree of at least two keys.
#[derive(Clone, Default)]
#[repr(C)]
pub(crate) struct Branch {
    /// Known values of the inner cells, from cell 1 on; emptied on the way of every write.
    cells: [OnceLock<Subtree>; FANOUT - 1],
    slots: [Slot; FANOUT],
}

impl Branch {
    /// The slot to which `path` leads in a branch at `depth` bits.
    pub(crate) fn index(path: &Path, depth: usize) -> usize {
        (0..BITS).fold(0, |index, bit| index << 1 | usize::from(path.bit(depth + bit)))
    }

    pub(crate) fn slots(&self) -> &[Slot; FANOUT] {
        &self.slots
    }

    /// The slot at `index` for writing; what was known of the cells above it is forgotten.
    pub(crate) fn slot_mut(&mut self, index: usize) -> &mut Slot {
        let mut cell = (FANOUT + index) / 2;
        while cell > 0 {
            self.cells[cell - 1].take();
            cell /= 2;
        }
        &mut self.slots[index]
    }

    /// The only leaf left, if the branch may no longer stand: a branch has at least two keys.
    fn lone_leaf(&self) -> Option<Arc<Leaf>> {
        let mut taken = self.slots.iter().filter(|slot| !matches!(slot, Slot::Empty));
        match (taken.next(), taken.next()) {
            (Some(Slot::Leaf(leaf)), None) => Some(leaf.clone()),
            _ => None,
        }
    }

    /// The leaf of a cell known to be lone.
    pub(crate) fn lone_leaf_under(&self, cell: usize) -> &Leaf {
        let levels = BITS as u32 - cell.ilog2();
        let first = (cell << levels) - FANOUT;
        let leaf = self.slots[first..first + (1 << levels)].iter().find_map(|slot| match slot {
            Slot::Leaf(leaf) => Some(leaf),
            _ => None,
        });
        leaf.expect("a lone cell holds one leaf and nothing else")
    }

    /// What the subtree under `cell` amounts to.
    pub(crate) fn subtree(&self, cell: usize, hasher: &Hasher<'_>) -> Subtree {
        if cell >= FANOUT {
            return self.slots[cell - FANOUT].subtree(hasher);
        }
        *self.cells[cell - 1]
            .get_or_init(|| Subtree::join(self.subtree(2 * cell, hasher), self.subtree(2 * cell + 1, hasher)))
    }
}

impl Slot {
    /// What the slot's subtree amounts to.
    pub(crate) fn subtree(&self, hasher: &Hasher<'_>) -> Subtree {
        match self {
            Self::Empty => Subtree::Empty,
            Self::Leaf(leaf) => Subtree::Lone(leaf.hash(hasher)),
            Self::Branch(branch) => branch.subtree(1, hasher),
        }
    }

    /// The leaf of `path`.
    pub(crate) fn find(&self, path: &Path) -> Option<&Leaf> {
        let (mut slot, mut depth) = (self, 0);
        loop {
            match slot {
                Self::Empty => return None,
                Self::Leaf(leaf) => return (leaf.path == *path).then_some(leaf),
                Self::Branch(branch) => slot = &branch.slots[Branch::index(path, depth)],
            }
            depth += BITS;
        }
    }

    /// Loads what writes at these paths will touch, side by side: in a map larger than the processor's caches a write
    /// waits for memory more than it computes, and so it waits once a level for all of them.
    pub(crate) fn warm<'a>(&self, paths: impl Iterator<Item = &'a Path>) {
        let mut walks: Vec<(&Self, &Path)> = paths.map(|path| (self, path)).collect();
        let (mut depth, mut touched) = (0, 0);
        while !walks.is_empty() {
            walks.retain_mut(|(slot, path)| match *slot {
                Self::Branch(branch) => {
                    touched += branch.slots.iter().map(Self::touch).sum::<usize>();
                    *slot = &branch.slots[Branch::index(path, depth)];
                    true
                }
                Self::Empty | Self::Leaf(_) => false,
            });
            depth += BITS;
        }
        // Else the compiler would see that nobody needs what was read.
        std::hint::black_box(touched);
    }

    /// Reads what copying and hashing the parent need of a subtree: its count of owners and its hash.
    fn touch(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Leaf(leaf) => Arc::strong_count(leaf) + usize::from(leaf.hash.get().is_some()),
            Self::Branch(branch) => Arc::strong_count(branch) + usize::from(branch.cells[0].get().is_some()),
        }
    }

    /// Puts `leaf` in its place and returns the value it replaces.
    pub(crate) fn insert(&mut self, leaf: Leaf) -> Option<Arc<[u8]>> {
        let (mut slot, mut depth) = (self, 0);
        loop {
            slot.split_for(&leaf.path, depth);
            match slot {
                Self::Branch(branch) => {
                    let index = Branch::index(&leaf.path, depth);
                    slot = Arc::make_mut(branch).slot_mut(index);
                    depth += BITS;
                }
                place => {
                    let old = std::mem::replace(place, Self::Leaf(Arc::new(leaf)));
                    return if let Self::Leaf(old) = old { Some(old.value.clone()) } else { None };
                }
            }
        }
    }

    /// Makes a branch of a leaf that stands where another one must go too.
    fn split_for(&mut self, path: &Path, depth: usize) {
        let index = match self {
            Self::Leaf(old) if old.path != *path => Branch::index(&old.path, depth),
            _ => return,
        };
        let mut branch = Branch::default();
        *branch.slot_mut(index) = std::mem::take(self);
        *self = Self::Branch(Arc::new(branch));
    }

    /// Takes out the leaf of `path`, which must be there, and returns its value.
    pub(crate) fn remove(&mut self, path: &Path, depth: usize) -> Arc<[u8]> {
        match self {
            Self::Empty => unreachable!("removal follows a successful search"),
            Self::Leaf(leaf) => {
                let value = leaf.value.clone();
                *self = Self::Empty;
                value
            }
            Self::Branch(shared) => {
                let branch = Arc::make_mut(shared);
                let value = branch.slot_mut(Branch::index(path, depth)).remove(path, depth + BITS);
                if let Some(leaf) = branch.lone_leaf() {
                    *self = Self::Leaf(leaf);
                }
                value
            }
        }
    }
}

impl Leaf {
    /// The leaf's hash; computed once.
    pub(crate) fn hash(&self, hasher: &Hasher<'_>) -> Hash {
        *self.hash.get_or_init(|| hasher.leaf(&self.path, &self.value))
    }
}

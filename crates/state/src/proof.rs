//! Proofs of presence and of absence.

use crate::{
    hash::{Hasher, Path, leaf, node, value_commitment},
    node::{BITS, Branch, FANOUT, Leaf, Slot, Subtree},
};
use parity_scale_codec::{Decode, Encode};
use tallow_types::{Hash, limits::STATE_DEPTH_MAX};

/// A proof that a key has a value, or none, under a root.
///
/// Of other keys it shows hashes of subtrees and, if the key is absent, at most one neighbour: the hash of its key and
/// the commitment to its value, which in a hiding map tells nothing without the neighbour's salt.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Proof {
    /// Hashes beside the way, from the root down.
    siblings: Vec<Hash>,
    end: End,
}

/// Where the way of the key's path ends.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
enum End {
    /// At the key itself.
    Present { salt: [u8; 32], value: Vec<u8> },
    /// At a subtree without keys.
    Empty,
    /// At a subtree whose only key is another one.
    Other { path: Path, commitment: Hash },
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// More steps than a path has bits.
    #[error("proof longer than a path")]
    TooLong,
    /// The neighbour it shows does not stand in the key's way.
    #[error("proof of another key")]
    WrongNeighbour,
    /// It leads to another root.
    #[error("proof does not lead to the root")]
    WrongRoot,
}

impl Proof {
    pub(crate) fn make(top: &Slot, path: &Path, hasher: &Hasher<'_>) -> Self {
        let mut siblings = Vec::new();
        let mut slot = top;
        loop {
            let branch = match slot {
                Slot::Empty => return Self { siblings, end: End::Empty },
                Slot::Leaf(leaf) => return Self { siblings, end: End::at(leaf, path, hasher) },
                Slot::Branch(branch) => branch,
            };
            match descend(branch, path, &mut siblings, hasher) {
                Ok(next) => slot = next,
                Err(end) => return Self { siblings, end },
            }
        }
    }

    /// What the proof proves of `key` under `root`: its value, or that it has none.
    pub fn verify(self, root: &Hash, key: &[u8]) -> Result<Option<Vec<u8>>, ProofError> {
        let path = Path::of(key);
        let depth = self.siblings.len();
        if depth > STATE_DEPTH_MAX {
            return Err(ProofError::TooLong);
        }
        let (bottom, value) = match self.end {
            End::Empty => (Hash::default(), None),
            End::Present { salt, value } => (leaf(&path, &value_commitment(&salt, &value)), Some(value)),
            End::Other { path: other, commitment } => {
                if other == path || !other.agrees(&path, depth) {
                    return Err(ProofError::WrongNeighbour);
                }
                (leaf(&other, &commitment), None)
            }
        };
        let top = self.siblings.iter().enumerate().rev().fold(bottom, |below, (depth, sibling)| {
            if path.bit(depth) { node(sibling, &below) } else { node(&below, sibling) }
        });
        if top == *root { Ok(value) } else { Err(ProofError::WrongRoot) }
    }
}

/// Follows `path` through one branch: to the slot where it leaves it, or to its end inside.
fn descend<'a>(
    branch: &'a Branch,
    path: &Path,
    siblings: &mut Vec<Hash>,
    hasher: &Hasher<'_>,
) -> Result<&'a Slot, End> {
    let mut cell = 1;
    while cell < FANOUT {
        match branch.subtree(cell, hasher) {
            Subtree::Empty => return Err(End::Empty),
            Subtree::Lone(_) => return Err(End::at(branch.lone_leaf_under(cell), path, hasher)),
            Subtree::Many(_) => {}
        }
        let right = usize::from(path.bit(siblings.len()));
        siblings.push(branch.subtree(2 * cell + (1 - right), hasher).hash());
        cell = 2 * cell + right;
    }
    debug_assert!(siblings.len().is_multiple_of(BITS), "a branch is left at its last bit");
    Ok(&branch.slots()[cell - FANOUT])
}

impl End {
    /// The end at a lone leaf, which may be the one of `path` or another.
    fn at(leaf: &Leaf, path: &Path, hasher: &Hasher<'_>) -> Self {
        let salt = hasher.salt(&leaf.path);
        if leaf.path == *path {
            return Self::Present { salt, value: leaf.value.to_vec() };
        }
        Self::Other { path: leaf.path, commitment: value_commitment(&salt, &leaf.value) }
    }
}

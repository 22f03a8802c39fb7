//! The hashes of this crate: which of `tallow-crypto`'s it uses for what.

use parity_scale_codec::{Decode, Encode};
use tallow_crypto::{Label, Secret, labelled_hash, leaf_hash, node_hash, prf};
use tallow_types::Hash;

/// Where a key stands in the map: its hash, read from the most significant bit on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct Path(pub(crate) [u8; 32]);

impl Path {
    /// The path of `key`.
    pub(crate) fn of(key: &[u8]) -> Self {
        Self(labelled_hash(Label::StateKey, &[key]).0)
    }

    /// The bit at `depth`: false leads left. Depth is below 256.
    pub(crate) fn bit(&self, depth: usize) -> bool {
        self.0[depth / 8] >> (7 - depth % 8) & 1 == 1
    }

    /// Whether both begin with the same `depth` bits.
    pub(crate) fn agrees(&self, other: &Self, depth: usize) -> bool {
        (0..depth).all(|depth| self.bit(depth) == other.bit(depth))
    }
}

/// Hashes the leaves of one map.
pub(crate) struct Hasher<'a> {
    blinding: Option<&'a Secret<[u8; 32]>>,
}

impl<'a> Hasher<'a> {
    pub(crate) fn new(blinding: Option<&'a Secret<[u8; 32]>>) -> Self {
        Self { blinding }
    }

    /// The salt of a leaf; zeros in a plain map.
    pub(crate) fn salt(&self, path: &Path) -> [u8; 32] {
        self.blinding.map_or([0; 32], |blinding| prf(blinding, Label::StateLeaf, &[&path.0]))
    }

    /// The hash of a leaf.
    pub(crate) fn leaf(&self, path: &Path, value: &[u8]) -> Hash {
        leaf(path, &value_commitment(&self.salt(path), value))
    }
}

/// The commitment to a value under its leaf's salt.
pub(crate) fn value_commitment(salt: &[u8; 32], value: &[u8]) -> Hash {
    labelled_hash(Label::StateValue, &[salt, value])
}

/// The hash of a leaf.
pub(crate) fn leaf(path: &Path, value_commitment: &Hash) -> Hash {
    node_hash(Label::StateLeaf, &Hash(path.0), value_commitment)
}

/// The hash of a node over its halves.
pub(crate) fn node(left: &Hash, right: &Hash) -> Hash {
    node_hash(Label::StateNode, left, right)
}

/// The salt of the commitment at one height.
pub(crate) fn height_salt(blinding: &Secret<[u8; 32]>, height: u64) -> [u8; 32] {
    prf(blinding, Label::StateCommitment, &[&height.to_le_bytes()])
}

/// The commitment to a root at one height.
pub(crate) fn commitment(salt: &[u8; 32], height: u64, root: &Hash) -> Hash {
    labelled_hash(Label::StateCommitment, &[salt, &height.to_le_bytes(), &root.0])
}

/// The hashed leaf of a list's tree.
pub(crate) fn list_leaf(leaf: &Hash) -> Hash {
    leaf_hash(&[&leaf.0])
}

/// The hash of a node of a list's tree.
pub(crate) fn list_node(left: &Hash, right: &Hash) -> Hash {
    node_hash(Label::ResultNode, left, right)
}

/// The head of a chain, after `head` and a list with this root.
pub(crate) fn chain_head(head: &Hash, root: &Hash) -> Hash {
    node_hash(Label::OutboxHead, head, root)
}

/// The leaf of an encoded item of a list.
pub(crate) fn item(bytes: &[u8]) -> Hash {
    labelled_hash(Label::Outbox, &[bytes])
}

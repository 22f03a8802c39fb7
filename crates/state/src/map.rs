//! The map itself.

use crate::{
    Blinding, Iter, Proof,
    hash::{Hasher, Path},
    node::{Leaf, Slot},
};
use std::sync::{Arc, OnceLock};
use tallow_types::Hash;

/// Writes whose memory is loaded side by side: enough to overlap the waiting, few enough to stay in the first cache.
const GROUP: usize = 16;

/// A persistent Merkle map from bytes to bytes.
///
/// A clone is O(1) and independent of the original: neither sees the other's later writes.
#[derive(Clone)]
pub struct Map {
    top: Slot,
    len: usize,
    blinding: Option<Blinding>,
}

impl Map {
    /// An empty map whose leaves anyone can recompute from key and value: for public state.
    pub fn plain() -> Self {
        Self { top: Slot::Empty, len: 0, blinding: None }
    }

    /// An empty map whose leaves are salted by a PRF of `blinding`: a root or a proof lets nobody test a guess at
    /// another key's value. Proofs do show the hashes of their neighbours' keys; see [`Proof`].
    pub fn hiding(blinding: Blinding) -> Self {
        Self { top: Slot::Empty, len: 0, blinding: Some(blinding) }
    }

    /// The map with these entries; a later entry replaces an earlier one of the same key. Equal content gives an equal
    /// root, so a map is restored from what [`Map::iter`] gave.
    pub fn from_entries<K: AsRef<[u8]>, V: Into<Arc<[u8]>>>(
        blinding: Option<Blinding>,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let mut map = Self { top: Slot::Empty, len: 0, blinding };
        for (key, value) in entries {
            map.insert(key.as_ref(), value);
        }
        map
    }

    /// The value of `key`.
    pub fn get(&self, key: &[u8]) -> Option<Arc<[u8]>> {
        self.top.find(&Path::of(key)).map(|leaf| leaf.value.clone())
    }

    /// Whether `key` has a value.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.top.find(&Path::of(key)).is_some()
    }

    /// Sets the value of `key` and returns the one it had.
    pub fn insert(&mut self, key: &[u8], value: impl Into<Arc<[u8]>>) -> Option<Arc<[u8]>> {
        let path = Path::of(key);
        self.top.warm(std::iter::once(&path));
        self.insert_at(path, key, value.into())
    }

    /// Removes `key` and returns the value it had.
    pub fn remove(&mut self, key: &[u8]) -> Option<Arc<[u8]>> {
        self.remove_at(&Path::of(key))
    }

    /// Applies many writes in their order; `None` removes. Faster than one by one when the map is large.
    pub fn apply<K: AsRef<[u8]>, V: Into<Arc<[u8]>>>(&mut self, writes: impl IntoIterator<Item = (K, Option<V>)>) {
        let mut writes = writes.into_iter().map(|(key, value)| (Path::of(key.as_ref()), key, value));
        loop {
            let group: Vec<_> = writes.by_ref().take(GROUP).collect();
            if group.is_empty() {
                return;
            }
            self.top.warm(group.iter().map(|(path, ..)| path));
            for (path, key, value) in group {
                match value {
                    Some(value) => drop(self.insert_at(path, key.as_ref(), value.into())),
                    None => drop(self.remove_at(&path)),
                }
            }
        }
    }

    fn insert_at(&mut self, path: Path, key: &[u8], value: Arc<[u8]>) -> Option<Arc<[u8]>> {
        let leaf = Leaf { hash: OnceLock::new(), path, key: key.into(), value };
        let old = self.top.insert(leaf);
        self.len += usize::from(old.is_none());
        old
    }

    fn remove_at(&mut self, path: &Path) -> Option<Arc<[u8]>> {
        // Searching first spares an absent key's removal the copying of shared branches.
        self.top.find(path)?;
        self.len -= 1;
        Some(self.top.remove(path, 0))
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All keys with their values, in the order of the keys' hashes: the same for equal content.
    pub fn iter(&self) -> Iter<'_> {
        Iter::new(&self.top)
    }

    /// The Merkle root; 32 zero bytes when empty. Hashes what was written since it was last asked for.
    ///
    /// A hiding map's root still tells whether two states are equal: publish its [`crate::commitment`] instead.
    pub fn root(&self) -> Hash {
        self.top.subtree(&self.hasher()).hash()
    }

    /// Proves the value of `key`, or that it has none, under [`Map::root`].
    pub fn prove(&self, key: &[u8]) -> Proof {
        Proof::make(&self.top, &Path::of(key), &self.hasher())
    }

    fn hasher(&self) -> Hasher<'_> {
        Hasher::new(self.blinding.as_deref())
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a [u8], &'a Arc<[u8]>);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl std::fmt::Debug for Map {
    /// Tells the size only: the content may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Map").field("len", &self.len).finish_non_exhaustive()
    }
}

//! Iteration in the order of paths.

use crate::node::Slot;
use std::sync::Arc;

/// The entries of a [`crate::Map`], in the order of their keys' hashes.
pub struct Iter<'a> {
    /// Subtrees to be visited, the next one last.
    pending: Vec<&'a Slot>,
}

impl<'a> Iter<'a> {
    pub(crate) fn new(top: &'a Slot) -> Self {
        Self { pending: vec![top] }
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a [u8], &'a Arc<[u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(slot) = self.pending.pop() {
            match slot {
                Slot::Empty => {}
                Slot::Leaf(leaf) => return Some((&leaf.key, &leaf.value)),
                Slot::Branch(branch) => self.pending.extend(branch.slots().iter().rev()),
            }
        }
        None
    }
}

//! The hiding commitment that headers publish in place of a root.

use crate::{Blinding, hash};
use parity_scale_codec::{Decode, Encode};
use tallow_types::Hash;

/// Commits to `root` at `height`: without `blinding` nobody learns anything from it, not even whether two heights have
/// the same state.
pub fn commitment(blinding: &Blinding, height: u64, root: &Hash) -> Hash {
    Opening::new(blinding, height, *root).commitment()
}

/// Opens the commitment of one height, and no other: shown to whom the root may be shown.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Opening {
    /// The height.
    pub height: u64,
    /// The root committed to.
    pub root: Hash,
    /// The height's salt.
    pub salt: [u8; 32],
}

impl Opening {
    /// The opening of `commitment(blinding, height, root)`.
    pub fn new(blinding: &Blinding, height: u64, root: Hash) -> Self {
        Self { height, root, salt: hash::height_salt(blinding, height) }
    }

    /// The commitment that it opens: equal to the published one if, and only if, height and root are those committed
    /// to.
    pub fn commitment(&self) -> Hash {
        hash::commitment(&self.salt, self.height, &self.root)
    }
}

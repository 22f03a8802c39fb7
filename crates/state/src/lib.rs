//! State: a persistent Merkle map with proofs, its hiding commitment, and Merkle trees over lists.
//!
//! A [`Map`] is cheap to clone: versions share structure, so every branch of an unfinalised log may keep its own. The
//! root depends on the content alone, never on the history. A write costs O(log n), hashing included, and hashes are
//! computed once for all writes between two calls of [`Map::root`].
//!
//! The Merkle rule, over the 256-bit path of each key (its hash), most significant bit first:
//! a subtree without keys hashes to 32 zero bytes; a subtree with one key to that key's leaf, however deep it lies;
//! any other to the node over its two halves.

mod commitment;
mod hash;
mod iter;
mod map;
mod node;
mod proof;
pub mod results;
#[cfg(test)]
mod tests;

pub use commitment::{Opening, commitment};
pub use iter::Iter;
pub use map::Map;
pub use proof::{Proof, ProofError};
pub use results::{ResultsTree, list_root, outbox_head, verify_path};

/// The key that hides a map's roots and leaves from those without it.
pub type Blinding = std::sync::Arc<tallow_crypto::Secret<[u8; 32]>>;

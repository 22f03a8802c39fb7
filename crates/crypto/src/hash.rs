//! Hashes, the labelled hash and its keyed form, and fresh randomness.

use crate::{Label, Secret};
use blake2::{Blake2b128, Blake2b256, Blake2b512, Digest};
use tallow_types::{CodeHash, Hash};

/// BLAKE2b with 32 bytes of output (RFC 7693).
pub fn blake2b_256(bytes: &[u8]) -> [u8; 32] {
    Blake2b256::digest(bytes).into()
}

/// BLAKE2b with 64 bytes of output (RFC 7693), whose first bytes are the checksum of SS58 addresses.
pub fn blake2b_512(bytes: &[u8]) -> [u8; 64] {
    Blake2b512::digest(bytes).into()
}

/// BLAKE2b with 16 bytes of output (RFC 7693).
pub fn blake2b_128(bytes: &[u8]) -> [u8; 16] {
    Blake2b128::digest(bytes).into()
}

/// SHA-256 (FIPS 180-4).
pub fn sha2_256(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

/// Keccak-256 with the original padding, as Ethereum uses it.
pub fn keccak_256(bytes: &[u8]) -> [u8; 32] {
    sha3::Keccak256::digest(bytes).into()
}

/// The hash by which code is registered and deployed: BLAKE2b-256, as in the ink! ecosystem.
pub fn code_hash(wasm: &[u8]) -> CodeHash {
    CodeHash(blake2b_256(wasm))
}

/// BLAKE3 over the label and the parts, each preceded by its length, so that no two lists of parts collide.
pub fn labelled_hash(label: Label, parts: &[&[u8]]) -> Hash {
    Hash(framed(blake3::Hasher::new(), label, parts))
}

/// Keyed BLAKE3 over the label and the parts, framed as in [`labelled_hash`]: a pseudo-random function of its key.
pub fn prf(key: &Secret<[u8; 32]>, label: Label, parts: &[&[u8]]) -> [u8; 32] {
    framed(blake3::Hasher::new_keyed(key.expose()), label, parts)
}

fn framed(mut hasher: blake3::Hasher, label: Label, parts: &[&[u8]]) -> [u8; 32] {
    // Label texts are at most 32 bytes long, so one byte holds the length.
    hasher.update(&[label.text().len() as u8]).update(label.text().as_bytes());
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    *hasher.finalize().as_bytes()
}

/// Hash of a leaf made of several parts, under [`Label::Leaf`].
pub fn leaf_hash(parts: &[&[u8]]) -> Hash {
    labelled_hash(Label::Leaf, parts)
}

/// Hash of an inner node: one BLAKE3 block, keyed by the label.
pub fn node_hash(label: Label, left: &Hash, right: &Hash) -> Hash {
    node(label.key(), left, right)
}

/// Hash of an inner node of a tree that only the holders of `key` can compute: one BLAKE3 block.
///
/// `key` must be used for nothing else.
pub fn keyed_node_hash(key: &Secret<[u8; 32]>, left: &Hash, right: &Hash) -> Hash {
    node(key.expose(), left, right)
}

fn node(key: &[u8; 32], left: &Hash, right: &Hash) -> Hash {
    let mut block = [0; 64];
    block[..32].copy_from_slice(&left.0);
    block[32..].copy_from_slice(&right.0);
    Hash(*blake3::keyed_hash(key, &block).as_bytes())
}

/// Fresh bytes from the operating system's generator.
///
/// # Panics
/// When the operating system has no randomness to give: nothing may be sealed or signed then.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

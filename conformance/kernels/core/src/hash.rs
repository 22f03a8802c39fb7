//! Hashes over a megabyte, in pieces as a contract with little memory would take them.

use crate::next;
use sha3::{Digest, Keccak256};

const PIECE_BYTES: usize = 16 * 1024;
const PIECES: usize = 64;

fn piece(seed: u64) -> [u8; PIECE_BYTES] {
    let mut bytes = [0; PIECE_BYTES];
    let mut state = seed;
    for word in bytes.chunks_exact_mut(8) {
        word.copy_from_slice(&next(&mut state).to_le_bytes());
    }
    bytes
}

fn head(digest: &[u8]) -> u64 {
    u64::from_le_bytes(digest[..8].try_into().expect("a digest is longer than a word"))
}

/// SHA-256.
pub(crate) fn sha256(seed: u64) -> u64 {
    let piece = piece(seed);
    let mut hash = hmac_sha256::Hash::new();
    (0..PIECES).for_each(|_| hash.update(piece));
    head(&hash.finalize())
}

/// Keccak-256.
pub(crate) fn keccak(seed: u64) -> u64 {
    let piece = piece(seed);
    let mut hash = Keccak256::new();
    (0..PIECES).for_each(|_| hash.update(piece));
    head(&hash.finalize())
}

//! Randomness.

use crate::host::{call, Function, SMALL};
use alloc::vec::Vec;

/// Random bytes that nobody outside the cluster can foresee. In a command, all replicas draw the same ones, and a
/// repeated execution of the command draws them again.
///
/// # Panics
/// Where the host has no randomness: in commands on Phala.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    for chunk in bytes.chunks_mut(usize::from(u8::MAX)) {
        let drawn: Vec<u8> = call(Function::Random, &(chunk.len() as u8), SMALL);
        assert!(drawn.len() == chunk.len(), "this host has no randomness here");
        chunk.copy_from_slice(&drawn);
    }
    bytes
}

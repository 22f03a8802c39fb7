//! Cost of applying one command's writes to the state, root included, by size of the state.

use std::sync::Arc;
use std::time::Instant;
use tallow_crypto::Secret;
use tallow_state::Map;

/// Blocks measured.
const BLOCKS: u32 = 2_000;
/// Writes of one block: about what one command changes.
const WRITES: u32 = 4;

/// Microseconds to apply one block of a few writes to a state of `keys` keys, and to compute its root.
pub(crate) fn apply_us(keys: u32) -> f64 {
    let mut map = Map::hiding(Arc::new(Secret::new([7; 32])));
    for key in 0..keys {
        map.insert(&name(key), vec![1; 32]);
    }
    map.root();
    let started = Instant::now();
    for block in 0..BLOCKS {
        let parent = map.clone(); // as in a chain: the parent's state stays
        for write in 0..WRITES {
            // Keys far apart, in an order without pattern.
            let key = (block * WRITES + write).wrapping_mul(2_654_435_761) % keys;
            map.insert(&name(key), block.to_le_bytes().repeat(8));
        }
        map.root();
        drop(parent);
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(BLOCKS)
}

fn name(key: u32) -> Vec<u8> {
    [b"contract storage ".as_slice(), &key.to_le_bytes()].concat()
}

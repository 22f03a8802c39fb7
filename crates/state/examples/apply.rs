//! Prints what a write costs at 10^3 and at 10^6 keys: set or replace, hash included, previous version kept.
//!
//! `cargo run --release -p tallow-state --example apply`. One line for each size of block, JSON with `--json`.

use std::{sync::Arc, time::Instant};
use tallow_crypto::Secret;
use tallow_state::{Blinding, Map};

/// Writes of one round.
const WRITES: usize = 1_000;
/// Rounds; the median counts.
const ROUNDS: usize = 41;
/// Bytes of a value.
const VALUE_BYTES: usize = 64;
/// Blocks of this many writes; a block is a clone, its writes and one root.
const BLOCKS: [usize; 3] = [1, 10, 100];

/// The pseudorandom sequence of Steele, Lea and Flood's SplitMix64: spreads the written keys over all of them.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn key(number: u64) -> [u8; 40] {
    let mut key = [7; 40];
    key[32..].copy_from_slice(&number.to_be_bytes());
    key
}

fn filled(blinding: &Blinding, keys: u64) -> Map {
    let entries = (0..keys).map(|number| (key(number), [1; VALUE_BYTES].to_vec()));
    let map = Map::from_entries(Some(blinding.clone()), entries);
    map.root();
    map
}

/// Microseconds per write in blocks of `block` writes: the median round, others being disturbed more or less.
fn measure(map: &mut Map, keys: u64, block: usize) -> f64 {
    let mut random = SplitMix64(block as u64);
    let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| round(map, keys, block, &mut random)).collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn round(map: &mut Map, keys: u64, block: usize, random: &mut SplitMix64) -> f64 {
    let start = Instant::now();
    for _ in 0..WRITES / block {
        let mut next = map.clone();
        next.apply((0..block).map(|_| {
            let mut value = [2; VALUE_BYTES];
            value[..8].copy_from_slice(&random.next().to_le_bytes());
            (key(random.next() % keys), Some(value.to_vec()))
        }));
        next.root();
        *map = next;
    }
    start.elapsed().as_secs_f64() * 1e6 / (WRITES / block * block) as f64
}

#[expect(clippy::print_stdout, reason = "a measurement prints its figures")]
fn main() {
    let blinding: Blinding = Arc::new(Secret::new([3; 32]));
    let json = std::env::args().any(|argument| argument == "--json");
    let (mut small, mut large) = (filled(&blinding, 1_000), filled(&blinding, 1_000_000));
    for block in BLOCKS {
        let (at_1e3, at_1e6) = (measure(&mut small, 1_000, block), measure(&mut large, 1_000_000, block));
        if json {
            println!(r#"{{"block":{block},"apply_us_1e3_keys":{at_1e3:.3},"apply_us_1e6_keys":{at_1e6:.3}}}"#);
        } else {
            let ratio = at_1e6 / at_1e3;
            println!(
                "{block:>4} writes a block: {at_1e3:.2} us at 10^3 keys, {at_1e6:.2} us at 10^6, ratio {ratio:.2}"
            );
        }
    }
}

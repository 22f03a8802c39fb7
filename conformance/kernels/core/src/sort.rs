//! A sort of a million numbers.

use crate::{mix, next};
use alloc::vec::Vec;

const NUMBERS: usize = 1_000_000;

/// The standard library's unstable sort.
pub(crate) fn sort(seed: u64) -> u64 {
    let mut state = seed;
    let mut numbers: Vec<u64> = (0..NUMBERS).map(|_| next(&mut state)).collect();
    numbers.sort_unstable();
    numbers.iter().step_by(1_000).fold(0, |sum, number| mix(sum, *number))
}

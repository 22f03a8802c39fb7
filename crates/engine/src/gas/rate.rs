//! How fast fuel burns, by what a frame may touch.
//!
//! A load that finds its line in the second level of cache takes 3 ns, one that goes to main memory 150 ns, and nothing
//! tells them apart beforehand but how much memory there is. So an instance with a large memory pays more for all its
//! instructions: the runtime is given the fuel divided by a rate, when a frame begins and when its memory grows. Code is
//! never slower for it. Sizes are those of the processor's caches, with room for what else is in them.

/// Units of fuel that are paid for each that is used, of an instance with so many pages of memory.
pub(crate) fn rate_of_memory(pages: u64) -> u64 {
    match pages {
        0..=4 => 1,    // 256 KiB
        5..=8 => 2,    // 512 KiB
        9..=16 => 3,   // 1 MiB, the most of an ink! contract
        17..=128 => 5, // 8 MiB
        129..=256 => 24,
        _ => 64,
    }
}

/// As [`rate_of_memory`], of code with so many bytes of function bodies, which lie in the same caches once compiled.
pub(crate) fn rate_of_code(bytes: u64) -> u64 {
    const KIB: u64 = 1024;
    match bytes / KIB {
        0..=256 => 1,
        257..=1024 => 3,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gas::SLICE_FUEL;
    use tallow_types::limits::{CODE_BYTES_MAX, CONTRACT_PAGES_MAX};

    #[test]
    fn more_memory_never_burns_slower_and_a_slice_is_never_nothing() {
        let rates: Vec<u64> = (0..=CONTRACT_PAGES_MAX).map(rate_of_memory).collect();
        assert!(rates.is_sorted());
        assert_eq!((rates[0], rates[2], rates[16]), (1, 1, 3));
        assert!(rates.iter().all(|rate| SLICE_FUEL / rate > 1_000));
        let rates: Vec<u64> = (0..=CODE_BYTES_MAX as u64).step_by(1024).map(rate_of_code).collect();
        assert!(rates.is_sorted() && rates[0] == 1);
    }
}

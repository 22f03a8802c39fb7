//! Compute kernels. The same source is compiled natively and into a contract, so the ratio of their times is the price
//! of the engine.
//!
//! A kernel makes its own input and returns a checksum, which must be the same on both sides. Making the input is a small part of
//! the work: at most one pass of copying.
#![no_std]

extern crate alloc;

#[cfg(feature = "float")]
mod float;
mod hash;
mod parse;
mod rsa;
mod sort;

/// A kernel: its name and its function. The argument is of no use but to keep the compiler from knowing the input.
pub struct Kernel {
    /// Name of its figures.
    pub name: &'static str,
    /// Runs it and returns a checksum.
    pub run: fn(seed: u64) -> u64,
}

/// Kernels without floating-point numbers, by the number that the contract knows them by.
pub const INTEGER: [Kernel; 6] = [
    Kernel { name: "sha256_1mb", run: hash::sha256 },
    Kernel { name: "keccak_1mb", run: hash::keccak },
    Kernel { name: "sort_1m_u64", run: sort::sort },
    Kernel { name: "scale_decode_1mb", run: parse::scale },
    Kernel { name: "json_parse_1mb", run: parse::json },
    Kernel { name: "rsa_2048_verify", run: rsa::verify },
];

/// Kernels of floating-point numbers; their numbers follow those of [`INTEGER`].
#[cfg(feature = "float")]
pub const FLOAT: [Kernel; 3] = [
    Kernel { name: "matrix_256_f64", run: float::matrix },
    Kernel { name: "nbody", run: float::nbody },
    Kernel { name: "mandelbrot", run: float::mandelbrot },
];

/// The next number of a sequence without pattern (SplitMix64).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Mixes a word into a checksum.
fn mix(sum: u64, word: u64) -> u64 {
    (sum.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

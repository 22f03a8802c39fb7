//! Prices. Gas is `ref_time`: picoseconds on a reference machine; Wasmtime meters fuel, about one unit an instruction.
//!
//! Both profiles charge the same, since fuel is counted by Wasm instructions and host costs are constants.

mod operators;
mod rate;

pub(crate) use operators::operator_cost;
pub(crate) use rate::{rate_of_code, rate_of_memory};

use crate::{
    frame::Frame,
    stop::{Stop, broken},
};
use tallow_types::CallError;
use wasmtime::Caller;

/// Gas of one unit of fuel.
pub const GAS_PER_FUEL: u64 = 125;

/// Fuel a query uses before it lets others run: well under a millisecond of straight code.
pub(crate) const SLICE_FUEL: u64 = 2_000_000;

// What follows is calibrated by `cargo xtask bench engine`, whose adversarial kernels take at most twice the picoseconds
// that they pay for (ADR 0022). Accesses of the state include what the cluster's state takes after the call: a write is hashed into the
// Merkle tree, whose new nodes the root covers.

/// Any host function.
pub(crate) const HOST: u64 = 30_000;
/// The chain extension, beside [`HOST`]: it allocates and decodes.
pub(crate) const EXTENSION: u64 = 300_000;
/// A byte copied to or from a contract's memory.
pub(crate) const COPY_BYTE: u64 = 125;
/// A page of memory that a frame begins with or grows by: sixteen page faults and their cleaning up.
pub(crate) const PAGE: u64 = 18_000_000;
/// Pages of a memory that the pool keeps between uses (`config`): of these, those at the start are only cleaned.
pub(crate) const WARM_PAGES: u64 = 4;
/// Such a page.
pub(crate) const WARM_PAGE: u64 = 1_000_000;
/// Growth of a memory, beside its pages.
pub(crate) const GROW: u64 = 100_000;
/// A frame: store, instance and fiber.
pub(crate) const FRAME: u64 = 5_000_000;
/// A data segment that is copied when a frame begins, beside its bytes.
pub(crate) const SEGMENT: u64 = 30_000;
/// A segment that waits for its use, of data or elements.
pub(crate) const PASSIVE_SEGMENT: u64 = 6_000;
/// An element segment that is copied when a frame begins, beside its elements.
pub(crate) const ELEMENT_SEGMENT: u64 = 100_000;
/// An element of a segment: its function is looked up, now or when it is used first.
pub(crate) const ELEMENT: u64 = 80_000;
/// An element of a table that a frame begins with.
pub(crate) const TABLE_ELEMENT: u64 = 3_000;
/// A global that a frame begins with.
pub(crate) const GLOBAL: u64 = 40_000;
/// Reading the state, beside the bytes.
pub(crate) const STORAGE_READ: u64 = 2_000_000;
/// Writing the state, beside the bytes.
pub(crate) const STORAGE_WRITE: u64 = 5_000_000;
/// A byte written to the state: it is hashed and travels to every replica.
pub(crate) const STORAGE_WRITE_BYTE: u64 = 1_200;
/// An operation on the replica's cache, beside the bytes, which cost as storage does.
pub(crate) const CACHE: u64 = 300_000;
/// Balance that moves: two accounts are written.
pub(crate) const TRANSFER: u64 = 2 * STORAGE_WRITE;
/// An event, beside the bytes, which cost as storage does.
pub(crate) const EVENT: u64 = 150_000;
/// A log line.
pub(crate) const LOG: u64 = 100_000;
/// A byte of a log line, which is checked to be text.
pub(crate) const LOG_BYTE: u64 = 500;
/// A byte that goes to who called from outside: it is hashed, sealed and kept.
pub(crate) const OUTPUT_BYTE: u64 = 2_000;
/// A byte of a structure of many small parts, each of which is allocated when it is decoded.
pub(crate) const DECODE_BYTE: u64 = 10_000;
/// A hash, beside the bytes.
pub(crate) const HASH: u64 = 300_000;
/// Thirty-two random bytes of a draw.
pub(crate) const RANDOM_BLOCK: u64 = 400_000;
/// A byte hashed by SHA-2 or BLAKE2.
pub(crate) const HASH_BYTE: u64 = 2_000;
/// A byte hashed by Keccak.
pub(crate) const KECCAK_BYTE: u64 = 6_000;
/// A signature made or verified, a public key recovered.
pub(crate) const SIGNATURE: u64 = 100_000_000;
/// A public key made of a secret one.
pub(crate) const PUBLIC_KEY: u64 = 40_000_000;
/// A key derivation.
pub(crate) const DERIVE: u64 = 4_000_000;
/// Reading a cron expression and finding its next time.
pub(crate) const CRON: u64 = 100_000_000;
/// An external call, beside the bytes.
pub(crate) const EXTERNAL: u64 = 50_000_000;

/// The fuel that `gas` buys.
pub(crate) fn fuel(gas: u64) -> u64 {
    gas / GAS_PER_FUEL
}

/// What `count` pages cost that a memory of `pages` has at the start.
pub(crate) fn initial_pages(pages: u64) -> u64 {
    let warm = pages.min(WARM_PAGES);
    warm * WARM_PAGE + (pages - warm) * PAGE
}

/// Fuel that the running frame has left.
///
/// Fuel that the runtime counts burns faster than fuel that is paid for in a frame whose memory or code is large
/// ([`rate_of_memory`]): a unit of the former is as many of the latter as the frame's rate says.
pub(crate) fn left(host: &Caller<'_, Frame>) -> Result<u64, Stop> {
    let fuel = host.get_fuel().map_err(|_| broken("fuel is off"))?;
    Ok(fuel.saturating_mul(host.data().rate))
}

/// Sets the fuel that the running frame has left; what does not fill a unit of the runtime's is gone.
pub(crate) fn set_left(host: &mut Caller<'_, Frame>, fuel: u64) -> Result<(), Stop> {
    let rate = host.data().rate;
    host.set_fuel(fuel / rate).map_err(|_| broken("fuel is off"))
}

/// Takes `gas` from the running frame.
///
/// # Errors
/// Out of gas; the frame then has none left.
pub(crate) fn charge(host: &mut Caller<'_, Frame>, gas: u64) -> Result<(), Stop> {
    let rest = left(host)?.checked_sub(gas.div_ceil(GAS_PER_FUEL));
    set_left(host, rest.unwrap_or(0))?;
    if rest.is_some() { Ok(()) } else { Err(CallError::OutOfGas.into()) }
}

/// As [`charge`], for `base` and `per_byte` of so many bytes.
pub(crate) fn charge_bytes(host: &mut Caller<'_, Frame>, base: u64, per_byte: u64, bytes: usize) -> Result<(), Stop> {
    charge(host, (bytes as u64).saturating_mul(per_byte).saturating_add(base))
}

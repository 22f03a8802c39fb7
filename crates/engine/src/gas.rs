//! Prices. Gas is `ref_time`: picoseconds on a reference machine; Wasmtime meters fuel, about one unit an instruction.
//!
//! Both profiles charge the same, since fuel is counted by Wasm instructions and host costs are constants.

use crate::{
    frame::Frame,
    stop::{Stop, broken},
};
use tallow_types::CallError;
use wasmtime::{Caller, OperatorCost};

/// Gas of one unit of fuel.
pub const GAS_PER_FUEL: u64 = 125;

/// Fuel a query uses before it lets others run: well under a millisecond of straight code.
pub(crate) const SLICE_FUEL: u64 = 2_000_000;

// What follows is calibrated by `cargo xtask bench engine`, which prints gas for each real picosecond: between a quarter
// and four. Accesses of the state include what the cluster's state takes after the call: a write is hashed into the
// Merkle tree, whose new nodes the root covers.

/// Any host function.
pub(crate) const HOST: u64 = 30_000;
/// The chain extension, beside [`HOST`]: it allocates and decodes.
pub(crate) const EXTENSION: u64 = 200_000;
/// A byte copied to or from a contract's memory.
pub(crate) const COPY_BYTE: u64 = 125;
/// A page of memory that a frame begins with or grows by: sixteen page faults and their cleaning up.
pub(crate) const PAGE: u64 = 4_000_000;
/// A frame: store, instance and fiber.
pub(crate) const FRAME: u64 = 4_000_000;
/// Reading the state, beside the bytes.
pub(crate) const STORAGE_READ: u64 = 2_000_000;
/// Writing the state, beside the bytes.
pub(crate) const STORAGE_WRITE: u64 = 5_000_000;
/// A byte written to the state: it is hashed and travels to every replica.
pub(crate) const STORAGE_WRITE_BYTE: u64 = 1_200;
/// An operation on the replica's cache, beside the bytes, which cost as storage does.
pub(crate) const CACHE: u64 = 300_000;
/// An event, beside the bytes, which cost as storage does.
pub(crate) const EVENT: u64 = 150_000;
/// A log line.
pub(crate) const LOG: u64 = 100_000;
/// A hash, beside the bytes.
pub(crate) const HASH: u64 = 200_000;
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

/// Takes `gas` from the running frame.
///
/// # Errors
/// Out of gas; the frame then has none left.
pub(crate) fn charge(host: &mut Caller<'_, Frame>, gas: u64) -> Result<(), Stop> {
    let left = host.get_fuel().map_err(|_| broken("fuel is off"))?;
    let rest = left.checked_sub(gas.div_ceil(GAS_PER_FUEL));
    host.set_fuel(rest.unwrap_or(0)).map_err(|_| broken("fuel is off"))?;
    if rest.is_some() { Ok(()) } else { Err(CallError::OutOfGas.into()) }
}

/// As [`charge`], for `base` and `per_byte` of so many bytes.
pub(crate) fn charge_bytes(host: &mut Caller<'_, Frame>, base: u64, per_byte: u64, bytes: usize) -> Result<(), Stop> {
    charge(host, (bytes as u64).saturating_mul(per_byte).saturating_add(base))
}

/// What each instruction costs: one unit of fuel, more for the slow ones; bulk operations by their size.
///
/// Growth of memory is priced by its host function (`prepare::rewrite`), since a page costs more fuel than fits here.
pub(crate) fn operator_cost() -> OperatorCost {
    let mut cost = OperatorCost::new();
    for division in [
        &mut cost.I32DivS,
        &mut cost.I32DivU,
        &mut cost.I32RemS,
        &mut cost.I32RemU,
        &mut cost.I64DivS,
        &mut cost.I64DivU,
        &mut cost.I64RemS,
        &mut cost.I64RemU,
    ] {
        *division = 12;
    }
    for slow in [&mut cost.F32Div, &mut cost.F64Div, &mut cost.F32Sqrt, &mut cost.F64Sqrt] {
        *slow = 8;
    }
    for call in [&mut cost.Call, &mut cost.CallIndirect] {
        *call = 4;
    }
    cost
}

//! A contract's memory as host functions see it: every pointer and length is hostile.

use crate::{
    frame::Frame,
    gas::{self, charge_bytes},
    stop::{Stop, broken},
};
use tallow_types::{AccountId, CallError, CodeHash, limits::HOST_BUFFER_BYTES_MAX};
use wasmtime::Caller;

/// A host function's view of the frame that called it.
pub(crate) type Host<'a> = Caller<'a, Frame>;

/// Where a contract wants output: instead of a pointer, it says that it wants none; instead of a length, that there is
/// nothing.
pub(crate) const SENTINEL: u32 = u32::MAX;

/// The contract's memory and the frame's data.
pub(crate) fn parts<'a>(host: &'a mut Host<'_>) -> Result<(&'a mut [u8], &'a mut Frame), Stop> {
    let memory = host.data().memory.ok_or_else(|| broken("no memory"))?;
    Ok(memory.data_and_store_mut(host))
}

fn range(len: usize, pointer: u32, length: u32) -> Result<std::ops::Range<usize>, Stop> {
    let start = pointer as usize;
    let end = start.checked_add(length as usize).filter(|end| *end <= len).ok_or(CallError::OutOfBounds)?;
    Ok(start..end)
}

/// Bytes of the contract's memory.
pub(crate) fn view(memory: &[u8], pointer: u32, length: u32) -> Result<&[u8], Stop> {
    Ok(&memory[range(memory.len(), pointer, length)?])
}

/// Copies bytes out, at their price.
pub(crate) fn read(host: &mut Host<'_>, pointer: u32, length: u32) -> Result<Vec<u8>, Stop> {
    if length as usize > HOST_BUFFER_BYTES_MAX {
        let (memory, _) = parts(host)?;
        view(memory, pointer, length)?;
        return Err(CallError::ValueTooLarge.into());
    }
    charge_bytes(host, 0, gas::COPY_BYTE, length as usize)?;
    let (memory, _) = parts(host)?;
    Ok(view(memory, pointer, length)?.to_vec())
}

/// A value of fixed size, as decoded: one that the end of memory cuts off is no value; a pointer beyond is out of bounds.
pub(crate) fn read_value<const N: usize>(host: &mut Host<'_>, pointer: u32) -> Result<[u8; N], Stop> {
    let (memory, _) = parts(host)?;
    let rest = memory.get(pointer as usize..).ok_or(CallError::OutOfBounds)?;
    rest.first_chunk().copied().ok_or_else(|| CallError::DecodingFailed.into())
}

/// Bytes of fixed number.
pub(crate) fn read_array<const N: usize>(host: &mut Host<'_>, pointer: u32) -> Result<[u8; N], Stop> {
    let (memory, _) = parts(host)?;
    view(memory, pointer, N as u32)?.try_into().map_err(|_| broken("a view has its length"))
}

/// A little-endian word.
pub(crate) fn read_u32(host: &mut Host<'_>, pointer: u32) -> Result<u32, Stop> {
    read_value(host, pointer).map(u32::from_le_bytes)
}

/// An account.
pub(crate) fn read_account(host: &mut Host<'_>, pointer: u32) -> Result<AccountId, Stop> {
    read_value(host, pointer).map(AccountId)
}

/// A balance.
pub(crate) fn read_balance(host: &mut Host<'_>, pointer: u32) -> Result<u128, Stop> {
    read_value(host, pointer).map(u128::from_le_bytes)
}

/// A code hash.
pub(crate) fn read_hash(host: &mut Host<'_>, pointer: u32) -> Result<CodeHash, Stop> {
    read_value(host, pointer).map(CodeHash)
}

/// Copies bytes in.
pub(crate) fn write(host: &mut Host<'_>, pointer: u32, bytes: &[u8]) -> Result<(), Stop> {
    let (memory, _) = parts(host)?;
    let length = u32::try_from(bytes.len()).map_err(|_| CallError::ValueTooLarge)?;
    let range = range(memory.len(), pointer, length)?;
    memory[range].copy_from_slice(bytes);
    Ok(())
}

/// Writes an output buffer: at `length` the contract put the capacity and gets the length.
pub(crate) fn write_output(host: &mut Host<'_>, pointer: u32, length: u32, bytes: &[u8]) -> Result<(), Stop> {
    if (read_u32(host, length)? as usize) < bytes.len() {
        return Err(CallError::OutputBufferTooSmall.into());
    }
    charge_bytes(host, 0, gas::COPY_BYTE, bytes.len())?;
    write(host, pointer, bytes)?;
    write(host, length, &(bytes.len() as u32).to_le_bytes())
}

/// As [`write_output`], unless the contract wants none.
pub(crate) fn write_wanted(host: &mut Host<'_>, pointer: u32, length: u32, bytes: &[u8]) -> Result<(), Stop> {
    if pointer == SENTINEL { Ok(()) } else { write_output(host, pointer, length, bytes) }
}

//! A contract's cache on one replica: fast, volatile, not shared, never part of the state. Good for what queries
//! fetched; nothing may depend on it. In commands nothing is read from it.

use crate::host::{call, try_call, Function, SMALL};
use alloc::vec::Vec;

/// Bytes of the largest value that [`get`] can return; a longer one traps the contract.
pub const VALUE_BYTES_MAX: usize = 128 * 1024;

/// The contract's share of the replica's cache is used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QuotaExceeded;

/// Stores a value, which expires after seven days unless [`expire_after`] says otherwise.
///
/// # Errors
/// When the quota is used up; the old value stays.
pub fn set(key: &[u8], value: &[u8]) -> Result<(), QuotaExceeded> {
    try_call(Function::CacheSet, &(key, value), SMALL).map_err(|_| QuotaExceeded)
}

/// The value, unless it expired or was dropped.
pub fn get(key: &[u8]) -> Option<Vec<u8>> {
    call(Function::CacheGet, &key, VALUE_BYTES_MAX)
}

/// Removes and returns a value.
pub fn remove(key: &[u8]) -> Option<Vec<u8>> {
    call(Function::CacheRemove, &key, VALUE_BYTES_MAX)
}

/// Lets a value expire after this time; zero removes it.
pub fn expire_after(key: &[u8], seconds: u64) {
    call(Function::CacheSetExpiration, &(key, seconds), SMALL)
}

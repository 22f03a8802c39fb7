//! The contract's storage.

use super::code;
use crate::{
    gas::{self, charge, charge_bytes},
    memory::{Host, SENTINEL, read, write_output},
    stop::Stop,
};
use std::sync::Arc;
use tallow_types::{
    CallError,
    limits::{STORAGE_KEY_BYTES_MAX, STORAGE_VALUE_BYTES_MAX},
};

/// Bytes of a key where the function takes no length.
const FIXED_KEY_BYTES: u32 = 32;

pub(super) fn set_v0(host: &mut Host<'_>, key: u32, value: u32, value_len: u32) -> Result<(), Stop> {
    set_v2(host, key, FIXED_KEY_BYTES, value, value_len).map(drop)
}

pub(super) fn set_v1(host: &mut Host<'_>, key: u32, value: u32, value_len: u32) -> Result<u32, Stop> {
    set_v2(host, key, FIXED_KEY_BYTES, value, value_len)
}

/// Returns the former value's length.
pub(super) fn set_v2(host: &mut Host<'_>, key: u32, key_len: u32, value: u32, value_len: u32) -> Result<u32, Stop> {
    let length = value_len as usize;
    charge_bytes(host, gas::HOST + gas::STORAGE_WRITE, gas::STORAGE_WRITE_BYTE, length.min(STORAGE_VALUE_BYTES_MAX))?;
    if length > STORAGE_VALUE_BYTES_MAX {
        return Err(CallError::ValueTooLarge.into());
    }
    let key = read_key(host, key, key_len)?;
    let value = read(host, value, value_len)?;
    put(host, key, Some(value.into())).map(|old| length_of(old.as_deref()))
}

pub(super) fn clear_v0(host: &mut Host<'_>, key: u32) -> Result<(), Stop> {
    clear_v1(host, key, FIXED_KEY_BYTES).map(drop)
}

/// Returns the former value's length.
pub(super) fn clear_v1(host: &mut Host<'_>, key: u32, key_len: u32) -> Result<u32, Stop> {
    charge(host, gas::HOST + gas::STORAGE_WRITE)?;
    let key = read_key(host, key, key_len)?;
    put(host, key, None).map(|old| length_of(old.as_deref()))
}

pub(super) fn get_v0(host: &mut Host<'_>, key: u32, out: u32, out_len: u32) -> Result<u32, Stop> {
    get_v1(host, key, FIXED_KEY_BYTES, out, out_len)
}

pub(super) fn get_v1(host: &mut Host<'_>, key: u32, key_len: u32, out: u32, out_len: u32) -> Result<u32, Stop> {
    match look(host, key, key_len)? {
        Some(value) => write_output(host, out, out_len, &value).map(|()| code::SUCCESS),
        None => Ok(code::KEY_NOT_FOUND),
    }
}

pub(super) fn contains_v0(host: &mut Host<'_>, key: u32) -> Result<u32, Stop> {
    contains_v1(host, key, FIXED_KEY_BYTES)
}

/// Returns the value's length.
pub(super) fn contains_v1(host: &mut Host<'_>, key: u32, key_len: u32) -> Result<u32, Stop> {
    look(host, key, key_len).map(|value| length_of(value.as_deref()))
}

/// Reads and removes a value.
pub(super) fn take(host: &mut Host<'_>, key: u32, key_len: u32, out: u32, out_len: u32) -> Result<u32, Stop> {
    charge(host, gas::HOST + gas::STORAGE_WRITE)?;
    let key = read_key(host, key, key_len)?;
    match put(host, key, None)? {
        Some(value) => write_output(host, out, out_len, &value).map(|()| code::SUCCESS),
        None => Ok(code::KEY_NOT_FOUND),
    }
}

fn read_key(host: &mut Host<'_>, key: u32, key_len: u32) -> Result<Vec<u8>, Stop> {
    if key_len as usize > STORAGE_KEY_BYTES_MAX {
        return Err(CallError::DecodingFailed.into());
    }
    read(host, key, key_len)
}

fn look(host: &mut Host<'_>, key: u32, key_len: u32) -> Result<Option<Arc<[u8]>>, Stop> {
    charge(host, gas::HOST + gas::STORAGE_READ)?;
    let key = read_key(host, key, key_len)?;
    let session = host.data_mut().session();
    Ok(session.overlay.storage(&*session.world, &session.contract(), &key))
}

/// Replaces a value and returns the former one. Removing what is not there writes nothing.
fn put(host: &mut Host<'_>, key: Vec<u8>, value: Option<Arc<[u8]>>) -> Result<Option<Arc<[u8]>>, Stop> {
    let session = host.data_mut().session();
    let contract = session.contract();
    let old = session.overlay.storage(&*session.world, &contract, &key);
    if old.is_some() || value.is_some() {
        session.overlay.set_storage(contract, key, value)?;
    }
    Ok(old)
}

fn length_of(value: Option<&[u8]>) -> u32 {
    value.map_or(SENTINEL, |value| value.len() as u32)
}

//! The contract's storage, and its transient storage, which lives as long as the call from outside.

use super::{
    code,
    key::{FIXED_KEY_BYTES, fixed, variable},
};
use crate::{
    gas::{self, charge, charge_bytes},
    memory::{Host, SENTINEL, read, write_output},
    session::Session,
    stop::Stop,
};
use std::sync::Arc;
use tallow_types::{
    CallError,
    limits::{STORAGE_KEY_BYTES_MAX, STORAGE_VALUE_BYTES_MAX},
};

type Value = Option<Arc<[u8]>>;

/// Where a key is, and how long it is unless the function takes 32 bytes.
#[derive(Clone, Copy)]
enum Key {
    Fixed(u32),
    Variable(u32, u32),
}

/// Which of a contract's storages is meant.
#[derive(Clone, Copy)]
enum Place {
    State,
    Transient,
}

pub(super) fn set_v0(host: &mut Host<'_>, key: u32, value: u32, value_len: u32) -> Result<(), Stop> {
    set(host, Place::State, Key::Fixed(key), (value, value_len)).map(drop)
}

pub(super) fn set_v1(host: &mut Host<'_>, key: u32, value: u32, value_len: u32) -> Result<u32, Stop> {
    set(host, Place::State, Key::Fixed(key), (value, value_len))
}

pub(super) fn set_v2(host: &mut Host<'_>, key: u32, key_len: u32, value: u32, value_len: u32) -> Result<u32, Stop> {
    set(host, Place::State, Key::Variable(key, key_len), (value, value_len))
}

pub(super) fn set_transient(
    host: &mut Host<'_>,
    key: u32,
    key_len: u32,
    value: u32,
    value_len: u32,
) -> Result<u32, Stop> {
    set(host, Place::Transient, Key::Variable(key, key_len), (value, value_len))
}

pub(super) fn clear_v0(host: &mut Host<'_>, key: u32) -> Result<(), Stop> {
    clear(host, Place::State, Key::Fixed(key)).map(drop)
}

pub(super) fn clear_v1(host: &mut Host<'_>, key: u32, key_len: u32) -> Result<u32, Stop> {
    clear(host, Place::State, Key::Variable(key, key_len))
}

pub(super) fn clear_transient(host: &mut Host<'_>, key: u32, key_len: u32) -> Result<u32, Stop> {
    clear(host, Place::Transient, Key::Variable(key, key_len))
}

pub(super) fn get_v0(host: &mut Host<'_>, key: u32, out: u32, out_len: u32) -> Result<u32, Stop> {
    get(host, Place::State, Key::Fixed(key), (out, out_len))
}

pub(super) fn get_v1(host: &mut Host<'_>, key: u32, key_len: u32, out: u32, out_len: u32) -> Result<u32, Stop> {
    get(host, Place::State, Key::Variable(key, key_len), (out, out_len))
}

pub(super) fn get_transient(host: &mut Host<'_>, key: u32, key_len: u32, out: u32, out_len: u32) -> Result<u32, Stop> {
    get(host, Place::Transient, Key::Variable(key, key_len), (out, out_len))
}

pub(super) fn contains_v0(host: &mut Host<'_>, key: u32) -> Result<u32, Stop> {
    look(host, Place::State, Key::Fixed(key)).map(|value| length_of(value.as_deref()))
}

pub(super) fn contains_v1(host: &mut Host<'_>, key: u32, key_len: u32) -> Result<u32, Stop> {
    look(host, Place::State, Key::Variable(key, key_len)).map(|value| length_of(value.as_deref()))
}

pub(super) fn contains_transient(host: &mut Host<'_>, key: u32, key_len: u32) -> Result<u32, Stop> {
    look(host, Place::Transient, Key::Variable(key, key_len)).map(|value| length_of(value.as_deref()))
}

pub(super) fn take(host: &mut Host<'_>, key: u32, key_len: u32, out: u32, out_len: u32) -> Result<u32, Stop> {
    take_from(host, Place::State, Key::Variable(key, key_len), (out, out_len))
}

pub(super) fn take_transient(host: &mut Host<'_>, key: u32, key_len: u32, out: u32, out_len: u32) -> Result<u32, Stop> {
    take_from(host, Place::Transient, Key::Variable(key, key_len), (out, out_len))
}

/// Stores a value and returns the former one's length.
fn set(host: &mut Host<'_>, place: Place, key: Key, (value, value_len): (u32, u32)) -> Result<u32, Stop> {
    let length = value_len as usize;
    allow_change(host, place)?;
    let paid = length.min(STORAGE_VALUE_BYTES_MAX);
    charge_bytes(host, gas::HOST + gas::STORAGE_WRITE, gas::STORAGE_WRITE_BYTE, paid)?;
    if length > STORAGE_VALUE_BYTES_MAX {
        return Err(CallError::ValueTooLarge.into());
    }
    let key = read_key(host, key)?;
    let value = read(host, value, value_len)?;
    put(host, place, key, Some(value.into())).map(|old| length_of(old.as_deref()))
}

/// Removes a value and returns its length.
fn clear(host: &mut Host<'_>, place: Place, key: Key) -> Result<u32, Stop> {
    remove(host, place, key).map(|old| length_of(old.as_deref()))
}

/// Copies a value out.
fn get(host: &mut Host<'_>, place: Place, key: Key, (out, out_len): (u32, u32)) -> Result<u32, Stop> {
    match look(host, place, key)? {
        Some(value) => write_output(host, out, out_len, &value).map(|()| code::SUCCESS),
        None => Ok(code::KEY_NOT_FOUND),
    }
}

/// Reads and removes a value.
fn take_from(host: &mut Host<'_>, place: Place, key: Key, (out, out_len): (u32, u32)) -> Result<u32, Stop> {
    match remove(host, place, key)? {
        Some(value) => write_output(host, out, out_len, &value).map(|()| code::SUCCESS),
        None => Ok(code::KEY_NOT_FOUND),
    }
}

/// Removes a value and returns it. Where there is none, nothing is written, and a look is all that is paid for.
fn remove(host: &mut Host<'_>, place: Place, key: Key) -> Result<Value, Stop> {
    allow_change(host, place)?;
    charge(host, gas::HOST + gas::STORAGE_READ)?;
    let key = read_key(host, key)?;
    let old = put(host, place, key, None)?;
    if old.is_some() {
        charge(host, gas::STORAGE_WRITE - gas::STORAGE_READ)?;
    }
    Ok(old)
}

/// Transient storage may be changed even where the state may not.
fn allow_change(host: &mut Host<'_>, place: Place) -> Result<(), Stop> {
    match place {
        Place::State => super::deny_if_read_only(host),
        Place::Transient => Ok(()),
    }
}

fn read_key(host: &mut Host<'_>, key: Key) -> Result<Vec<u8>, Stop> {
    match key {
        Key::Fixed(key) => read(host, key, FIXED_KEY_BYTES as u32).map(fixed),
        Key::Variable(_, length) if length as usize > STORAGE_KEY_BYTES_MAX => Err(CallError::DecodingFailed.into()),
        Key::Variable(key, length) => read(host, key, length).map(variable),
    }
}

fn look(host: &mut Host<'_>, place: Place, key: Key) -> Result<Value, Stop> {
    charge(host, gas::HOST + gas::STORAGE_READ)?;
    let key = read_key(host, key)?;
    Ok(seen(host.data_mut().session(), place, &key))
}

fn seen(session: &Session, place: Place, key: &[u8]) -> Value {
    match place {
        Place::State => session.overlay.storage(&*session.world, &session.contract(), key),
        Place::Transient => session.overlay.transient(&session.contract(), key),
    }
}

/// Replaces a value and returns the former one. Removing what is not there writes nothing.
fn put(host: &mut Host<'_>, place: Place, key: Vec<u8>, value: Value) -> Result<Value, Stop> {
    let session = host.data_mut().session();
    let contract = session.contract();
    let old = seen(session, place, &key);
    if old.is_some() || value.is_some() {
        match place {
            Place::State => session.overlay.set_storage(contract, key, value)?,
            Place::Transient => session.overlay.set_transient(contract, key, value)?,
        }
    }
    Ok(old)
}

fn length_of(value: Option<&[u8]>) -> u32 {
    value.map_or(SENTINEL, |value| value.len() as u32)
}

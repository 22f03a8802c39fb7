//! What a contract can learn of itself and its surroundings.

use super::code;
use crate::{
    gas::{self, GAS_PER_FUEL, charge},
    memory::{Host, read_account, write_output},
    session::Session,
    stop::Stop,
};
use parity_scale_codec::{Compact, Encode};
use tallow_types::CallError;

/// Phala's existential deposit. Accounts live without it here, so a contract that keeps it is only more careful than
/// it must be.
const MINIMUM_BALANCE: u128 = 1;
/// What a unit of gas costs contracts.
const GAS_PRICE: u128 = 0;

/// Writes a fact of the session.
fn tell<T: AsRef<[u8]>>(host: &mut Host<'_>, out: u32, out_len: u32, fact: fn(&Session) -> T) -> Result<(), Stop> {
    charge(host, gas::HOST)?;
    let fact = fact(host.data_mut().session());
    write_output(host, out, out_len, fact.as_ref())
}

pub(super) fn caller(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    tell(host, out, out_len, |session| session.top().caller)
}

pub(super) fn address(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    tell(host, out, out_len, Session::contract)
}

pub(super) fn balance(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    charge(host, gas::STORAGE_READ)?;
    tell(host, out, out_len, |session| session.balance(&session.contract()).to_le_bytes())
}

pub(super) fn value_transferred(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    tell(host, out, out_len, |session| session.top().value.to_le_bytes())
}

/// Block time, or the snapshot's, in milliseconds.
pub(super) fn now(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    tell(host, out, out_len, |session| session.env.now_ms.to_le_bytes())
}

pub(super) fn minimum_balance(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    tell(host, out, out_len, |_| MINIMUM_BALANCE.to_le_bytes())
}

pub(super) fn block_number(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    tell(host, out, out_len, |session| u32::try_from(session.env.height).unwrap_or(u32::MAX).to_le_bytes())
}

fn gas_left(host: &mut Host<'_>) -> Result<u64, Stop> {
    charge(host, gas::HOST)?;
    Ok(gas::left(host)?.saturating_mul(GAS_PER_FUEL))
}

pub(super) fn gas_left_v0(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    let left = gas_left(host)?;
    write_output(host, out, out_len, &left.to_le_bytes())
}

/// As a weight: time and proof size, both compact.
pub(super) fn gas_left_v1(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    let left = gas_left(host)?;
    write_output(host, out, out_len, &(Compact(left), Compact(u64::MAX)).encode())
}

pub(super) fn weight_to_fee_v0(host: &mut Host<'_>, gas: u64, out: u32, out_len: u32) -> Result<(), Stop> {
    charge(host, gas::HOST)?;
    write_output(host, out, out_len, &u128::from(gas).saturating_mul(GAS_PRICE).to_le_bytes())
}

pub(super) fn weight_to_fee_v1(
    host: &mut Host<'_>,
    gas: u64,
    _proof_size: u64,
    out: u32,
    out_len: u32,
) -> Result<(), Stop> {
    weight_to_fee_v0(host, gas, out, out_len)
}

pub(super) fn own_code_hash(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    charge(host, gas::HOST + gas::STORAGE_READ)?;
    let session = host.data_mut().session();
    let info = session.info(&session.contract()).ok_or(CallError::ContractNotFound)?;
    write_output(host, out, out_len, &info.code.0)
}

pub(super) fn code_hash(host: &mut Host<'_>, account: u32, out: u32, out_len: u32) -> Result<u32, Stop> {
    charge(host, gas::HOST + gas::STORAGE_READ)?;
    let account = read_account(host, account)?;
    match host.data_mut().session().finished(&account) {
        Some(info) => write_output(host, out, out_len, &info.code.0).map(|()| code::SUCCESS),
        None => Ok(code::KEY_NOT_FOUND),
    }
}

pub(super) fn is_contract(host: &mut Host<'_>, account: u32) -> Result<u32, Stop> {
    charge(host, gas::HOST + gas::STORAGE_READ)?;
    let account = read_account(host, account)?;
    Ok(host.data_mut().session().finished(&account).is_some().into())
}

pub(super) fn caller_is_origin(host: &mut Host<'_>) -> Result<u32, Stop> {
    charge(host, gas::HOST)?;
    let session = host.data_mut().session();
    Ok((session.top().caller == session.origin).into())
}

/// There is no root account.
pub(super) fn caller_is_root(host: &mut Host<'_>) -> Result<u32, Stop> {
    charge(host, gas::HOST)?;
    Ok(0)
}

/// How often the running contract is open below this frame.
pub(super) fn reentrance_count(host: &mut Host<'_>) -> Result<u32, Stop> {
    charge(host, gas::HOST)?;
    let session = host.data_mut().session();
    Ok(session.entries(&session.contract()).saturating_sub(1))
}

/// How often an account's contract is open.
pub(super) fn account_reentrance_count(host: &mut Host<'_>, account: u32) -> Result<u32, Stop> {
    charge(host, gas::HOST)?;
    let account = read_account(host, account)?;
    Ok(host.data_mut().session().entries(&account))
}

/// A number that no other instantiation has.
pub(super) fn instantiation_nonce(host: &mut Host<'_>) -> Result<u64, Stop> {
    charge(host, gas::HOST)?;
    Ok(host.data_mut().session().top().nonce)
}

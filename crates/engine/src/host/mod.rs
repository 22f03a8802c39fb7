//! The host functions of `pallet-contracts`, by subject. One line here is one function; each also gets its ink! 3 name.
//!
//! Numbers, rules and the order of checks are those of `pallet-contracts` 51, which has all that Phala's 27 had. What
//! differs, and why, is in `conformance/differences.toml`.

pub(crate) use call::instantiation_number;
pub use key::StorageKey;

mod call;
mod crypto;
#[cfg(feature = "faults")]
pub(crate) mod faults;
mod info;
mod io;
mod key;
mod storage;

use crate::{
    bind::Linkers,
    gas,
    memory::Host,
    prepare::GROW,
    stop::{Stop, broken},
};
use tallow_types::{CallError, limits::PAGE_BYTES};

/// Return codes of host functions.
pub(crate) mod code {
    pub(crate) const SUCCESS: u32 = 0;
    pub(crate) const CALLEE_TRAPPED: u32 = 1;
    pub(crate) const CALLEE_REVERTED: u32 = 2;
    pub(crate) const KEY_NOT_FOUND: u32 = 3;
    pub(crate) const TRANSFER_FAILED: u32 = 5;
    pub(crate) const CODE_NOT_FOUND: u32 = 7;
    pub(crate) const NOT_CALLABLE: u32 = 8;
    pub(crate) const CALL_RUNTIME_FAILED: u32 = 10;
    pub(crate) const ECDSA_RECOVERY_FAILED: u32 = 11;
    pub(crate) const SR25519_VERIFY_FAILED: u32 = 12;
    pub(crate) const XCM_EXECUTION_FAILED: u32 = 13;
    pub(crate) const XCM_SEND_FAILED: u32 = 14;
}

/// Defines every host function but the chain extension.
pub(crate) fn link(linkers: &mut Linkers) -> wasmtime::Result<()> {
    linkers.define_internal(GROW, grow)?;
    link_storage(linkers)?;
    link_calls(linkers)?;
    link_info(linkers)?;
    link_crypto(linkers)?;
    link_io(linkers)
}

fn link_storage(linkers: &mut Linkers) -> wasmtime::Result<()> {
    linkers
        .define("seal0", "set_storage", storage::set_v0)?
        .define("seal1", "set_storage", storage::set_v1)?
        .define("seal2", "set_storage", storage::set_v2)?
        .define("seal0", "clear_storage", storage::clear_v0)?
        .define("seal1", "clear_storage", storage::clear_v1)?
        .define("seal0", "get_storage", storage::get_v0)?
        .define("seal1", "get_storage", storage::get_v1)?
        .define("seal0", "contains_storage", storage::contains_v0)?
        .define("seal1", "contains_storage", storage::contains_v1)?
        .define("seal0", "take_storage", storage::take)?
        .define_only("seal0", "set_transient_storage", storage::set_transient)?
        .define_only("seal0", "clear_transient_storage", storage::clear_transient)?
        .define_only("seal0", "get_transient_storage", storage::get_transient)?
        .define_only("seal0", "contains_transient_storage", storage::contains_transient)?
        .define_only("seal0", "take_transient_storage", storage::take_transient)?;
    Ok(())
}

fn link_calls(linkers: &mut Linkers) -> wasmtime::Result<()> {
    linkers
        .define("seal0", "transfer", call::transfer)?
        .define("seal0", "terminate", call::terminate_v0)?
        .define("seal1", "terminate", call::terminate_v1)?
        .define("seal0", "set_code_hash", call::set_code_hash)?
        .define_only("seal0", "lock_delegate_dependency", call::lock_delegate_dependency)?
        .define_only("seal0", "add_delegate_dependency", call::lock_delegate_dependency)?
        .define_only("seal0", "unlock_delegate_dependency", call::unlock_delegate_dependency)?
        .define_only("seal0", "remove_delegate_dependency", call::unlock_delegate_dependency)?
        .define_async("seal0", "call", call::call_v0)?
        .define_async("seal1", "call", call::call_v1)?
        .define_async_only("seal2", "call", call::call_v2)?
        .define_async("seal0", "delegate_call", call::delegate_call)?
        .define_async("seal0", "instantiate", call::instantiate_v0)?
        .define_async("seal1", "instantiate", call::instantiate_v1)?
        .define_async_only("seal2", "instantiate", call::instantiate_v2)?;
    Ok(())
}

fn link_info(linkers: &mut Linkers) -> wasmtime::Result<()> {
    linkers
        .define("seal0", "caller", info::caller)?
        .define("seal0", "address", info::address)?
        .define("seal0", "balance", info::balance)?
        .define("seal0", "value_transferred", info::value_transferred)?
        .define("seal0", "now", info::now)?
        .define("seal0", "minimum_balance", info::minimum_balance)?
        .define("seal0", "block_number", info::block_number)?
        .define("seal0", "gas_left", info::gas_left_v0)?
        .define_only("seal1", "gas_left", info::gas_left_v1)?
        .define("seal0", "weight_to_fee", info::weight_to_fee_v0)?
        .define_only("seal1", "weight_to_fee", info::weight_to_fee_v1)?
        .define("seal0", "own_code_hash", info::own_code_hash)?
        .define("seal0", "code_hash", info::code_hash)?
        .define("seal0", "is_contract", info::is_contract)?
        .define("seal0", "caller_is_origin", info::caller_is_origin)?
        .define_only("seal0", "caller_is_root", info::caller_is_root)?
        .define_only("seal0", "reentrance_count", info::reentrance_count)?
        .define_only("seal0", "account_reentrance_count", info::account_reentrance_count)?
        .define_only("seal0", "instantiation_nonce", info::instantiation_nonce)?;
    Ok(())
}

fn link_crypto(linkers: &mut Linkers) -> wasmtime::Result<()> {
    linkers
        .define("seal0", "hash_sha2_256", crypto::hash_sha2_256)?
        .define("seal0", "hash_keccak_256", crypto::hash_keccak_256)?
        .define("seal0", "hash_blake2_256", crypto::hash_blake2_256)?
        .define("seal0", "hash_blake2_128", crypto::hash_blake2_128)?
        .define("seal0", "ecdsa_recover", crypto::ecdsa_recover)?
        .define("seal0", "ecdsa_to_eth_address", crypto::ecdsa_to_eth_address)?
        .define_only("seal0", "sr25519_verify", crypto::sr25519_verify)?;
    Ok(())
}

fn link_io(linkers: &mut Linkers) -> wasmtime::Result<()> {
    linkers
        .define("seal0", "input", io::input)?
        .define_only("seal0", "seal_return", io::seal_return)?
        .define("seal0", "deposit_event", io::deposit_event)?
        .define("seal0", "debug_message", io::debug_message)?
        .define_only("seal0", "call_runtime", io::call_runtime)?
        .define_only("seal0", "xcm_execute", io::xcm_execute)?
        .define_only("seal0", "xcm_send", io::xcm_send)?;
    Ok(())
}

/// Fails where nothing may be changed, before anything else is looked at.
pub(crate) fn deny_if_read_only(host: &mut Host<'_>) -> Result<(), Stop> {
    if host.data_mut().session().top().read_only { Err(CallError::StateChangeDenied.into()) } else { Ok(()) }
}

/// Fails where code decides to which the contract has only lent its storage.
pub(crate) fn require_authority(host: &mut Host<'_>) -> Result<(), Stop> {
    if host.data_mut().session().has_authority() { Ok(()) } else { Err(CallError::AuthorityDenied.into()) }
}

/// `memory.grow`, priced: the former size in pages, or all ones when the memory may not grow so far. Pages that are not
/// given are not paid, but the call is: it takes the host as long as any other.
fn grow(host: &mut Host<'_>, pages: u32) -> Result<u32, Stop> {
    gas::charge(host, gas::GROW)?;
    let memory = host.data().memory.ok_or_else(|| broken("no memory"))?;
    let size = memory.size(&*host);
    // Beyond the maximum is the contract's doing; anything else is the host's, and must not become a result.
    let maximum = memory.ty(&*host).maximum().unwrap_or(u64::MAX);
    if size + u64::from(pages) > maximum {
        return Ok(u32::MAX);
    }
    gas::charge(host, gas::PAGE.saturating_mul(pages.into()))?;
    host.data_mut().held.grow((u64::from(pages) * PAGE_BYTES) as usize).map_err(Stop::from)?;
    let former = memory.grow(&mut *host, pages.into()).map_err(|_| broken("memory cannot grow"))?;
    burn_for(host, former + u64::from(pages))?;
    u32::try_from(former).map_err(|_| broken("memory size"))
}

/// Has fuel burn at the rate of a memory of so many pages.
fn burn_for(host: &mut Host<'_>, pages: u64) -> Result<(), Stop> {
    let rate = gas::rate_of_memory(pages).max(host.data().rate);
    let left = gas::left(host)?;
    host.data_mut().rate = rate;
    if host.data_mut().session().yields() {
        host.fuel_async_yield_interval(Some(gas::SLICE_FUEL / rate)).map_err(|_| broken("fuel is off"))?;
    }
    gas::set_left(host, left)
}

//! Calls of other contracts, and what happens to contracts as a whole.

use super::{code, deny_if_read_only, key, require_authority};
use crate::{
    Code,
    bind::{Suspending, pause},
    frame::{Outcome, Task, callee, execute},
    gas::{self, GAS_PER_FUEL, charge, charge_bytes},
    memory::{Host, SENTINEL, read, read_account, read_balance, read_hash, write_wanted},
    session::{Activation, Session},
    stop::{Stop, broken},
};
use parity_scale_codec::Encode;
use std::collections::BTreeSet;
use tallow_crypto::{blake2b_256, contract::contract_address};
use tallow_types::{AccountId, CallError, CodeHash, FLAG_REVERT, decode_exact, limits::DELEGATE_DEPENDENCIES_MAX};

/// Where the code hashes are kept that a contract has locked.
const DEPENDENCIES: [u8; key::FIXED_KEY_BYTES + 1] = key::internal(1);

const FORWARD_INPUT: u32 = 1;
const CLONE_INPUT: u32 = 2;
const TAIL_CALL: u32 = 4;
const ALLOW_REENTRY: u32 = 8;
const READ_ONLY: u32 = 16;
const FLAGS: u32 = FORWARD_INPUT | CLONE_INPUT | TAIL_CALL | ALLOW_REENTRY | READ_ONLY;

/// Where a call's input is and its output goes.
struct Buffers {
    input: u32,
    input_len: u32,
    output: u32,
    output_len: u32,
}

// Lengths of accounts, hashes and balances are ignored where a function takes them: these types have one size.

type CallV0 = (u32, u32, u64, u32, u32, u32, u32, u32, u32);

pub(super) fn call_v0(
    host: Host<'_>,
    (callee, _callee_len, gas, value, _value_len, input, input_len, output, output_len): CallV0,
) -> Suspending<'_> {
    let buffers = Buffers { input, input_len, output, output_len };
    Box::pin(call(host, Callee { flags: ALLOW_REENTRY, account: callee, gas, deposit: SENTINEL, value }, buffers))
}

type CallV1 = (u32, u32, u64, u32, u32, u32, u32, u32);

pub(super) fn call_v1(
    host: Host<'_>,
    (flags, callee, gas, value, input, input_len, output, output_len): CallV1,
) -> Suspending<'_> {
    let buffers = Buffers { input, input_len, output, output_len };
    Box::pin(call(host, Callee { flags, account: callee, gas, deposit: SENTINEL, value }, buffers))
}

type CallV2 = (u32, u32, u64, u64, u32, u32, u32, u32, u32, u32);

pub(super) fn call_v2(
    host: Host<'_>,
    (flags, callee, gas, _proof_size, deposit, value, input, input_len, output, output_len): CallV2,
) -> Suspending<'_> {
    let buffers = Buffers { input, input_len, output, output_len };
    Box::pin(call(host, Callee { flags, account: callee, gas, deposit, value }, buffers))
}

/// Storage is free, so a limit of its deposit is read and always kept.
fn check_deposit(host: &mut Host<'_>, deposit: u32) -> Result<(), Stop> {
    if deposit == SENTINEL { Ok(()) } else { read_balance(host, deposit).map(drop) }
}

/// Whom a call is for and what goes with it; pointers but for flags and gas.
struct Callee {
    flags: u32,
    account: u32,
    gas: u64,
    deposit: u32,
    value: u32,
}

async fn call(mut host: Host<'_>, to: Callee, buffers: Buffers) -> Result<u32, Stop> {
    let input = take_input(&mut host, to.flags, &buffers)?;
    let contract = read_account(&mut host, to.account)?;
    check_deposit(&mut host, to.deposit)?;
    let value = read_balance(&mut host, to.value)?;
    let read_only = to.flags & READ_ONLY != 0 || host.data_mut().session().top().read_only;
    if read_only && value > 0 {
        return Err(CallError::StateChangeDenied.into());
    }
    charge(&mut host, gas::STORAGE_READ + transfer_price(value))?;
    let fuel = fuel_for(&host, to.gas)?;
    let session = host.data_mut().session();
    let lent = session.has_lent(&contract);
    let activation = Activation { read_only, lent, ..Activation::plain(contract, session.contract(), value) };
    session.top_mut().reentrant = to.flags & ALLOW_REENTRY != 0;
    let outcome = match enterable(session, &contract) {
        Ok(code) => nest(&mut host, Task { activation, code, input, fuel }).await,
        Err(error) => Ok(Outcome::Failed { error, callee: false }),
    };
    host.data_mut().session().top_mut().reentrant = true;
    conclude(&mut host, to.flags, outcome?, &buffers)
}

/// What it costs to look at the balances that come with a call, and to move them.
fn transfer_price(value: u128) -> u64 {
    if value == 0 { 0 } else { gas::TRANSFER }
}

/// The code of a contract that may be called now.
fn enterable(session: &Session, contract: &AccountId) -> Result<Code, CallError> {
    if !session.may_enter(contract) {
        return Err(CallError::ReentranceDenied);
    }
    if session.is_full() {
        return Err(CallError::MaxCallDepthReached);
    }
    callee(session, contract)
}

type DelegateCall = (u32, u32, u32, u32, u32, u32);

pub(super) fn delegate_call(
    mut host: Host<'_>,
    (flags, code, input, input_len, output, output_len): DelegateCall,
) -> Suspending<'_> {
    Box::pin(async move {
        let buffers = Buffers { input, input_len, output, output_len };
        let input = take_input(&mut host, flags, &buffers)?;
        if flags & (ALLOW_REENTRY | READ_ONLY) != 0 {
            return Err(CallError::InvalidCallFlags.into());
        }
        let hash = read_hash(&mut host, code)?;
        charge(&mut host, gas::STORAGE_READ)?;
        let fuel = fuel_for(&host, 0)?;
        let session = host.data_mut().session();
        let Some(code) = session.world.code(&hash) else { return Ok(code::CODE_NOT_FOUND) };
        let top = session.top().clone();
        let activation = Activation { delegated: true, lent: true, constructor: false, reentrant: true, ..top };
        let outcome = nest(&mut host, Task { activation, code, input, fuel }).await?;
        conclude(&mut host, flags, outcome, &buffers)
    })
}

/// What `instantiate` is told beside its buffers.
struct Plan {
    code: u32,
    gas: u64,
    deposit: u32,
    value: u32,
    address: u32,
    address_len: u32,
    salt: u32,
    salt_len: u32,
}

type InstantiateV0 = (u32, u32, u64, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32);

pub(super) fn instantiate_v0(
    host: Host<'_>,
    (
        code,
        _code_len,
        gas,
        value,
        _value_len,
        input,
        input_len,
        address,
        address_len,
        output,
        output_len,
        salt,
        salt_len,
    ): InstantiateV0,
) -> Suspending<'_> {
    let plan = Plan { code, gas, deposit: SENTINEL, value, address, address_len, salt, salt_len };
    Box::pin(instantiate(host, plan, Buffers { input, input_len, output, output_len }))
}

type InstantiateV1 = (u32, u64, u32, u32, u32, u32, u32, u32, u32, u32, u32);

pub(super) fn instantiate_v1(
    host: Host<'_>,
    (code, gas, value, input, input_len, address, address_len, output, output_len, salt, salt_len): InstantiateV1,
) -> Suspending<'_> {
    let plan = Plan { code, gas, deposit: SENTINEL, value, address, address_len, salt, salt_len };
    Box::pin(instantiate(host, plan, Buffers { input, input_len, output, output_len }))
}

type InstantiateV2 = (u32, u64, u64, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32);

pub(super) fn instantiate_v2(
    host: Host<'_>,
    (code, gas, _proof, deposit, value, input, input_len, address, address_len, output, output_len, salt, salt_len): InstantiateV2,
) -> Suspending<'_> {
    let plan = Plan { code, gas, deposit, value, address, address_len, salt, salt_len };
    Box::pin(instantiate(host, plan, Buffers { input, input_len, output, output_len }))
}

async fn instantiate(mut host: Host<'_>, plan: Plan, buffers: Buffers) -> Result<u32, Stop> {
    deny_if_read_only(&mut host)?;
    check_deposit(&mut host, plan.deposit)?;
    let value = read_balance(&mut host, plan.value)?;
    let hash = read_hash(&mut host, plan.code)?;
    let input = read(&mut host, buffers.input, buffers.input_len)?;
    let base = gas::HOST + gas::HASH + gas::STORAGE_READ + gas::STORAGE_WRITE + transfer_price(value);
    charge_bytes(&mut host, base, gas::HASH_BYTE, plan.salt_len as usize)?;
    let salt = read(&mut host, plan.salt, plan.salt_len)?;
    let fuel = fuel_for(&host, plan.gas)?;
    let session = host.data_mut().session();
    let Some(code) = session.world.code(&hash) else { return Ok(code::CODE_NOT_FOUND) };
    let caller = session.contract();
    let contract = contract_address(&caller, &hash, &session.env.cluster, &salt);
    session.instantiations += 1;
    let nonce = instantiation_number(&contract, session.env.height, session.instantiations);
    let activation = Activation { constructor: true, nonce, ..Activation::plain(contract, caller, value) };
    let outcome = nest(&mut host, Task { activation, code, input, fuel }).await?;
    if matches!(outcome, Outcome::Returned { flags, .. } if flags & FLAG_REVERT == 0) {
        write_wanted(&mut host, plan.address, plan.address_len, &contract.0)?;
    }
    conclude(&mut host, 0, outcome, &buffers)
}

/// A number for each instantiation, unique but for collisions of a 64-bit hash.
pub(crate) fn instantiation_number(contract: &AccountId, height: u64, count: u64) -> u64 {
    let digest = blake2b_256(&[&contract.0[..], &height.to_le_bytes(), &count.to_le_bytes()].concat());
    u64::from_le_bytes(*digest.first_chunk().expect("a digest is longer than a word"))
}

fn take_input(host: &mut Host<'_>, flags: u32, buffers: &Buffers) -> Result<Vec<u8>, Stop> {
    if flags & !FLAGS != 0 {
        return Err(CallError::InvalidCallFlags.into());
    }
    charge(host, gas::HOST)?;
    if flags & CLONE_INPUT != 0 {
        let input = host.data().input.clone().ok_or(CallError::InputForwarded)?;
        charge_bytes(host, 0, gas::COPY_BYTE, input.len())?;
        Ok(input)
    } else if flags & FORWARD_INPUT != 0 {
        Ok(host.data_mut().input.take().ok_or(CallError::InputForwarded)?)
    } else {
        read(host, buffers.input, buffers.input_len)
    }
}

/// Fuel for a callee: what the caller names, as far as it has it, or (0) all it has.
fn fuel_for(host: &Host<'_>, limit: u64) -> Result<u64, Stop> {
    let left = gas::left(host)?;
    match limit {
        0 => Ok(left),
        limit => Ok((limit / GAS_PER_FUEL).min(left)),
    }
}

/// Runs a frame inside this one, at this one's expense.
async fn nest(host: &mut Host<'_>, task: Task) -> Result<Outcome, Stop> {
    let given = task.fuel;
    let session = host.data_mut().lend();
    let (session, ended) = execute(session, task).await;
    let query = session.is_query();
    host.data_mut().give_back(session);
    let left = gas::left(host)?.saturating_sub(given.saturating_sub(ended.fuel));
    gas::set_left(host, left)?;
    if let Outcome::Aborted(abort) = ended.outcome {
        return Err(abort.into());
    }
    if query && host.data_mut().slice_over(left) {
        pause().await;
    }
    Ok(ended.outcome)
}

/// Hands a callee's output to the caller.
fn conclude(host: &mut Host<'_>, call_flags: u32, outcome: Outcome, buffers: &Buffers) -> Result<u32, Stop> {
    match outcome {
        Outcome::Returned { flags, data } if call_flags & TAIL_CALL != 0 => Err(Stop::Return { flags, data }),
        Outcome::Returned { flags, data } => {
            write_wanted(host, buffers.output, buffers.output_len, &data)?;
            Ok(if flags & FLAG_REVERT != 0 { code::CALLEE_REVERTED } else { code::SUCCESS })
        }
        Outcome::Failed { callee: true, .. } => Ok(code::CALLEE_TRAPPED),
        Outcome::Failed { error, .. } => return_code(error),
        Outcome::Aborted(abort) => Err(abort.into()),
    }
}

/// The code of a failure that callers can handle; others are their own.
fn return_code(error: CallError) -> Result<u32, Stop> {
    match error {
        CallError::TransferFailed => Ok(code::TRANSFER_FAILED),
        CallError::CodeNotFound => Ok(code::CODE_NOT_FOUND),
        CallError::ContractNotFound => Ok(code::NOT_CALLABLE),
        error => Err(error.into()),
    }
}

pub(super) fn transfer(
    host: &mut Host<'_>,
    account: u32,
    _account_len: u32,
    value: u32,
    _value_len: u32,
) -> Result<u32, Stop> {
    deny_if_read_only(host)?;
    charge(host, gas::HOST + gas::TRANSFER)?;
    let to = read_account(host, account)?;
    let value = read_balance(host, value)?;
    let session = host.data_mut().session();
    match session.transfer(session.contract(), to, value) {
        Ok(()) => Ok(code::SUCCESS),
        Err(error) => return_code(error),
    }
}

pub(super) fn terminate_v0(host: &mut Host<'_>, beneficiary: u32, _beneficiary_len: u32) -> Result<(), Stop> {
    terminate_v1(host, beneficiary)
}

/// Ends the contract's life and gives its balance away.
pub(super) fn terminate_v1(host: &mut Host<'_>, beneficiary: u32) -> Result<(), Stop> {
    deny_if_read_only(host)?;
    charge(host, gas::HOST + 3 * gas::STORAGE_WRITE)?;
    let beneficiary = read_account(host, beneficiary)?;
    let session = host.data_mut().session();
    if session.is_recursive() {
        return Err(CallError::TerminatedWhileReentrant.into());
    }
    session.overlay.terminate(session.contract(), beneficiary);
    Err(Stop::Terminate)
}

/// Replaces the code from the next call on.
pub(super) fn set_code_hash(host: &mut Host<'_>, hash: u32) -> Result<u32, Stop> {
    deny_if_read_only(host)?;
    charge(host, gas::HOST + gas::STORAGE_READ + gas::STORAGE_WRITE)?;
    let hash = read_hash(host, hash)?;
    require_authority(host)?;
    let session = host.data_mut().session();
    if !session.has_code(&hash) {
        return Ok(code::CODE_NOT_FOUND);
    }
    let contract = session.contract();
    let mut info = session.info(&contract).ok_or(CallError::ContractNotFound)?;
    info.code = hash;
    session.overlay.set_contract(contract, Some(info));
    Ok(code::SUCCESS)
}

/// Notes that the contract will delegate to this code. Code is never removed here, so the note is all there is to it.
pub(super) fn lock_delegate_dependency(host: &mut Host<'_>, hash: u32) -> Result<(), Stop> {
    change_dependencies(host, hash, |session, locked, hash| {
        if session.info(&session.contract()).is_some_and(|info| info.code == hash) {
            return Err(CallError::CannotAddSelfAsDelegateDependency);
        }
        if !session.has_code(&hash) {
            return Err(CallError::CodeNotFound);
        }
        if locked.contains(&hash) {
            return Err(CallError::DelegateDependencyAlreadyExists);
        }
        if locked.len() >= DELEGATE_DEPENDENCIES_MAX {
            return Err(CallError::MaxDelegateDependenciesReached);
        }
        locked.insert(hash);
        Ok(())
    })
}

/// Takes back what [`lock_delegate_dependency`] noted.
pub(super) fn unlock_delegate_dependency(host: &mut Host<'_>, hash: u32) -> Result<(), Stop> {
    change_dependencies(host, hash, |_, locked, hash| {
        if locked.remove(&hash) { Ok(()) } else { Err(CallError::DelegateDependencyNotFound) }
    })
}

type Dependencies = BTreeSet<CodeHash>;

fn change_dependencies(
    host: &mut Host<'_>,
    hash: u32,
    change: fn(&Session, &mut Dependencies, CodeHash) -> Result<(), CallError>,
) -> Result<(), Stop> {
    deny_if_read_only(host)?;
    charge(host, gas::HOST + gas::STORAGE_READ + gas::STORAGE_WRITE)?;
    let hash = read_hash(host, hash)?;
    let session = host.data_mut().session();
    let contract = session.contract();
    let kept = session.overlay.storage(&*session.world, &contract, &DEPENDENCIES);
    let mut locked: Dependencies = kept
        .map_or(Ok(Dependencies::new()), |kept| decode_exact(&kept))
        .map_err(|_| broken("the dependencies do not decode"))?;
    change(session, &mut locked, hash)?;
    let kept = (!locked.is_empty()).then(|| locked.encode().into());
    Ok(session.overlay.set_storage(contract, DEPENDENCIES.to_vec(), kept)?)
}

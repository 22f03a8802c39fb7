//! Log, randomness, time, and facts about cluster and worker.

use super::{Reply, session};
use crate::{
    Mode,
    gas::{self, charge, charge_bytes},
    memory::Host,
    stop::Stop,
};
use parity_scale_codec::Encode;
use tallow_crypto::{Label, prf, random_bytes};
use tallow_types::{AccountId, CallError, CodeHash, CommandId, Hash};

/// The version of Phala's runtime whose behaviour this is.
const RUNTIME_VERSION: (u32, u32) = (1, 2);
/// Number of `JsValue::Exception`.
const JS_EXCEPTION: u8 = 5;
/// Levels of log lines: error is 1, trace is 5.
const LEVELS: std::ops::RangeInclusive<u8> = 1..=5;

/// Function 10: unknown levels count as errors.
pub(super) fn log(host: &mut Host<'_>, (level, text): (u8, String)) -> Result<Reply, Stop> {
    charge_bytes(host, gas::LOG, gas::LOG_BYTE, text.len())?;
    let session = session(host);
    let level = if LEVELS.contains(&level) { level } else { *LEVELS.start() };
    session.exchange.log(session.contract(), level, &text);
    Ok(Reply::value(&()))
}

/// Function 11: in a command, a pseudo-random function of the cluster's key, the command and the number of the draw:
/// unknown beforehand, equal on all replicas. In an estimate, of no command at all.
pub(super) fn random(host: &mut Host<'_>, length: u8) -> Result<Reply, Stop> {
    charge(host, gas::RANDOM_BLOCK * u64::from(length).div_ceil(32))?;
    let session = session(host);
    if session.is_compat() {
        return Ok(Reply::value(&Vec::<u8>::new()));
    }
    let command = match &session.mode {
        Mode::Query { .. } => return Ok(Reply::value(&random_bytes::<256>()[..length.into()].to_vec())),
        Mode::Command { id, .. } => *id,
        Mode::Estimate => CommandId::default(),
    };
    let draw = session.draws;
    session.draws += 1;
    let mut bytes = Vec::new();
    for block in 0..u32::from(length).div_ceil(32) {
        let parts: [&[u8]; 3] = [&command.0, &draw.to_le_bytes(), &block.to_le_bytes()];
        bytes.extend(prf(&session.env.random_key, Label::Random, &parts));
    }
    bytes.truncate(length.into());
    Ok(Reply::value(&bytes))
}

/// Function 12.
pub(super) fn is_in_transaction(host: &mut Host<'_>) -> Result<Reply, Stop> {
    Ok(Reply::value(&!session(host).is_query()))
}

/// Function 15.
pub(super) fn system_contract(host: &mut Host<'_>) -> Result<Reply, Stop> {
    let system = session(host).env.system_contract.ok_or(CallError::SystemContractMissing)?;
    Ok(Reply::value(&system))
}

/// Function 16: total and free, which are the same.
pub(super) fn balance_of(host: &mut Host<'_>, account: AccountId) -> Result<Reply, Stop> {
    charge(host, gas::STORAGE_READ)?;
    let balance = session(host).balance(&account);
    Ok(Reply::value(&(balance, balance)))
}

/// Function 17: zeros in commands, which no single worker runs.
pub(super) fn worker_public_key(host: &mut Host<'_>) -> Result<Reply, Stop> {
    let key = match &session(host).mode {
        Mode::Query { worker, .. } => *worker,
        Mode::Command { .. } | Mode::Estimate => [0; 32],
    };
    Ok(Reply::value(&key))
}

/// Function 18: the replica's clock in queries, block time in commands.
pub(super) fn time(host: &mut Host<'_>) -> Result<Reply, Stop> {
    let session = session(host);
    let time = match &session.mode {
        Mode::Query { clock_ms, .. } => *clock_ms,
        _ if session.is_compat() => 0,
        Mode::Command { .. } | Mode::Estimate => session.env.now_ms,
    };
    Ok(Reply::value(&time))
}

/// Function 19: there are no SideVM programs.
pub(super) fn code_exists(host: &mut Host<'_>, (hash, sidevm): (CodeHash, bool)) -> Result<Reply, Stop> {
    charge(host, gas::STORAGE_READ)?;
    Ok(Reply::value(&(!sidevm && session(host).has_code(&hash))))
}

/// Function 20: for the system contract alone, which has no newer code.
pub(super) fn import_latest_system_code(host: &mut Host<'_>, _payer: AccountId) -> Result<Reply, Stop> {
    let session = session(host);
    if session.env.system_contract != Some(session.contract()) {
        return Err(CallError::BadOrigin.into());
    }
    Ok(Reply::value(&None::<Hash>))
}

/// Function 21.
pub(super) fn runtime_version() -> Reply {
    Reply::value(&RUNTIME_VERSION)
}

/// Function 23: there is no event chain; receipts take its place.
pub(super) fn event_chain_head() -> Reply {
    Reply::value(&(0u64, Hash::default()))
}

/// Function 24: there is no JavaScript engine yet.
pub(super) fn js_eval(host: &mut Host<'_>) -> Result<Reply, Stop> {
    let text = match session(host).is_query() {
        true => "Js evaluation is not supported",
        false => "Js evaluation is not supported in transaction",
    };
    Ok(Reply::Value((JS_EXCEPTION, text).encode()))
}

/// Function 25: attestation is the network's business, so there is no quote to hand out.
pub(super) fn worker_quote() -> Reply {
    // `None` of an optional quote.
    Reply::Value(vec![0])
}

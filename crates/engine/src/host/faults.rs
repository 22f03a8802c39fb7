//! Host functions that are wrong, for the oracle to prove itself on (`conformance/oracle`). They are in no build that
//! does not ask for the feature `faults`, and in no engine that does not ask for one of them.

use super::{call, code, io, storage};
use crate::{
    bind::{Linkers, Suspending},
    memory::{Host, SENTINEL, read_u32, write, write_output},
    stop::Stop,
};

/// A fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// `seal2.set_storage` never tells how long the former value was.
    FormerLength,
    /// `seal1.get_storage` takes a buffer that fits exactly for one that is too small.
    ExactBuffer,
    /// `seal0.deposit_event` loses the last byte of the data.
    EventData,
    /// `seal1.call` always allows re-entrance.
    Reentrance,
    /// `seal0.transfer` tells of success when there was none.
    FailedTransfer,
    /// `seal0.caller` gives the origin.
    Caller,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::FormerLength, Self::ExactBuffer, Self::EventData, Self::Reentrance, Self::FailedTransfer, Self::Caller];
}

/// Puts the wrong function in the right one's place.
pub(crate) fn link(linkers: &mut Linkers, fault: Fault) -> wasmtime::Result<()> {
    linkers.command.allow_shadowing(true);
    linkers.query.allow_shadowing(true);
    match fault {
        Fault::FormerLength => linkers.define("seal2", "set_storage", set_storage)?,
        Fault::ExactBuffer => linkers.define("seal1", "get_storage", get_storage)?,
        Fault::EventData => linkers.define("seal0", "deposit_event", deposit_event)?,
        Fault::Reentrance => linkers.define_async("seal1", "call", reentrant_call)?,
        Fault::FailedTransfer => linkers.define("seal0", "transfer", transfer)?,
        Fault::Caller => linkers.define("seal0", "caller", caller)?,
    };
    Ok(())
}

fn set_storage(host: &mut Host<'_>, key: u32, key_len: u32, value: u32, value_len: u32) -> Result<u32, Stop> {
    storage::set_v2(host, key, key_len, value, value_len).map(|_| SENTINEL)
}

fn get_storage(host: &mut Host<'_>, key: u32, key_len: u32, out: u32, out_len: u32) -> Result<u32, Stop> {
    let capacity = read_u32(host, out_len)?;
    write(host, out_len, &capacity.saturating_sub(1).to_le_bytes())?;
    storage::get_v1(host, key, key_len, out, out_len)
}

fn deposit_event(host: &mut Host<'_>, topics: u32, topics_len: u32, data: u32, data_len: u32) -> Result<(), Stop> {
    io::deposit_event(host, topics, topics_len, data, data_len.saturating_sub(1))
}

type Call = (u32, u32, u64, u32, u32, u32, u32, u32);

fn reentrant_call(host: Host<'_>, call: Call) -> Suspending<'_> {
    const ALLOW_REENTRY: u32 = 8;
    let (flags, account, gas, value, input, input_len, output, output_len) = call;
    call::call_v1(host, (flags | ALLOW_REENTRY, account, gas, value, input, input_len, output, output_len))
}

fn transfer(host: &mut Host<'_>, account: u32, account_len: u32, value: u32, value_len: u32) -> Result<u32, Stop> {
    let sent = call::transfer(host, account, account_len, value, value_len)?;
    Ok(if sent == code::TRANSFER_FAILED { code::SUCCESS } else { sent })
}

fn caller(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    let origin = host.data_mut().session().origin;
    write_output(host, out, out_len, &origin.0)
}

//! Input, output, events, debug messages.

use super::code;
use crate::{
    gas::{self, charge, charge_bytes},
    memory::{Host, parts, read, read_encoded, view, write_output},
    stop::Stop,
};
use tallow_types::{
    CallError, Event, FLAG_REVERT, Hash,
    limits::{DEBUG_BYTES_MAX, EVENT_BYTES_MAX, EVENT_TOPICS_MAX, OUTPUT_BYTES_MAX},
};

/// Level of debug messages in the log.
const DEBUG_LEVEL: u8 = 4;
/// Bytes of the longest encoding of topics: one for their number, 32 each.
const TOPICS_BYTES_MAX: usize = 1 + EVENT_TOPICS_MAX * 32;

/// Gives the contract its input, as often as it asks; not after it was forwarded.
pub(super) fn input(host: &mut Host<'_>, out: u32, out_len: u32) -> Result<(), Stop> {
    charge(host, gas::HOST)?;
    let input = host.data_mut().input.take().ok_or(CallError::InputForwarded)?;
    write_output(host, out, out_len, &input)?;
    host.data_mut().input = Some(input);
    Ok(())
}

pub(super) fn seal_return(host: &mut Host<'_>, flags: u32, data: u32, data_len: u32) -> Result<(), Stop> {
    charge(host, gas::HOST)?;
    if flags & !FLAG_REVERT != 0 {
        return Err(CallError::InvalidCallFlags.into());
    }
    if data_len as usize > OUTPUT_BYTES_MAX {
        return Err(CallError::ValueTooLarge.into());
    }
    Err(Stop::Return { flags, data: read(host, data, data_len)? })
}

pub(super) fn deposit_event(
    host: &mut Host<'_>,
    topics: u32,
    topics_len: u32,
    data: u32,
    data_len: u32,
) -> Result<(), Stop> {
    let bytes = (topics_len as usize).min(TOPICS_BYTES_MAX) + (data_len as usize).min(EVENT_BYTES_MAX);
    charge_bytes(host, gas::HOST + gas::EVENT, gas::STORAGE_WRITE_BYTE, bytes)?;
    if data_len as usize > EVENT_BYTES_MAX {
        return Err(CallError::ValueTooLarge.into());
    }
    if topics_len as usize > TOPICS_BYTES_MAX {
        return Err(CallError::TooManyTopics.into());
    }
    let topics: Vec<Hash> = if topics_len == 0 { Vec::new() } else { read_encoded(host, topics, topics_len)? };
    if topics.len() > EVENT_TOPICS_MAX {
        return Err(CallError::TooManyTopics.into());
    }
    let data = read(host, data, data_len)?;
    let session = host.data_mut().session();
    let contract = session.contract();
    session.overlay.emit(Event { contract, topics, data })?;
    Ok(())
}

/// Keeps a line for the log; bytes that are not UTF-8 are replaced.
pub(super) fn debug_message(host: &mut Host<'_>, text: u32, text_len: u32) -> Result<u32, Stop> {
    charge_bytes(host, gas::HOST + gas::LOG, gas::COPY_BYTE, text_len as usize)?;
    let (memory, frame) = parts(host)?;
    let text = view(memory, text, text_len)?;
    let kept = &text[..text.len().min(DEBUG_BYTES_MAX)];
    let session = frame.session();
    session.exchange.log(session.contract(), DEBUG_LEVEL, &String::from_utf8_lossy(kept));
    Ok(code::SUCCESS)
}

/// There is no runtime to call, as in Phala.
pub(super) fn call_runtime(host: &mut Host<'_>, call: u32, call_len: u32) -> Result<u32, Stop> {
    charge(host, gas::HOST)?;
    let (memory, _) = parts(host)?;
    view(memory, call, call_len)?;
    Ok(code::CALL_RUNTIME_FAILED)
}

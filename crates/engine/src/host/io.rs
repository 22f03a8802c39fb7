//! Input, output, events, debug messages.

use super::{code, deny_if_read_only};
use crate::{
    gas::{self, charge, charge_bytes},
    memory::{Host, parts, read, view, write_output},
    stop::Stop,
};
use parity_scale_codec::{Compact, Decode};
use tallow_types::{
    CallError, Event, FLAG_REVERT, Hash,
    limits::{DEBUG_BYTES_MAX, EVENT_BYTES_MAX, EVENT_TOPICS_MAX, OUTPUT_BYTES_MAX, STORAGE_VALUE_BYTES_MAX},
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
    if data_len as usize > OUTPUT_BYTES_MAX {
        let (memory, _) = parts(host)?;
        view(memory, data, data_len)?;
        return Err(CallError::ValueTooLarge.into());
    }
    if host.data_mut().session().frames.len() == 1 {
        charge_bytes(host, 0, gas::OUTPUT_BYTE, data_len as usize)?;
    }
    let data = read(host, data, data_len)?;
    if flags & !FLAG_REVERT != 0 {
        return Err(CallError::InvalidCallFlags.into());
    }
    Err(Stop::Return { flags, data })
}

pub(super) fn deposit_event(
    host: &mut Host<'_>,
    topics: u32,
    topics_len: u32,
    data: u32,
    data_len: u32,
) -> Result<(), Stop> {
    deny_if_read_only(host)?;
    let bytes = (topics_len as usize).min(TOPICS_BYTES_MAX) + (data_len as usize).min(EVENT_BYTES_MAX);
    charge_bytes(host, gas::HOST + gas::EVENT, gas::STORAGE_WRITE_BYTE, bytes)?;
    if data_len as usize > STORAGE_VALUE_BYTES_MAX {
        return Err(CallError::ValueTooLarge.into());
    }
    let (memory, _) = parts(host)?;
    let topics = if topics_len == 0 { Vec::new() } else { decode_topics(view(memory, topics, topics_len)?)? };
    if view(memory, data, data_len)?.len() > EVENT_BYTES_MAX {
        return Err(CallError::ValueTooLarge.into());
    }
    let data = read(host, data, data_len)?;
    let session = host.data_mut().session();
    let contract = session.contract();
    session.overlay.emit(Event { contract, topics, data })?;
    Ok(())
}

/// Decodes topics. Whether they decode comes before how many they are, and neither takes memory.
fn decode_topics(mut encoded: &[u8]) -> Result<Vec<Hash>, CallError> {
    let Compact(count) = Compact::<u32>::decode(&mut encoded).map_err(|_| CallError::DecodingFailed)?;
    let (topics, rest) = encoded.as_chunks();
    if !rest.is_empty() || topics.len() != count as usize {
        return Err(CallError::DecodingFailed);
    }
    if topics.len() > EVENT_TOPICS_MAX {
        return Err(CallError::TooManyTopics);
    }
    Ok(topics.iter().copied().map(Hash).collect())
}

/// Keeps a line for the log, as much of it as ever can be kept; what is not UTF-8 is dropped.
pub(super) fn debug_message(host: &mut Host<'_>, text: u32, text_len: u32) -> Result<u32, Stop> {
    let length = text_len.min(DEBUG_BYTES_MAX as u32);
    charge_bytes(host, gas::HOST + gas::LOG, gas::LOG_BYTE, length as usize)?;
    let (memory, frame) = parts(host)?;
    let text = view(memory, text, length)?;
    let session = frame.session();
    if let Ok(text) = str::from_utf8(text) {
        session.exchange.log(session.contract(), DEBUG_LEVEL, text);
    }
    Ok(code::SUCCESS)
}

/// There is no runtime to call, as in Phala.
pub(super) fn call_runtime(host: &mut Host<'_>, call: u32, call_len: u32) -> Result<u32, Stop> {
    deny_if_read_only(host)?;
    charge(host, gas::HOST)?;
    let (memory, _) = parts(host)?;
    view(memory, call, call_len)?;
    Ok(code::CALL_RUNTIME_FAILED)
}

/// There is no other chain to send messages to: the message is looked at as far as its bounds.
pub(super) fn xcm_execute(host: &mut Host<'_>, message: u32, message_len: u32) -> Result<u32, Stop> {
    deny_if_read_only(host)?;
    charge(host, gas::HOST)?;
    let (memory, _) = parts(host)?;
    view(memory, message, message_len)?;
    Ok(code::XCM_EXECUTION_FAILED)
}

/// As [`xcm_execute`].
pub(super) fn xcm_send(
    host: &mut Host<'_>,
    destination: u32,
    message: u32,
    message_len: u32,
    _out: u32,
) -> Result<u32, Stop> {
    deny_if_read_only(host)?;
    charge(host, gas::HOST)?;
    let (memory, _) = parts(host)?;
    view(memory, destination, 1)?;
    view(memory, message, message_len)?;
    Ok(code::XCM_SEND_FAILED)
}

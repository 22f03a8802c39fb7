//! Comparing what came with what a scenario expects.

use crate::file::Expect;
use std::fmt::Write;
use tallow_abi::{Fields, Metadata, ReturnError, Value, parse_value};
use tallow_engine::Execution;
use tallow_types::{CallError, Event, Output};

/// What was called, to decode what it returned.
pub(crate) struct Called<'a> {
    pub(crate) metadata: Result<&'a Metadata, String>,
    pub(crate) input: Vec<u8>,
    pub(crate) constructor: bool,
}

/// What differs: name, expected, got.
type Difference = (String, String, String);

/// Holds an execution against its expectations.
pub(crate) fn compare(expect: &Expect, check_log: bool, execution: &Execution, called: &Called<'_>) -> Vec<Difference> {
    let mut found = match &execution.result {
        Ok(output) => returned(expect, output, called),
        Err(error) => failed(expect, error),
    };
    if let Some(expected) = &expect.events {
        found.extend(compare_lists("events", expected, &execution.events, show_event));
    }
    if let Some(expected) = expect.pink_log.as_ref().filter(|_| check_log) {
        let got: Vec<_> = execution.logs.iter().map(|line| (line.level, line.text.clone())).collect();
        found.extend(compare_lists("pink_log", expected, &got, |(level, text)| format!("[{level}, {text:?}]")));
    }
    found
}

fn returned(expect: &Expect, output: &Output, called: &Called<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    let shown = || show_output(output, called);
    if let Some(hint) = &expect.trap {
        found.push(difference("trap", format!("a failure without a return value ({hint})"), shown()));
    }
    if let Some(error) = &expect.error {
        found.push(difference("error", error, shown()));
    }
    if let Some(flags) = expect.flags.filter(|flags| *flags != output.flags) {
        found.push(difference("flags", flags.to_string(), shown()));
    }
    match (&expect.data_prefix, &expect.data) {
        (Some(prefix), _) if !output.data.starts_with(prefix) => {
            found.push(bytes_difference("data_prefix", prefix, &output.data));
        }
        (None, Some(data)) if output.data != *data => found.push(bytes_difference("data", data, &output.data)),
        _ => (),
    }
    if let Some(value) = &expect.value {
        found.extend(compare_value(value, output, called));
    }
    if let Some(address) = expect.address.filter(|address| Some(*address) != output.created) {
        let got = output.created.map_or_else(|| "no contract was made".to_owned(), |made| made.to_string());
        found.push(difference("address", address.to_string(), got));
    }
    found
}

fn failed(expect: &Expect, error: &CallError) -> Vec<Difference> {
    let shown = format!("error {} ({error})", error.name());
    if let Some(expected) = expect.error.as_ref().filter(|expected| **expected != error.name()) {
        return vec![difference("error", expected, shown)];
    }
    let wanted = [
        ("flags", expect.flags.map(|flags| flags.to_string())),
        ("data_prefix", expect.data_prefix.as_deref().map(show_bytes)),
        // A prefix stands for the data.
        ("data", expect.data.as_deref().filter(|_| expect.data_prefix.is_none()).map(show_bytes)),
        ("value", expect.value.clone()),
        ("address", expect.address.map(|address| address.to_string())),
    ];
    let missing = wanted.into_iter().filter_map(|(what, expected)| Some(difference(what, expected?, shown.clone())));
    // One difference says it all.
    missing.take(1).collect()
}

fn difference(what: &str, expected: impl Into<String>, got: impl Into<String>) -> Difference {
    (what.to_owned(), expected.into(), got.into())
}

/// Compares encodings, so that spelling does not matter: `1_000` is `1000`, and a struct's name may be left out.
fn compare_value(text: &str, output: &Output, called: &Called<'_>) -> Option<Difference> {
    let got = match decoded(output, called) {
        Ok(got) => got,
        Err(reason) => return Some(difference("value", text, reason)),
    };
    match expected_encodings(text, called) {
        Ok(encodings) if encodings.contains(&output.data) => None,
        Ok(_) => Some(difference("value", text, got.to_string())),
        // Only an error of the dispatch itself can be of no value's type.
        Err(_)
            if parse_value(text)
                .is_ok_and(|expected| matches!(&got, Decoded::Lang(_)) && expected.to_string() == got.to_string()) =>
        {
            None
        }
        Err(reason) => Some(difference("value", text, format!("{got}; the expected value does not fit: {reason}"))),
    }
}

/// What a return buffer holds.
enum Decoded {
    Value(Value),
    /// The contract's dispatch failed.
    Lang(Value),
}

impl std::fmt::Display for Decoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(value) => write!(f, "{value}"),
            Self::Lang(error) => write!(f, "Err({error})"),
        }
    }
}

fn decoded(output: &Output, called: &Called<'_>) -> Result<Decoded, String> {
    let (metadata, label) = called.by_name()?;
    let result = match called.constructor {
        true => metadata.decode_constructed(label, &output.data),
        false => metadata.decode_return(label, &output.data),
    };
    match result {
        Ok(value) => Ok(Decoded::Value(value)),
        Err(ReturnError::Lang(error)) => Ok(Decoded::Lang(error)),
        Err(error) => Err(error.to_string()),
    }
}

/// The return buffers that a text may stand for: with the outer `Ok` of ink! 4 and later left out, or written down.
fn expected_encodings(text: &str, called: &Called<'_>) -> Result<Vec<Vec<u8>>, String> {
    let (metadata, label) = called.by_name()?;
    let encode = |text: &str| match called.constructor {
        true => metadata.encode_constructed(label, text),
        false => metadata.encode_return(label, text),
    };
    let inner = match parse_value(text) {
        Ok(Value::Variant { name, fields: Fields::Unnamed(mut fields) }) if name == "Ok" && fields.len() == 1 => {
            fields.pop()
        }
        _ => None,
    };
    match (encode(text), inner.map(|inner| encode(&inner.to_string()))) {
        (Ok(plain), _) => Ok(vec![plain]),
        (Err(_), Some(Ok(inner))) => Ok(vec![inner]),
        (Err(error), _) => Err(error.to_string()),
    }
}

impl Called<'_> {
    /// The metadata, and the label of what the input calls.
    fn by_name(&self) -> Result<(&Metadata, &str), String> {
        let metadata = self.metadata.as_ref().map_err(|reason| format!("the value cannot be decoded: {reason}"))?;
        let found = match self.constructor {
            true => metadata.constructor_of(&self.input),
            false => metadata.message_of(&self.input),
        };
        let message = found.ok_or("the value cannot be decoded: the metadata has no message of this selector")?;
        Ok((metadata, &message.label))
    }
}

/// Flags and data, and the decoded value when there is metadata.
fn show_output(output: &Output, called: &Called<'_>) -> String {
    let mut text = format!("flags {}, data {}", output.flags, show_bytes(&output.data));
    if let Ok(value) = decoded(output, called) {
        // Writing to a string cannot fail.
        let _ = write!(text, " ({})", shortened(&value.to_string()));
    }
    text
}

fn compare_lists<T: PartialEq>(what: &str, expected: &[T], got: &[T], show: fn(&T) -> String) -> Option<Difference> {
    let at = (0..expected.len().max(got.len())).find(|&i| expected.get(i) != got.get(i))?;
    let show = |list: &[T]| list.get(at).map_or_else(|| format!("none; there are {}", list.len()), show);
    Some(difference(&format!("{what}[{at}]"), show(expected), show(got)))
}

fn show_event(event: &Event) -> String {
    let topics: Vec<String> = event.topics.iter().map(ToString::to_string).collect();
    format!("contract {}, topics [{}], data {}", event.contract, topics.join(", "), show_bytes(&event.data))
}

/// Bytes shown of one value.
const BYTES_SHOWN_MAX: usize = 256;

fn show_bytes(bytes: &[u8]) -> String {
    match bytes.get(..BYTES_SHOWN_MAX) {
        Some(start) if bytes.len() > BYTES_SHOWN_MAX => format!("0x{}.. ({} bytes)", hex::encode(start), bytes.len()),
        _ => format!("0x{}", hex::encode(bytes)),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(BYTES_SHOWN_MAX) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}

/// Shows long bytes from where they differ.
fn bytes_difference(what: &str, expected: &[u8], got: &[u8]) -> Difference {
    if expected.len().max(got.len()) <= BYTES_SHOWN_MAX {
        return difference(what, show_bytes(expected), show_bytes(got));
    }
    let same = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    let rest = |bytes: &[u8]| format!("from byte {same} on {}", show_bytes(&bytes[same..]));
    difference(what, rest(expected), rest(got))
}

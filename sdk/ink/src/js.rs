//! JavaScript, run by the host in queries.

use crate::host::{call, Function, SMALL};
use alloc::{string::String, vec::Vec};
use parity_scale_codec::{Decode, Encode};

/// A piece of a script.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Code {
    /// Source text.
    Source(String),
    /// Compiled by the host's own engine.
    Bytecode(Vec<u8>),
}

/// What a script ended with.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Value {
    /// `undefined`.
    Undefined,
    /// `null`.
    Null,
    /// A string.
    String(String),
    /// A byte array.
    Bytes(Vec<u8>),
    /// Anything else, as JSON.
    Other(String),
    /// The script threw, or the host does not run scripts here.
    Exception(String),
}

/// Runs the pieces in order with these arguments.
pub fn eval(codes: &[Code], arguments: &[String]) -> Value {
    call(Function::JsEval, &(codes, arguments), 8 * SMALL)
}

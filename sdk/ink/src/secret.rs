//! Secrets: values that the contract's owner sealed for it by `tallow secret set`, such as the token of a service.
//!
//! They are not in the contract's storage, and change without a new deployment. Tallow's own; Phala's host has none.
//! Code that runs in a delegate call gets none: the call of the host traps it.

use crate::host::{call, Function, SMALL};
use alloc::{string::String, vec::Vec};

/// Room for the largest secret and its encoding.
const CAPACITY: usize = SMALL + 16;

/// A secret as text; `None` when there is none of this name, or it is not UTF-8.
///
/// ```ignore
/// let token = tallow_ink::secret::get("API_TOKEN").ok_or(Error::NoToken)?;
/// ```
pub fn get(name: &str) -> Option<String> {
    get_bytes(name).and_then(|bytes| String::from_utf8(bytes).ok())
}

/// A secret's bytes; `None` when there is none of this name.
pub fn get_bytes(name: &str) -> Option<Vec<u8>> {
    call(Function::SecretGet, &name, CAPACITY)
}

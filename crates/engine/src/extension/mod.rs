//! Tallow's own chain extension: what Phala's has no function for. Contracts that expect Phala's runtime do not have it.

mod secrets;
mod timers;

use crate::{
    chain_extension::{Reply, decode, session},
    memory::Host,
    stop::Stop,
};
use tallow_types::CallError;

/// Runs a function.
pub(crate) fn dispatch(host: &mut Host<'_>, function: u32, input: &[u8]) -> Result<Reply, Stop> {
    match function {
        1 => timers::set(host, decode(input)?),
        2 => timers::cancel(host, decode(input)?),
        3 => timers::list(host),
        16 => secrets::get(host, decode(input)?),
        other => Err(CallError::UnknownChainExtensionFunction(other).into()),
    }
}

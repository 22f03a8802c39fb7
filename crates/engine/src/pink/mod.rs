//! Phala's chain extension, which the `pink` crate and our own guest crate speak: HTTP, keys, cache, log, randomness.
//!
//! Numbers and encodings are those of `pink` 0.4. Queries behave as on Phala. Commands may use HTTP, randomness and
//! time, all of them decided by the log; under [`tallow_types::Compat::Phala`] they behave as Phala's transactions did.

mod cache;
mod http;
mod keys;
mod surroundings;

use crate::{
    chain_extension::{Reply, decode, session},
    gas::{self, charge_bytes},
    memory::Host,
    stop::Stop,
};
use tallow_types::CallError;

/// Runs a function.
pub(crate) async fn dispatch(host: &mut Host<'_>, function: u32, input: &[u8]) -> Result<Reply, Stop> {
    if matches!(function, 1 | 22) {
        charge_bytes(host, 0, gas::DECODE_BYTE, input.len())?;
    }
    match function {
        1 => http::request(host, decode(input)?).await,
        2 => keys::sign(host, decode(input)?),
        3 => keys::verify(host, decode(input)?),
        4 => keys::derive_sr25519_key(host, decode(input)?),
        5 => keys::public_key(host, decode(input)?),
        6 => cache::set(host, decode(input)?),
        7 => cache::set_expiration(host, decode(input)?),
        8 => cache::get(host, decode(input)?),
        9 => cache::remove(host, decode(input)?),
        10 => surroundings::log(host, decode(input)?),
        11 => surroundings::random(host, decode(input)?),
        12 => surroundings::is_in_transaction(host),
        13 => keys::ecdsa_sign_prehashed(host, decode(input)?),
        14 => keys::ecdsa_verify_prehashed(host, decode(input)?),
        15 => surroundings::system_contract(host),
        16 => surroundings::balance_of(host, decode(input)?),
        17 => surroundings::worker_public_key(host),
        18 => surroundings::time(host),
        19 => surroundings::code_exists(host, decode(input)?),
        20 => surroundings::import_latest_system_code(host, decode(input)?),
        21 => Ok(surroundings::runtime_version()),
        22 => http::batch(host, decode(input)?).await,
        23 => Ok(surroundings::event_chain_head()),
        24 => surroundings::js_eval(host),
        25 => Ok(surroundings::worker_quote()),
        other => Err(CallError::UnknownChainExtensionFunction(other).into()),
    }
}

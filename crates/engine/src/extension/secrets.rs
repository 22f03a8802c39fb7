//! Secrets: values that a contract's owner keeps for it in the cluster's state.

use crate::{
    chain_extension::{Reply, session},
    gas::{self, charge, charge_bytes},
    memory::Host,
    stop::Stop,
};
use tallow_types::CallError;

/// Function 16: a secret of the running contract, by name.
///
/// In a delegate call the code is another's while the contract is the caller's. Whoever lends its storage to other code
/// has thought of its storage; so that code gets no secrets, nor does a frame of the contract that it calls, and the call
/// fails rather than pretend that there are none.
pub(super) fn get(host: &mut Host<'_>, name: String) -> Result<Reply, Stop> {
    charge(host, gas::STORAGE_READ)?;
    let session = session(host);
    if !session.has_authority() {
        return Err(CallError::SecretsDenied.into());
    }
    let secret = session.world.secret(&session.contract(), &name);
    charge_bytes(host, 0, gas::COPY_BYTE, secret.as_ref().map_or(0, |secret| secret.0.len()))?;
    Ok(Reply::value(&secret))
}

//! Keys and signatures. Signing is deterministic, so it is the same in queries and commands. Code that a contract lends its
//! storage to derives no keys and does not sign in its name.

use super::{Reply, session};
use crate::{
    gas::{self, charge, charge_bytes},
    host::require_authority,
    memory::Host,
    stop::Stop,
};
use tallow_crypto::contract::{self, InvalidKey, SigType};
use tallow_types::CallError;

fn invalid_key(_: InvalidKey) -> Stop {
    CallError::DecodingFailed.into()
}

/// Function 2: Phala's transactions gave nothing for sr25519, whose signatures were random there.
pub(super) fn sign(host: &mut Host<'_>, (scheme, key, message): (SigType, Vec<u8>, Vec<u8>)) -> Result<Reply, Stop> {
    require_authority(host)?;
    charge_bytes(host, gas::SIGNATURE, gas::HASH_BYTE, message.len())?;
    if session(host).is_compat() && scheme == SigType::Sr25519 {
        return Ok(Reply::value(&Vec::<u8>::new()));
    }
    Ok(Reply::value(&contract::sign(scheme, &key, &message).map_err(invalid_key)?))
}

type Signed = (SigType, Vec<u8>, Vec<u8>, Vec<u8>);

/// Function 3.
pub(super) fn verify(host: &mut Host<'_>, (scheme, key, message, signature): Signed) -> Result<Reply, Stop> {
    charge_bytes(host, gas::SIGNATURE, gas::HASH_BYTE, message.len())?;
    Ok(Reply::value(&contract::verify(scheme, &key, &message, &signature)))
}

/// Function 4: derived from the cluster's key for this contract and salt.
pub(super) fn derive_sr25519_key(host: &mut Host<'_>, salt: Vec<u8>) -> Result<Reply, Stop> {
    require_authority(host)?;
    charge_bytes(host, gas::DERIVE, gas::HASH_BYTE, salt.len())?;
    let session = session(host);
    let contract = session.contract();
    let key = contract::derive_sr25519(&session.env.cluster_key, &[&contract.0, &salt, b"keygen"]);
    Ok(Reply::value(&key.expose().to_vec()))
}

/// Function 5.
pub(super) fn public_key(host: &mut Host<'_>, (scheme, key): (SigType, Vec<u8>)) -> Result<Reply, Stop> {
    charge(host, gas::PUBLIC_KEY)?;
    Ok(Reply::value(&contract::public_key(scheme, &key).map_err(invalid_key)?))
}

/// Function 13.
pub(super) fn ecdsa_sign_prehashed(host: &mut Host<'_>, (key, hash): (Vec<u8>, [u8; 32])) -> Result<Reply, Stop> {
    require_authority(host)?;
    charge(host, gas::SIGNATURE)?;
    Ok(Reply::value(&contract::ecdsa_sign_prehashed(&key, &hash).map_err(invalid_key)?))
}

type Prehashed = ([u8; 65], [u8; 32], [u8; 33]);

/// Function 14.
pub(super) fn ecdsa_verify_prehashed(host: &mut Host<'_>, (signature, hash, key): Prehashed) -> Result<Reply, Stop> {
    charge(host, gas::SIGNATURE)?;
    Ok(Reply::value(&contract::ecdsa_verify_prehashed(&signature, &hash, &key)))
}

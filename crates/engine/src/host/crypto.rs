//! Hashes and signatures.

use super::code;
use crate::{
    gas::{self, charge, charge_bytes},
    memory::{Host, parts, read, read_array, view, write},
    stop::Stop,
};
use tallow_crypto::{blake2b_128, blake2b_256, contract, keccak_256, sha2_256};

pub(super) fn hash_sha2_256(host: &mut Host<'_>, input: u32, input_len: u32, out: u32) -> Result<(), Stop> {
    hash(host, (input, input_len), out, gas::HASH_BYTE, sha2_256)
}

pub(super) fn hash_keccak_256(host: &mut Host<'_>, input: u32, input_len: u32, out: u32) -> Result<(), Stop> {
    hash(host, (input, input_len), out, gas::KECCAK_BYTE, keccak_256)
}

pub(super) fn hash_blake2_256(host: &mut Host<'_>, input: u32, input_len: u32, out: u32) -> Result<(), Stop> {
    hash(host, (input, input_len), out, gas::HASH_BYTE, blake2b_256)
}

pub(super) fn hash_blake2_128(host: &mut Host<'_>, input: u32, input_len: u32, out: u32) -> Result<(), Stop> {
    hash(host, (input, input_len), out, gas::HASH_BYTE, blake2b_128)
}

fn hash<const N: usize>(
    host: &mut Host<'_>,
    (input, input_len): (u32, u32),
    out: u32,
    per_byte: u64,
    function: fn(&[u8]) -> [u8; N],
) -> Result<(), Stop> {
    charge_bytes(host, gas::HOST + gas::HASH, per_byte, input_len as usize)?;
    let (memory, _) = parts(host)?;
    let digest = function(view(memory, input, input_len)?);
    write(host, out, &digest)
}

/// Recovers a compressed public key from a 65-byte signature over a hash.
pub(super) fn ecdsa_recover(host: &mut Host<'_>, signature: u32, hash: u32, out: u32) -> Result<u32, Stop> {
    charge(host, gas::HOST + gas::SIGNATURE)?;
    let signature: [u8; 65] = read_array(host, signature)?;
    let hash: [u8; 32] = read_array(host, hash)?;
    match contract::ecdsa_recover(&signature, &hash) {
        Some(key) => write(host, out, &key).map(|()| code::SUCCESS),
        None => Ok(code::ECDSA_RECOVERY_FAILED),
    }
}

pub(super) fn ecdsa_to_eth_address(host: &mut Host<'_>, key: u32, out: u32) -> Result<u32, Stop> {
    charge(host, gas::HOST + gas::SIGNATURE)?;
    let key: [u8; 33] = read_array(host, key)?;
    match contract::ecdsa_to_eth_address(&key) {
        Some(address) => write(host, out, &address).map(|()| code::SUCCESS),
        None => Ok(code::ECDSA_RECOVERY_FAILED),
    }
}

pub(super) fn sr25519_verify(
    host: &mut Host<'_>,
    signature: u32,
    key: u32,
    message_len: u32,
    message: u32,
) -> Result<u32, Stop> {
    charge_bytes(host, gas::HOST + gas::SIGNATURE, gas::HASH_BYTE, message_len as usize)?;
    let signature: [u8; 64] = read_array(host, signature)?;
    let key: [u8; 32] = read_array(host, key)?;
    let message = read(host, message, message_len)?;
    Ok(if contract::sr25519_verify(&signature, &key, &message) { code::SUCCESS } else { code::SR25519_VERIFY_FAILED })
}

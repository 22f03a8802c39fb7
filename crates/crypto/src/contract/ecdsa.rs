//! Secp256k1 as `sp_core` has it: 65-byte recoverable signatures, 33-byte compressed keys.

use super::InvalidKey;
use crate::keccak_256;
use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};

/// Ethereum writes recovery ids from here on.
const ETHEREUM_RECOVERY_BASE: u8 = 27;

/// Signs a hash: r ‖ s ‖ v, with low s and v from 0 (RFC 6979).
///
/// # Errors
/// [`InvalidKey`] unless the key is 32 bytes, not zero and below the curve's order.
pub fn ecdsa_sign_prehashed(key: &[u8], hash: &[u8; 32]) -> Result<[u8; 65], InvalidKey> {
    let (signature, recovery) = signing_key(key)?.sign_prehash_recoverable(hash);
    let mut bytes = [0; 65];
    bytes[..64].copy_from_slice(&signature.to_bytes());
    bytes[64] = recovery.to_byte();
    Ok(bytes)
}

/// Whether the key that `signature` recovers to is `public`.
pub fn ecdsa_verify_prehashed(signature: &[u8; 65], hash: &[u8; 32], public: &[u8; 33]) -> bool {
    recover(signature, signature[64], hash).as_ref() == Some(public)
}

/// The key that made `signature` over `hash`; v may count from 0 or, as Ethereum's does, from 27.
pub fn ecdsa_recover(signature: &[u8; 65], hash: &[u8; 32]) -> Option<[u8; 33]> {
    let v = signature[64];
    recover(signature, v.checked_sub(ETHEREUM_RECOVERY_BASE).unwrap_or(v), hash)
}

/// The Ethereum address of a compressed public key: the last 20 bytes of the Keccak-256 of the point.
pub fn ecdsa_to_eth_address(public: &[u8; 33]) -> Option<[u8; 20]> {
    let point = VerifyingKey::from_sec1_bytes(public).ok()?.to_sec1_point(false);
    let hash = keccak_256(point.as_bytes().get(1..)?);
    hash.last_chunk().copied()
}

pub(super) fn public(key: &[u8]) -> Result<[u8; 33], InvalidKey> {
    compressed(signing_key(key)?.verifying_key()).ok_or(InvalidKey)
}

fn signing_key(key: &[u8]) -> Result<SigningKey, InvalidKey> {
    // `from_slice` would pad shorter keys.
    let key: &[u8; 32] = key.try_into().map_err(|_| InvalidKey)?;
    SigningKey::from_bytes(key.into()).map_err(|_| InvalidKey)
}

fn recover(signature: &[u8; 65], v: u8, hash: &[u8; 32]) -> Option<[u8; 33]> {
    let recovery = RecoveryId::from_byte(v)?;
    let signature = Signature::from_slice(&signature[..64]).ok()?;
    compressed(&VerifyingKey::recover_from_prehash(hash, &signature, recovery).ok()?)
}

fn compressed(key: &VerifyingKey) -> Option<[u8; 33]> {
    key.to_sec1_point(true).as_bytes().try_into().ok()
}

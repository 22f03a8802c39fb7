//! Cryptography that contracts call, in the formats they know from Phala's runtime: keys, signatures and addresses are
//! byte for byte those of `sp_core`.
//!
//! Everything here is deterministic, so that all replicas get the same result.

mod deterministic;
mod ecdsa;

pub use ecdsa::{ecdsa_recover, ecdsa_sign_prehashed, ecdsa_to_eth_address, ecdsa_verify_prehashed};

use crate::{Secret, blake2b_256, sign::SR25519_CONTEXT, verify as verify_typed};
use ed25519_dalek::Signer;
use hkdf::Hkdf;
use schnorrkel::{ExpansionMode, MiniSecretKey, SecretKey};
use tallow_types::{AccountId, ClusterId, CodeHash, PublicKey, Signature};

/// Salt of Phala's key derivation: the genesis hash of its fourth proof-of-concept network.
const KDF_SALT: [u8; 32] = [
    0x18, 0xe8, 0x76, 0xad, 0xfa, 0x74, 0xcc, 0x74, 0x3b, 0x4b, 0x7d, 0x7f, 0x92, 0xc9, 0x6e, 0x03, 0xde, 0x55, 0x9a,
    0x3c, 0x15, 0x27, 0x05, 0x81, 0xfc, 0xe4, 0x45, 0x96, 0x3d, 0x90, 0xf8, 0x5e,
];

/// A signature scheme, numbered as in Phala's chain extension.
#[derive(Clone, Copy, PartialEq, Eq, Debug, parity_scale_codec::Encode, parity_scale_codec::Decode)]
pub enum SigType {
    /// Ed25519: 32-byte seed, 32-byte public key, 64-byte signature.
    Ed25519,
    /// Sr25519: 32-byte seed or 64-byte secret (scalar ‖ nonce), 32-byte public key, 64-byte signature.
    Sr25519,
    /// Secp256k1 over BLAKE2b-256: 32-byte secret, 33-byte public key, 65-byte signature (r ‖ s ‖ v).
    Ecdsa,
}

/// The bytes are not a secret key of the scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a secret key of this signature scheme")]
pub struct InvalidKey;

/// Signs `message`.
///
/// # Errors
/// [`InvalidKey`]
pub fn sign(scheme: SigType, key: &[u8], message: &[u8]) -> Result<Vec<u8>, InvalidKey> {
    Ok(match scheme {
        SigType::Ed25519 => ed25519_key(key)?.sign(message).to_bytes().to_vec(),
        SigType::Sr25519 => {
            let key = sr25519_key(key)?.to_keypair();
            let transcript = schnorrkel::signing_context(SR25519_CONTEXT).bytes(message);
            key.sign(deterministic::derandomised(transcript)).to_bytes().to_vec()
        }
        SigType::Ecdsa => ecdsa_sign_prehashed(key, &blake2b_256(message))?.to_vec(),
    })
}

/// Whether `signature` is `public`'s over `message`; false for anything of the wrong length.
pub fn verify(scheme: SigType, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match scheme {
        SigType::Ed25519 => verify_64(public, message, signature, PublicKey::Ed25519),
        SigType::Sr25519 => verify_64(public, message, signature, PublicKey::Sr25519),
        SigType::Ecdsa => match (public.try_into(), signature.try_into()) {
            (Ok(public), Ok(signature)) => ecdsa_verify_prehashed(signature, &blake2b_256(message), public),
            _ => false,
        },
    }
}

fn verify_64(public: &[u8], message: &[u8], signature: &[u8], typed: fn([u8; 32]) -> PublicKey) -> bool {
    match (public.try_into(), signature.try_into()) {
        (Ok(public), Ok(signature)) => verify_typed(&typed(public), message, &Signature(signature)),
        _ => false,
    }
}

/// The public key of a secret key: 32, 32 or 33 bytes.
///
/// # Errors
/// [`InvalidKey`]
pub fn public_key(scheme: SigType, key: &[u8]) -> Result<Vec<u8>, InvalidKey> {
    Ok(match scheme {
        SigType::Ed25519 => ed25519_key(key)?.verifying_key().to_bytes().to_vec(),
        SigType::Sr25519 => sr25519_key(key)?.to_public().to_bytes().to_vec(),
        SigType::Ecdsa => ecdsa::public(key)?.to_vec(),
    })
}

/// Whether an sr25519 signature is `public`'s over `message`.
pub fn sr25519_verify(signature: &[u8; 64], public: &[u8; 32], message: &[u8]) -> bool {
    verify_typed(&PublicKey::Sr25519(*public), message, &Signature(*signature))
}

fn ed25519_key(key: &[u8]) -> Result<ed25519_dalek::SigningKey, InvalidKey> {
    key.try_into().map(ed25519_dalek::SigningKey::from_bytes).map_err(|_| InvalidKey)
}

/// The key that `sp_core` makes of these bytes: a mini secret or an expanded secret in canonical form.
fn sr25519_key(key: &[u8]) -> Result<SecretKey, InvalidKey> {
    match key.len() {
        32 => MiniSecretKey::from_bytes(key).map(|mini| mini.expand(ExpansionMode::Ed25519)),
        _ => SecretKey::from_bytes(key),
    }
    .map_err(|_| InvalidKey)
}

/// The 64-byte secret (scalar ‖ nonce) of a 32-byte seed.
pub fn sr25519_expand(seed: &Secret<[u8; 32]>) -> Secret<[u8; 64]> {
    let mini = MiniSecretKey::from_bytes(seed.expose()).expect("a mini secret is any 32 bytes");
    Secret::new(mini.expand(ExpansionMode::Ed25519).to_bytes())
}

/// The public key of a 64-byte secret.
///
/// # Panics
/// When the secret was not made by [`sr25519_expand`] or [`derive_sr25519`]: its scalar is not canonical.
pub fn sr25519_public(secret: &Secret<[u8; 64]>) -> [u8; 32] {
    SecretKey::from_bytes(secret.expose()).expect("expanded secrets are canonical").to_public().to_bytes()
}

/// Phala's key derivation: HKDF-SHA256 of the secret, with the concatenation of `info`, to a seed that is expanded.
pub fn derive_sr25519(secret: &Secret<[u8; 64]>, info: &[&[u8]]) -> Secret<[u8; 64]> {
    let mut seed = [0; 32];
    Hkdf::<sha2::Sha256>::new(Some(&KDF_SALT), secret.expose())
        .expand_multi_info(info, &mut seed)
        .expect("32 bytes are less than HKDF can give");
    sr25519_expand(&Secret::new(seed))
}

/// The address of a contract: BLAKE2b-256 of deployer, code, cluster and salt, as Phala's.
pub fn contract_address(deployer: &AccountId, code: &CodeHash, cluster: &ClusterId, salt: &[u8]) -> AccountId {
    AccountId(blake2b_256(&[&deployer.0, &code.0, &cluster.0, salt].concat()))
}

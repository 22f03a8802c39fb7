//! Keys and signatures. Private keys are derived for the contract by the cluster; no other contract can derive them.

use crate::host::{call, Function, SMALL};
use alloc::vec::Vec;
use parity_scale_codec::{Decode, Encode};

/// A signature scheme.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Scheme {
    /// Private key: 32-byte seed; public key 32 bytes; signature 64 bytes.
    Ed25519,
    /// Private key: 64 bytes; public key 32 bytes; signature 64 bytes, context "substrate".
    Sr25519,
    /// secp256k1 over BLAKE2b-256 of the message. Private key: 32 bytes; public key 33 bytes; signature 65 bytes.
    Ecdsa,
}

/// A 64-byte sr25519 private key that belongs to this contract and salt; its first 32 bytes serve as a seed for the
/// other schemes.
pub fn derive_sr25519_key(salt: &[u8]) -> [u8; 64] {
    let key: Vec<u8> = call(Function::DeriveSr25519Key, &salt, SMALL);
    key.try_into().unwrap_or_else(|_| panic!("the host derives keys of 64 bytes"))
}

/// The public key of a private key. A malformed key traps the contract.
pub fn public_key(scheme: Scheme, private_key: &[u8]) -> Vec<u8> {
    call(Function::PublicKey, &(scheme, private_key), SMALL)
}

/// Signs. A malformed key traps the contract. Phala's host does not sign with sr25519 in commands: the result is
/// empty there.
pub fn sign(scheme: Scheme, private_key: &[u8], message: &[u8]) -> Vec<u8> {
    call(Function::Sign, &(scheme, private_key, message), SMALL)
}

/// Whether a signature is right.
pub fn verify(scheme: Scheme, public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    call(Function::Verify, &(scheme, public_key, message, signature), SMALL)
}

/// Signs a digest with secp256k1, recoverable: `r`, `s`, recovery id.
pub fn ecdsa_sign_prehashed(private_key: &[u8], digest: &[u8; 32]) -> [u8; 65] {
    call(Function::EcdsaSignPrehashed, &(private_key, digest), SMALL)
}

/// Whether a secp256k1 signature of a digest is right.
pub fn ecdsa_verify_prehashed(signature: &[u8; 65], digest: &[u8; 32], public_key: &[u8; 33]) -> bool {
    call(Function::EcdsaVerifyPrehashed, &(signature, digest, public_key), SMALL)
}

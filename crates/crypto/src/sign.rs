//! Signatures of callers and workers: ed25519 and sr25519.

use crate::{Secret, UriError, random_bytes, uri};
use ed25519_dalek::Signer;
use schnorrkel::{ExpansionMode, MiniSecretKey};
use tallow_types::{AccountId, PublicKey, Signature, WorkerId};

/// Signing context of every sr25519 signature of the Substrate ecosystem.
pub(crate) const SR25519_CONTEXT: &[u8] = b"substrate";

/// Whether `signature` is `key`'s over `message`.
///
/// Ed25519 is verified strictly: no small-order keys, no malleable signatures.
pub fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    VerifyingKey::new(key).is_some_and(|key| key.verify(message, signature))
}

/// Whether `signature` is the worker's over `message`.
pub fn verify_worker(worker: &WorkerId, message: &[u8], signature: &Signature) -> bool {
    VerifyingKey::worker(worker).is_some_and(|key| key.verify(message, signature))
}

/// A public key made ready for verifying many signatures: its point is decompressed once.
#[derive(Clone)]
pub struct VerifyingKey(Ready);

#[derive(Clone)]
enum Ready {
    Ed25519(ed25519_dalek::VerifyingKey),
    Sr25519(schnorrkel::PublicKey),
}

impl VerifyingKey {
    /// Prepares a caller's key; `None` when it is not a point of its curve.
    pub fn new(key: &PublicKey) -> Option<Self> {
        let ready = match key {
            PublicKey::Ed25519(key) => Ready::Ed25519(ed25519_dalek::VerifyingKey::from_bytes(key).ok()?),
            PublicKey::Sr25519(key) => Ready::Sr25519(schnorrkel::PublicKey::from_bytes(key).ok()?),
        };
        Some(Self(ready))
    }

    /// Prepares a worker's key; `None` when it is not a point of its curve.
    pub fn worker(worker: &WorkerId) -> Option<Self> {
        Self::new(&PublicKey::Ed25519(worker.0))
    }

    /// Whether `signature` is this key's over `message`.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        match &self.0 {
            Ready::Ed25519(key) => {
                key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok()
            }
            Ready::Sr25519(key) => schnorrkel::Signature::from_bytes(&signature.0)
                .is_ok_and(|signature| key.verify_simple(SR25519_CONTEXT, message, &signature).is_ok()),
        }
    }
}

/// A key pair of a caller or a worker. Wiped when dropped.
pub struct Keypair(Pair);

enum Pair {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    Sr25519(Box<schnorrkel::Keypair>),
}

impl Keypair {
    /// The sr25519 key of a Substrate secret URI: `//Alice` (junctions of the development phrase),
    /// `0x<64 hexadecimal digits>` (a seed), or a seed with hard junctions, `0x..//name`.
    ///
    /// # Errors
    /// Soft junctions, passwords and phrases are refused.
    pub fn from_uri(uri: &str) -> Result<Self, UriError> {
        uri::resolve(uri).map(|seed| Self::sr25519_from_seed(&seed))
    }

    /// The ed25519 key of a seed (RFC 8032).
    pub fn ed25519_from_seed(seed: &Secret<[u8; 32]>) -> Self {
        Self(Pair::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(seed.expose()))))
    }

    /// The sr25519 key of a mini secret, expanded as Substrate does.
    pub fn sr25519_from_seed(seed: &Secret<[u8; 32]>) -> Self {
        let mini = MiniSecretKey::from_bytes(seed.expose()).expect("a mini secret is any 32 bytes");
        Self(Pair::Sr25519(Box::new(mini.expand_to_keypair(ExpansionMode::Ed25519))))
    }

    /// A fresh ed25519 key.
    pub fn generate_ed25519() -> Self {
        Self::ed25519_from_seed(&Secret::new(random_bytes()))
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        match &self.0 {
            Pair::Ed25519(key) => PublicKey::Ed25519(key.verifying_key().to_bytes()),
            Pair::Sr25519(key) => PublicKey::Sr25519(key.public.to_bytes()),
        }
    }

    /// The account this key controls.
    pub fn account(&self) -> AccountId {
        self.public().account()
    }

    /// The worker this key is; `None` unless it is an ed25519 key.
    pub fn worker(&self) -> Option<WorkerId> {
        match self.public() {
            PublicKey::Ed25519(key) => Some(WorkerId(key)),
            PublicKey::Sr25519(_) => None,
        }
    }

    /// Signs. Sr25519 signatures differ from time to time.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(match &self.0 {
            Pair::Ed25519(key) => key.sign(message).to_bytes(),
            Pair::Sr25519(key) => key.sign_simple(SR25519_CONTEXT, message).to_bytes(),
        })
    }
}

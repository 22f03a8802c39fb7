//! Signatures of callers and workers: ed25519, sr25519 and secp256k1.

use crate::{Secret, Statement, UriError, account_of, blake2b_256, keccak_256, random_bytes, uri};
use ed25519_dalek::Signer;
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use schnorrkel::{ExpansionMode, MiniSecretKey};
use std::{fmt, str::FromStr};
use tallow_types::{
    AccountId, Authority, CallerSignature, Command, LedgerTx, PublicKey, Signature, SignedCommand, SignedLedgerTx,
    SigningScheme, WorkerId,
};

/// Signing context of every sr25519 signature of the Substrate ecosystem.
pub(crate) const SR25519_CONTEXT: &[u8] = b"substrate";

/// Whether `signature` is `key`'s over `message`.
///
/// Verification is strict. Ed25519: no small-order keys, no malleable signatures. Secp256k1: compressed keys, low s, over
/// the BLAKE2b-256 of the message as Substrate's.
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
    Secp256k1(k256::ecdsa::VerifyingKey),
}

impl VerifyingKey {
    /// Prepares a caller's key; `None` when it is not a point of its curve.
    pub fn new(key: &PublicKey) -> Option<Self> {
        let ready = match key {
            PublicKey::Ed25519(key) => Ready::Ed25519(ed25519_dalek::VerifyingKey::from_bytes(key).ok()?),
            PublicKey::Sr25519(key) => Ready::Sr25519(schnorrkel::PublicKey::from_bytes(key).ok()?),
            PublicKey::Secp256k1(key) => Ready::Secp256k1(compressed_point(key)?),
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
            Ready::Secp256k1(key) => verify_prehashed(key, &blake2b_256(message), signature),
        }
    }

    /// Whether `signature` is this secp256k1 key's over the Keccak-256 of `message`, as Ethereum wallets sign; no other
    /// key has such signatures.
    pub(crate) fn verify_keccak(&self, message: &[u8], signature: &Signature) -> bool {
        match &self.0 {
            Ready::Secp256k1(key) => verify_prehashed(key, &keccak_256(message), signature),
            Ready::Ed25519(_) | Ready::Sr25519(_) => false,
        }
    }
}

/// The point of a compressed key. SEC 1 has other encodings of 33 bytes, which are refused: a key has one form, since
/// its account is the hash of it.
fn compressed_point(key: &[u8; 33]) -> Option<k256::ecdsa::VerifyingKey> {
    matches!(key[0], 2 | 3).then(|| k256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()).flatten()
}

fn verify_prehashed(key: &k256::ecdsa::VerifyingKey, hash: &[u8; 32], signature: &Signature) -> bool {
    // `from_slice` refuses r and s that are zero or not below the order, `verify_prehash` high s.
    k256::ecdsa::Signature::from_slice(&signature.0).is_ok_and(|signature| key.verify_prehash(hash, &signature).is_ok())
}

/// Which algorithm a caller's key is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum KeyScheme {
    /// Schnorrkel over Ristretto, as Substrate's accounts mostly are.
    #[default]
    Sr25519,
    /// Ed25519.
    Ed25519,
    /// ECDSA over secp256k1, as Ethereum's accounts are.
    Secp256k1,
}

impl KeyScheme {
    /// Every scheme.
    pub const ALL: [Self; 3] = [Self::Sr25519, Self::Ed25519, Self::Secp256k1];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sr25519 => "sr25519",
            Self::Ed25519 => "ed25519",
            Self::Secp256k1 => "secp256k1",
        }
    }
}

impl fmt::Display for KeyScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no key scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected sr25519, ed25519 or secp256k1")]
pub struct UnknownScheme;

impl FromStr for KeyScheme {
    type Err = UnknownScheme;

    fn from_str(name: &str) -> Result<Self, UnknownScheme> {
        match name {
            "sr25519" => Ok(Self::Sr25519),
            "ed25519" => Ok(Self::Ed25519),
            "secp256k1" | "ecdsa" => Ok(Self::Secp256k1),
            _ => Err(UnknownScheme),
        }
    }
}

/// A key cannot sign in this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{key} keys do not sign in the form {scheme:?}; EIP-191 and EIP-712 are for secp256k1 keys")]
pub struct SchemeError {
    /// The key's scheme.
    pub key: KeyScheme,
    /// The form that was asked for.
    pub scheme: SigningScheme,
}

/// A key pair of a caller or a worker. Wiped when dropped.
pub struct Keypair(Pair);

enum Pair {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    Sr25519(Box<schnorrkel::Keypair>),
    Secp256k1(Box<k256::ecdsa::SigningKey>),
}

impl Keypair {
    /// The key of a secret URI, `[scheme:]secret`: a secret URI of Substrate, before it `ed25519:`, `secp256k1:` (or
    /// `ecdsa:`) or `sr25519:`, which is meant when none is named. The secret is a phrase of BIP-39, `0x` and a seed of 64
    /// hexadecimal digits, or nothing for the public development phrase; then junctions, `//hard` and for sr25519 also
    /// `/soft`; then, for phrases, `///password`. Examples: `//Alice`, `secp256k1://Alice`, `ed25519:0x...//name`.
    ///
    /// # Errors
    /// [`UriError`], which never repeats any of the text: it may be a secret.
    pub fn from_uri(uri: &str) -> Result<Self, UriError> {
        let (scheme, secret) = uri::split_scheme(uri);
        Self::from_secret_uri(scheme, secret)
    }

    /// As [`Self::from_uri`], with the scheme apart.
    ///
    /// # Errors
    /// [`UriError`]
    pub fn from_secret_uri(scheme: KeyScheme, secret: &str) -> Result<Self, UriError> {
        uri::resolve(scheme, secret)
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

    /// The secp256k1 key of a seed, which is its scalar; `None` for zero and for what is not below the curve's order.
    pub fn secp256k1_from_seed(seed: &Secret<[u8; 32]>) -> Option<Self> {
        let key = k256::ecdsa::SigningKey::from_bytes(seed.expose().into()).ok()?;
        Some(Self(Pair::Secp256k1(Box::new(key))))
    }

    pub(crate) fn sr25519(secret: schnorrkel::SecretKey) -> Self {
        Self(Pair::Sr25519(Box::new(secret.to_keypair())))
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
            Pair::Secp256k1(key) => PublicKey::Secp256k1(compressed(key.verifying_key())),
        }
    }

    /// Which algorithm it is for.
    pub fn scheme(&self) -> KeyScheme {
        match &self.0 {
            Pair::Ed25519(_) => KeyScheme::Ed25519,
            Pair::Sr25519(_) => KeyScheme::Sr25519,
            Pair::Secp256k1(_) => KeyScheme::Secp256k1,
        }
    }

    /// The account this key controls.
    pub fn account(&self) -> AccountId {
        account_of(&self.public())
    }

    /// The worker this key is; `None` unless it is an ed25519 key.
    pub fn worker(&self) -> Option<WorkerId> {
        match self.public() {
            PublicKey::Ed25519(key) => Some(WorkerId(key)),
            PublicKey::Sr25519(_) | PublicKey::Secp256k1(_) => None,
        }
    }

    /// Signs. Sr25519 signatures differ from time to time; secp256k1 signs the BLAKE2b-256 of the message.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(match &self.0 {
            Pair::Ed25519(key) => key.sign(message).to_bytes(),
            Pair::Sr25519(key) => key.sign_simple(SR25519_CONTEXT, message).to_bytes(),
            Pair::Secp256k1(key) => sign_prehashed(key, &blake2b_256(message)),
        })
    }

    /// Signs a statement as a wallet does that is asked for it in this form.
    ///
    /// # Errors
    /// [`SchemeError`] for EIP-191 and EIP-712 unless this is a secp256k1 key.
    pub fn sign_statement(
        &self,
        scheme: SigningScheme,
        statement: &Statement<'_>,
    ) -> Result<CallerSignature, SchemeError> {
        let bytes = statement.signing_bytes(scheme);
        let signature = match (scheme, &self.0) {
            (SigningScheme::Raw | SigningScheme::WrappedBytes, _) => self.sign(&bytes),
            (SigningScheme::Eip191 | SigningScheme::Eip712, Pair::Secp256k1(key)) => {
                Signature(sign_prehashed(key, &keccak_256(&bytes)))
            }
            _ => return Err(SchemeError { key: self.scheme(), scheme }),
        };
        Ok(CallerSignature { scheme, signature })
    }

    fn sign_raw(&self, statement: &Statement<'_>) -> CallerSignature {
        let signature = self.sign(&statement.signing_bytes(SigningScheme::Raw));
        CallerSignature { scheme: SigningScheme::Raw, signature }
    }

    /// Signs a command whose caller is this key.
    pub fn sign_command(&self, command: Command) -> SignedCommand {
        let authority = Authority::Caller(self.sign_raw(&Statement::Command(&command)));
        SignedCommand { command, authority }
    }

    /// Signs a ledger transaction whose signer is this key.
    pub fn sign_ledger_tx(&self, tx: LedgerTx) -> SignedLedgerTx {
        let signature = self.sign_raw(&Statement::LedgerTx(&tx));
        SignedLedgerTx { tx, signature }
    }
}

fn compressed(key: &k256::ecdsa::VerifyingKey) -> [u8; 33] {
    key.to_sec1_point(true).as_bytes().try_into().expect("a compressed point has 33 bytes")
}

/// r ‖ s with low s (RFC 6979).
fn sign_prehashed(key: &k256::ecdsa::SigningKey, hash: &[u8; 32]) -> [u8; 64] {
    key.sign_prehash_recoverable(hash).0.to_bytes().into()
}

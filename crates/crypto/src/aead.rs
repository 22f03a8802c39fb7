//! AES-256-GCM, and what is sealed under a shared key: outcomes, answers in the log, blobs.

use crate::{Label, SealError, Secret, ct_eq, prf, random_bytes};
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use parity_scale_codec::Encode;
use tallow_types::CommandId;

/// Bytes that AES-GCM adds to a plaintext.
pub(crate) const TAG_BYTES: usize = 16;
pub(crate) const NONCE_BYTES: usize = 12;
const SALT_BYTES: usize = 32;

/// An AES-256-GCM key with its key schedule.
pub(crate) struct Cipher(Aes256Gcm);

impl Cipher {
    pub(crate) fn new(key: &Secret<[u8; 32]>) -> Self {
        Self(Aes256Gcm::new(key.expose().into()))
    }

    /// `prefix ‖ ciphertext ‖ tag`. A nonce must seal one plaintext only.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], prefix: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(prefix.len() + plaintext.len() + TAG_BYTES);
        sealed.extend_from_slice(prefix);
        sealed.extend_from_slice(plaintext);
        let tag = self
            .0
            .encrypt_inout_detached(nonce.into(), aad, (&mut sealed[prefix.len()..]).into())
            .expect("AES-GCM takes 64 GiB, more than any limit lets through");
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// The plaintext of `ciphertext ‖ tag`.
    pub(crate) fn open(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_BYTES>().ok_or(SealError::Altered)?;
        let mut plaintext = ciphertext.to_vec();
        self.0
            .decrypt_inout_detached(nonce.into(), aad, plaintext.as_mut_slice().into(), tag.into())
            .map_err(|_| SealError::Altered)?;
        Ok(plaintext)
    }
}

/// Seals under a key that is used once, made of `key` and a random salt: `salt ‖ ciphertext ‖ tag`.
///
/// Any number of messages can be sealed under one `key`, which random 12-byte nonces alone would not allow.
pub(crate) fn seal_salted(key: &Secret<[u8; 32]>, label: Label, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let salt: [u8; SALT_BYTES] = random_bytes();
    once(key, label, &salt).seal(&[0; NONCE_BYTES], aad, &salt, plaintext)
}

pub(crate) fn open_salted(
    key: &Secret<[u8; 32]>,
    label: Label,
    aad: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, SealError> {
    let (salt, rest) = sealed.split_first_chunk::<SALT_BYTES>().ok_or(SealError::Altered)?;
    once(key, label, salt).open(&[0; NONCE_BYTES], aad, rest)
}

fn once(key: &Secret<[u8; 32]>, label: Label, salt: &[u8; SALT_BYTES]) -> Cipher {
    Cipher::new(&Secret::new(prf(key, label, &[salt])))
}

/// Seals a command's outcome under the response key it named: equal on every replica.
///
/// The nonce is a PRF of the outcome. A command may be executed more than once before a block with it is final, with
/// different outcomes; under a fixed nonce, two of them would betray each other.
pub fn seal_outcome(response_key: &[u8; 32], command: &CommandId, outcome: &[u8]) -> Vec<u8> {
    let key = outcome_key(response_key, command);
    let nonce = outcome_nonce(&key, outcome);
    Cipher::new(&key).seal(&nonce, &command.0, &nonce, outcome)
}

/// Opens what [`seal_outcome`] sealed.
///
/// # Errors
/// [`SealError::Altered`] when it was sealed for another command, under another key, or was altered.
pub fn open_outcome(response_key: &[u8; 32], command: &CommandId, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Altered)?;
    let key = outcome_key(response_key, command);
    let outcome = Cipher::new(&key).open(nonce, &command.0, rest)?;
    if ct_eq(&outcome_nonce(&key, &outcome), nonce) { Ok(outcome) } else { Err(SealError::Altered) }
}

fn outcome_key(response_key: &[u8; 32], command: &CommandId) -> Secret<[u8; 32]> {
    Secret::new(prf(&Secret::new(*response_key), Label::SealOutcome, &[&command.0]))
}

fn outcome_nonce(key: &Secret<[u8; 32]>, outcome: &[u8]) -> [u8; NONCE_BYTES] {
    let digest = prf(key, Label::OutcomeNonce, &[outcome]);
    *digest.first_chunk().expect("a digest is longer than a nonce")
}

/// Seals the answer to an external call for the log. `epoch_key` is [`crate::ClusterSecrets::epoch_log_key`].
pub fn seal_answer(
    epoch_key: &Secret<[u8; 32]>,
    command: &CommandId,
    call: u32,
    attempt: u32,
    plaintext: &[u8],
) -> Vec<u8> {
    seal_salted(epoch_key, Label::SealAnswer, &(command, call, attempt).encode(), plaintext)
}

/// Opens what [`seal_answer`] sealed.
///
/// # Errors
/// [`SealError::Altered`] when it was sealed for another place, under another key, or was altered.
pub fn open_answer(
    epoch_key: &Secret<[u8; 32]>,
    command: &CommandId,
    call: u32,
    attempt: u32,
    sealed: &[u8],
) -> Result<Vec<u8>, SealError> {
    open_salted(epoch_key, Label::SealAnswer, &(command, call, attempt).encode(), sealed)
}

/// Seals a blob (a snapshot, a file of a replica's own); `aad` says what it is and where it belongs.
pub fn seal_blob(key: &Secret<[u8; 32]>, aad: &[u8], bytes: &[u8]) -> Vec<u8> {
    seal_salted(key, Label::SealBlob, aad, bytes)
}

/// Opens what [`seal_blob`] sealed.
///
/// # Errors
/// [`SealError::Altered`] when it was sealed as something else, under another key, or was altered.
pub fn open_blob(key: &Secret<[u8; 32]>, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    open_salted(key, Label::SealBlob, aad, sealed)
}

/// Authenticates bytes that need not be secret, such as compiled code.
pub fn authenticate(key: &Secret<[u8; 32]>, label: Label, bytes: &[u8]) -> [u8; 32] {
    prf(key, label, &[bytes])
}

/// Whether `tag` is what [`authenticate`] gives; in constant time.
pub fn verify_tag(key: &Secret<[u8; 32]>, label: Label, bytes: &[u8], tag: &[u8; 32]) -> bool {
    ct_eq(&authenticate(key, label, bytes), tag)
}

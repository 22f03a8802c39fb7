//! What a password protects: secrets of accounts, in files of their owners.

use crate::aead::{open_salted, seal_salted};
use crate::{Label, Secret};
use argon2::{Algorithm, Argon2, Params, Version};
use parity_scale_codec::{Decode, Encode};
use tallow_types::limits::{
    KEYSTORE_LANES_MAX, KEYSTORE_MEMORY_KIB_MAX, KEYSTORE_MEMORY_KIB_MIN, KEYSTORE_PASSES_MAX, PASSWORD_BYTES_MAX,
};
use zeroize::Zeroizing;

/// What one guess of a password costs: the parameters of Argon2id (RFC 9106), version 0x13.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes that could be filled side by side.
    pub lanes: u32,
}

impl PasswordCost {
    /// RFC 9106's choice for where memory is not plentiful.
    pub const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    /// Parameters come from files, so they are bounded before anything is computed.
    fn params(&self) -> Result<Params, PasswordError> {
        let Self { memory_kib, passes, lanes } = *self;
        let bounded = (KEYSTORE_MEMORY_KIB_MIN..=KEYSTORE_MEMORY_KIB_MAX).contains(&memory_kib)
            && (1..=KEYSTORE_PASSES_MAX).contains(&passes)
            && (1..=KEYSTORE_LANES_MAX).contains(&lanes);
        let params = bounded.then(|| Params::new(memory_kib, passes, lanes, Some(32)).ok()).flatten();
        params.ok_or(PasswordError::Cost(*self))
    }
}

/// Why something was not sealed, or does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The cost is out of bounds.
    #[error(
        "{} KiB of memory, {} passes and {} lanes are not within {KEYSTORE_MEMORY_KIB_MIN} to \
         {KEYSTORE_MEMORY_KIB_MAX} KiB, {KEYSTORE_PASSES_MAX} passes and {KEYSTORE_LANES_MAX} lanes",
        .0.memory_kib, .0.passes, .0.lanes
    )]
    Cost(PasswordCost),
    /// The password is empty or too long.
    #[error("a password has 1 to {PASSWORD_BYTES_MAX} bytes")]
    Length,
    /// Another password, or the file was altered: which of them cannot be told.
    #[error("wrong password, or the file was altered")]
    Wrong,
}

/// A secret sealed under a password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PasswordSealed {
    /// The cost of a guess.
    pub cost: PasswordCost,
    /// Random, so that equal passwords have different keys.
    pub salt: [u8; 32],
    /// The sealed secret.
    pub sealed: Vec<u8>,
}

impl PasswordSealed {
    /// The names of its algorithms, for files.
    pub const SUITE: &'static str = "argon2id, aes-256-gcm";

    /// Seals with a fresh salt; `aad` is what stands beside it in clear and must not change.
    ///
    /// # Errors
    /// [`PasswordError::Length`]; [`PasswordError::Cost`]
    pub fn seal(
        password: &Secret<String>,
        cost: PasswordCost,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Self, PasswordError> {
        let salt: [u8; 32] = crate::random_bytes();
        let key = derive(password, &cost, &salt)?;
        let sealed = seal_salted(&key, Label::Keystore, &bound(&cost, aad), plaintext);
        Ok(Self { cost, salt, sealed })
    }

    /// The secret.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub fn open(&self, password: &Secret<String>, aad: &[u8]) -> Result<Secret<Vec<u8>>, PasswordError> {
        let key = derive(password, &self.cost, &self.salt)?;
        let plaintext = open_salted(&key, Label::Keystore, &bound(&self.cost, aad), &self.sealed);
        plaintext.map(Secret::new).map_err(|_| PasswordError::Wrong)
    }
}

/// The key of a password.
fn derive(password: &Secret<String>, cost: &PasswordCost, salt: &[u8; 32]) -> Result<Secret<[u8; 32]>, PasswordError> {
    let params = cost.params()?;
    let password = password.expose().as_bytes();
    if password.is_empty() || password.len() > PASSWORD_BYTES_MAX {
        return Err(PasswordError::Length);
    }
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password, salt, &mut *key)
        .map_err(|_| PasswordError::Cost(*cost))?;
    Ok(Secret::new(*key))
}

fn bound(cost: &PasswordCost, aad: &[u8]) -> Vec<u8> {
    (cost, aad).encode()
}

//! How a contract's storage keys are kept. The functions of old take keys of exactly 32 bytes, the later ones keys of
//! any length, and the two never meet: 32 bytes given to an old function name another item than the same bytes given to
//! a later one. So what is kept says which it was.
//!
//! | key | kept as |
//! |---|---|
//! | variable, up to 32 bytes | itself |
//! | variable, longer | itself and 0x00 |
//! | fixed, 32 bytes | itself and 0xff |
//! | the engine's own | 32 bytes and 0xfe |

use tallow_types::limits::STORAGE_KEY_BYTES_MAX;

/// Bytes of a key where a function takes no length.
pub(crate) const FIXED_KEY_BYTES: usize = 32;

const VARIABLE: u8 = 0;
const FIXED: u8 = 0xff;
const INTERNAL: u8 = 0xfe;

/// A key of variable length.
pub(super) fn variable(mut key: Vec<u8>) -> Vec<u8> {
    debug_assert!(key.len() <= STORAGE_KEY_BYTES_MAX);
    if key.len() > FIXED_KEY_BYTES {
        key.push(VARIABLE);
    }
    key
}

/// A key of 32 bytes.
pub(super) fn fixed(mut key: Vec<u8>) -> Vec<u8> {
    key.push(FIXED);
    key
}

/// The key of what the engine keeps beside a contract's own items.
pub(super) const fn internal(number: u8) -> [u8; FIXED_KEY_BYTES + 1] {
    let mut key = [0; FIXED_KEY_BYTES + 1];
    key[0] = number;
    key[FIXED_KEY_BYTES] = INTERNAL;
    key
}

/// Whose a kept key is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StorageKey {
    /// The contract's, given with its length.
    Variable(Vec<u8>),
    /// The contract's, given to a function that takes 32 bytes.
    Fixed(Vec<u8>),
    /// The engine's own.
    Internal,
}

impl StorageKey {
    /// Reads a kept key.
    pub fn of(kept: &[u8]) -> Self {
        match kept {
            [key @ .., FIXED] if key.len() == FIXED_KEY_BYTES => Self::Fixed(key.to_vec()),
            [key @ .., INTERNAL] if key.len() == FIXED_KEY_BYTES => Self::Internal,
            [key @ .., VARIABLE] if key.len() > FIXED_KEY_BYTES => Self::Variable(key.to_vec()),
            key => Self::Variable(key.to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_keys_are_kept_alike() {
        let mut kept = BTreeSet::new();
        for last in [0, 0xfe, 0xff] {
            for length in 1..=STORAGE_KEY_BYTES_MAX {
                let mut key = vec![7; length];
                key[length - 1] = last;
                let stored = variable(key.clone());
                assert_eq!(StorageKey::of(&stored), StorageKey::Variable(key.clone()));
                assert!(kept.insert(stored));
                if length == FIXED_KEY_BYTES {
                    let stored = fixed(key.clone());
                    assert_eq!(StorageKey::of(&stored), StorageKey::Fixed(key));
                    assert!(kept.insert(stored));
                }
            }
        }
        assert!(kept.insert(internal(0).to_vec()) && kept.insert(internal(1).to_vec()));
        assert_eq!(StorageKey::of(&internal(1)), StorageKey::Internal);
    }
}

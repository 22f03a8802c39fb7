//! Key agreements made ahead of the commands that need them.

use std::sync::{Mutex, MutexGuard};
use tallow_crypto::{CommandSealer, SealError};

/// A key agreement for the next command, made while there was time.
#[derive(Default)]
pub(crate) struct ReadySealer {
    slot: Mutex<Option<([u8; 32], CommandSealer)>>,
    /// Held by whoever makes one: of many commands under way one does, and the others do not do it in vain.
    making: Mutex<()>,
}

impl ReadySealer {
    /// The one that is ready for this epoch key, or a new one.
    pub(crate) fn take(&self, epoch_key: &[u8; 32]) -> Result<CommandSealer, SealError> {
        match self.slot().take() {
            Some((key, sealer)) if key == *epoch_key => Ok(sealer),
            _ => CommandSealer::new(epoch_key),
        }
    }

    /// Makes one ready, unless there is one or another task makes it. Whoever takes one for a key that is none will be
    /// told.
    pub(crate) fn prepare(&self, epoch_key: &[u8; 32]) {
        let Ok(_making) = self.making.try_lock() else { return };
        if self.is_ready(epoch_key) {
            return;
        }
        // Not while the slot is locked: others would wait for it rather than compute beside it.
        let ready = CommandSealer::new(epoch_key).ok().map(|sealer| (*epoch_key, sealer));
        *self.slot() = ready;
    }

    fn is_ready(&self, epoch_key: &[u8; 32]) -> bool {
        self.slot().as_ref().is_some_and(|(key, _)| key == epoch_key)
    }

    fn slot(&self) -> MutexGuard<'_, Option<([u8; 32], CommandSealer)>> {
        self.slot.lock().expect("no code panics while it holds the sealer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallow_crypto::{Secret, TransportSecret};

    fn key(number: u8) -> [u8; 32] {
        TransportSecret::from_bytes(&Secret::new([number; 32])).public()
    }

    #[test]
    fn what_is_ready_serves_one_command_of_its_own_key() {
        let (key, other) = (key(1), key(2));
        let ready = ReadySealer::default();
        assert!(ready.take(&key).is_ok() && !ready.is_ready(&key), "without one a new one is made");
        ready.prepare(&key);
        assert!(ready.is_ready(&key) && !ready.is_ready(&other));
        assert!(ready.take(&key).is_ok());
        assert!(!ready.is_ready(&key), "it is taken");
        ready.prepare(&key);
        assert!(ready.take(&other).is_ok());
        assert!(!ready.is_ready(&key), "the epoch key has changed: the old one is of no use");
    }

    #[test]
    fn one_is_made_at_a_time() {
        let ready = ReadySealer::default();
        let making = ready.making.lock().unwrap();
        ready.prepare(&key(1));
        assert!(!ready.is_ready(&key(1)));
        drop(making);
        ready.prepare(&key(1));
        assert!(ready.is_ready(&key(1)));
    }

    #[test]
    fn a_key_that_is_none_is_told_to_whoever_seals() {
        let ready = ReadySealer::default();
        ready.prepare(&[0; 32]);
        assert!(matches!(ready.take(&[0; 32]), Err(SealError::Key)));
    }
}

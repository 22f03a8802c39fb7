//! Sr25519 signing without randomness.

use rand_core_06::{CryptoRng, Error, RngCore};
use schnorrkel::context::{SigningTranscript, attach_rng};

/// The transcript, with the generator that is mixed into the nonce replaced by one that gives nothing.
///
/// The nonce is then a hash of the secret nonce seed, the public key and the message, as in RFC 8032: secret, and
/// different for every message.
pub(super) fn derandomised(transcript: impl SigningTranscript) -> impl SigningTranscript {
    attach_rng(transcript, Nothing)
}

struct Nothing;

impl CryptoRng for Nothing {}

impl RngCore for Nothing {
    fn next_u32(&mut self) -> u32 {
        0
    }

    fn next_u64(&mut self) -> u64 {
        0
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

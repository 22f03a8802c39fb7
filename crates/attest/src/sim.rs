//! Simulated evidence: the shape of attestation without the hardware.
//!
//! It is signed by a key that everyone knows, so it proves nothing. A policy must allow it by name, and whoever shows
//! an identity shows that it is simulated. Verifying is always compiled in, so that the refusal is a clear one;
//! issuing is behind the feature `sim`.

use crate::{AttestError, Claims, Kind};
use parity_scale_codec::{Decode, Encode};
use tallow_crypto::{Label, labelled_hash, verify_worker};
use tallow_types::{Hash, Signature, WorkerId};

/// Public key of the well-known issuer.
pub(crate) const ISSUER: WorkerId = WorkerId([
    0xfb, 0x0d, 0xb1, 0xaa, 0xcc, 0x6f, 0x2b, 0x16, 0x38, 0x26, 0x7d, 0x8b, 0xa1, 0x6c, 0x5b, 0x8b, 0x94, 0xa6, 0xb5,
    0x60, 0x9b, 0x86, 0x66, 0x21, 0x45, 0xa8, 0x74, 0x6a, 0x13, 0xdf, 0x0b, 0x96,
]);

/// What the simulated hardware states.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Statement {
    /// Measurement of the program.
    pub measurement: Hash,
    /// Report data: [`crate::Binding::digest`].
    pub report: Hash,
    /// When it was issued, milliseconds since the Unix epoch.
    pub issued_ms: u64,
}

/// A statement with the issuer's signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SignedStatement {
    /// The statement.
    pub statement: Statement,
    /// The well-known issuer's signature.
    pub signature: Signature,
}

impl SignedStatement {
    pub(crate) fn claims(&self) -> Result<Claims, AttestError> {
        if !verify_worker(&ISSUER, &signing_bytes(&self.statement), &self.signature) {
            return Err(AttestError::BadSignature);
        }
        let Statement { measurement, report, issued_ms } = self.statement;
        Ok(Claims { kind: Kind::Simulated, measurement, report, issued_ms })
    }
}

/// The measurement of every development program.
pub fn measurement() -> Hash {
    labelled_hash(Label::Development, &[b"measurement"])
}

fn signing_bytes(statement: &Statement) -> [u8; 32] {
    labelled_hash(Label::SimEvidence, &[&statement.encode()]).0
}

/// Issues simulated evidence that the program `measurement` holds the keys of `binding`.
#[cfg(any(test, feature = "sim"))]
pub fn issue(measurement: Hash, binding: &crate::Binding, issued_ms: u64) -> Vec<u8> {
    sign(Statement { measurement, report: binding.digest(), issued_ms }, &issuer())
}

#[cfg(any(test, feature = "sim"))]
pub(crate) fn sign(statement: Statement, issuer: &tallow_crypto::Keypair) -> Vec<u8> {
    let signature = issuer.sign(&signing_bytes(&statement));
    crate::Evidence::Simulated(SignedStatement { statement, signature }).encode()
}

/// The issuer's key, which everyone knows.
#[cfg(any(test, feature = "sim"))]
pub(crate) fn issuer() -> tallow_crypto::Keypair {
    let seed = labelled_hash(Label::Development, &[b"issuer of simulated evidence"]);
    tallow_crypto::Keypair::ed25519_from_seed(&tallow_crypto::Secret::new(seed.0))
}

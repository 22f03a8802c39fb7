//! The one judge of attestation evidence: ledger, keyholder, client and console all ask [`verify`].
//!
//! Evidence says which program runs ([`Identity::measurement`]) and binds two keys to it ([`Binding`]): the one by
//! which a worker signs, and the one to which secrets are sealed for it. A [`Policy`] says which programs and which
//! kinds of evidence count. Verification is pure: the time is given, nothing is fetched.

pub mod sim;

mod evidence;
mod policy;

pub use evidence::{Evidence, Kind};
pub use policy::Policy;

use tallow_crypto::{Label, ct_eq, labelled_hash};
use tallow_types::{
    Hash, WorkerId, WorkerRecord,
    limits::{EVIDENCE_BYTES_MAX, EVIDENCE_SKEW_MS_MAX},
};

/// The keys that evidence speaks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Binding {
    /// The worker's signing key.
    pub worker: WorkerId,
    /// Its per-launch transport key (X25519).
    pub transport: [u8; 32],
}

impl Binding {
    /// The report data that evidence must carry.
    pub fn digest(&self) -> Hash {
        labelled_hash(Label::Evidence, &[&self.worker.0, &self.transport])
    }
}

impl From<&WorkerRecord> for Binding {
    fn from(record: &WorkerRecord) -> Self {
        Self { worker: record.worker, transport: record.transport }
    }
}

/// What verified evidence proves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Kind of the evidence.
    pub kind: Kind,
    /// Measurement of the program.
    pub measurement: Hash,
    /// Whether it proves nothing about hardware, and is for development alone.
    pub simulated: bool,
}

/// Why evidence is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttestError {
    /// More bytes than evidence may have.
    #[error("attestation evidence of {0} bytes, of at most {EVIDENCE_BYTES_MAX}")]
    TooLarge(usize),
    /// Not a document of its kind.
    #[error("malformed attestation evidence")]
    Malformed,
    /// A kind that this version does not know.
    #[error("unknown kind of attestation evidence: {0}; a newer version may know it")]
    UnknownKind(u8),
    /// Simulated evidence under a policy for production.
    #[error("simulated attestation is refused by this network's policy: run the worker in a supported enclave")]
    SimulatedRefused,
    /// The signature does not verify.
    #[error("attestation evidence is not signed by its issuer, or was altered")]
    BadSignature,
    /// It is evidence for other keys.
    #[error("attestation evidence binds other keys than the worker's")]
    WrongBinding,
    /// The program is not one that the policy lists.
    #[error("program {0} is not accepted by this network's policy")]
    UnknownMeasurement(Hash),
    /// It is too old.
    #[error("attestation evidence is {age_ms} ms old, of at most {max_age_ms}: attest again")]
    Stale {
        /// Its age.
        age_ms: u64,
        /// The age the policy accepts.
        max_age_ms: u64,
    },
    /// It was issued in the future.
    #[error("attestation evidence is dated {ahead_ms} ms ahead: check the clocks")]
    Future {
        /// How far ahead.
        ahead_ms: u64,
    },
}

/// What a document claims, once its own signature is verified.
struct Claims {
    kind: Kind,
    measurement: Hash,
    report: Hash,
    issued_ms: u64,
}

/// Judges evidence for the keys `expected`, as of `now_ms` (milliseconds since the Unix epoch).
///
/// # Errors
/// [`AttestError`] names the first rule that the evidence breaks.
pub fn verify(evidence: &[u8], expected: &Binding, policy: &Policy, now_ms: u64) -> Result<Identity, AttestError> {
    let claims = match Evidence::decode(evidence)? {
        Evidence::Simulated(_) if !policy.allow_simulated => return Err(AttestError::SimulatedRefused),
        Evidence::Simulated(signed) => signed.claims()?,
    };
    if !ct_eq(&claims.report.0, &expected.digest().0) {
        return Err(AttestError::WrongBinding);
    }
    check_age(claims.issued_ms, policy, now_ms)?;
    if !policy.measurements.contains(&claims.measurement) {
        return Err(AttestError::UnknownMeasurement(claims.measurement));
    }
    let Claims { kind, measurement, .. } = claims;
    Ok(Identity { kind, measurement, simulated: kind == Kind::Simulated })
}

fn check_age(issued_ms: u64, policy: &Policy, now_ms: u64) -> Result<(), AttestError> {
    let ahead_ms = issued_ms.saturating_sub(now_ms);
    if ahead_ms > EVIDENCE_SKEW_MS_MAX {
        return Err(AttestError::Future { ahead_ms });
    }
    let (age_ms, max_age_ms) = (now_ms.saturating_sub(issued_ms), policy.max_age_ms);
    if age_ms > max_age_ms { Err(AttestError::Stale { age_ms, max_age_ms }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;

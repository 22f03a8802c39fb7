//! Registry records: the proof that the ledger says so.

use crate::{CertificateError, VerifyHeader};
use parity_scale_codec::Encode;
use tallow_crypto::ClusterFault;
use tallow_state::{Proof, ProofError};
use tallow_types::{Malformed, NetworkId, ProvenRecord, RegistryKey, decode_exact};

/// Why a registry record is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It answers another question.
    #[error("record of another key")]
    WrongKey,
    /// Its header is of another network's ledger.
    #[error("record of another network")]
    WrongNetwork,
    /// Its header is not proven final.
    #[error("record's header is not final")]
    NotFinal(#[source] CertificateError),
    /// Proof or record does not decode.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The proof does not hold.
    #[error("record is not proven")]
    NotProven(#[source] ProofError),
    /// The proof is of another value, or of absence where a value is claimed, or the reverse.
    #[error("record is not the proven one")]
    WrongValue,
    /// The ledger has it, and somebody who has to vouch for it does not: validators took what is not true.
    #[error("nobody vouches for the record")]
    NotVouched(#[from] ClusterFault),
    /// It is older than what the ledger was already seen to be.
    #[error("record is as of ledger height {height}, older than height {seen} already seen")]
    Stale {
        /// Its height.
        height: u64,
        /// The height seen before.
        seen: u64,
    },
}

/// Checks that `record` answers for `key`, and that the ledger of `network` had it (or had none) at the record's
/// header. How old that is, is for the caller to judge; see [`crate::LightClient`].
pub fn verify_record(
    key: &RegistryKey,
    record: &ProvenRecord,
    network: &NetworkId,
    verifier: &impl VerifyHeader,
) -> Result<(), RecordError> {
    if record.key != *key {
        return Err(RecordError::WrongKey);
    }
    let header = &record.certified.header;
    if header.chain.0 != network.0 {
        return Err(RecordError::WrongNetwork);
    }
    let proof: Proof = decode_exact(&record.proof)?;
    let proven = proof.verify(&header.commitments.state, &key.encode()).map_err(RecordError::NotProven)?;
    if proven != record.value {
        return Err(RecordError::WrongValue);
    }
    verifier.verify(&record.certified).map_err(RecordError::NotFinal)
}

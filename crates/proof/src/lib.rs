//! The light client: what may be believed of the ledger and of a cluster, and why.
//!
//! Whoever believes a registry fact or a receipt, be it client, worker or keyholder, does so through this crate, also
//! inside one process. It is pure: headers, proofs and certificates come in, facts or errors go out.

mod anchor;
mod certificate;
mod client;
mod record;
mod results;
#[cfg(test)]
mod tests;

pub use anchor::{AnchorError, verify_anchored};
pub use certificate::{ClusterVerifier, LedgerVerifier};
pub use client::{LightClient, Seen};
pub use record::{RecordError, verify_record};
pub use results::{ReceiptError, verify_receipt, verify_result};

use tallow_types::CertifiedHeader;

/// Why a header is not proven final.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, parity_scale_codec::Encode, parity_scale_codec::Decode, thiserror::Error,
)]
pub enum CertificateError {
    /// The verifier was made from keys that are none.
    #[error("malformed public key")]
    MalformedKey,
    /// The certificate does not decode.
    #[error("malformed certificate")]
    MalformedCertificate,
    /// The header is of another ledger or cluster.
    #[error("header of another chain")]
    WrongChain,
    /// The header is of another epoch than the verifier's keys.
    #[error("header of another epoch")]
    WrongEpoch,
    /// More headers between the header and the certified one than `limits::HEADER_CHAIN_MAX`.
    #[error("too many headers up to the certified one")]
    ChainTooLong,
    /// One of the headers does not name the one before it as its parent.
    #[error("broken chain of headers")]
    BrokenChain,
    /// The certificate is for another header.
    #[error("certificate of another header")]
    WrongHeader,
    /// The certificate's signatures do not verify under the chain's keys.
    #[error("invalid certificate")]
    InvalidCertificate,
}

/// Judges whether a header of one chain is final.
pub trait VerifyHeader {
    /// Checks chain and epoch, the digest links from the header to the certified one, and the certificate.
    fn verify(&self, certified: &CertifiedHeader) -> Result<(), CertificateError>;
}

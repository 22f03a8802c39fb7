//! A cluster's keys, and the headers that were found final under them.

use crate::Rejection;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Mutex;
use tallow_crypto::header_digest;
use tallow_proof::{CertificateError, ClusterVerifier, VerifyHeader};
use tallow_types::{BlockDigest, CertifiedHeader, ClusterRecord, Hash, WorkerId};

/// Headers that are remembered as final. A block has many receipts, so one certificate serves many of them.
const HEADERS_MAX: usize = 1_024;

/// Judges headers of one cluster's epoch; each certificate once.
pub(crate) struct ClusterKeys {
    pub(crate) record: ClusterRecord,
    verifier: ClusterVerifier,
    seen: Mutex<SeenHeaders>,
}

#[derive(Default)]
struct SeenHeaders {
    digests: BTreeSet<BlockDigest>,
    order: VecDeque<BlockDigest>,
}

impl ClusterKeys {
    pub(crate) fn new(record: ClusterRecord) -> Result<Self, Rejection> {
        let verifier =
            ClusterVerifier::new(Hash(record.cluster.0), record.epoch, &record.members).map_err(Rejection::Cluster)?;
        Ok(Self { record, verifier, seen: Mutex::default() })
    }
}

impl ClusterKeys {
    /// As [`VerifyHeader::verify`], whether or not the header is known to be final: this very certificate.
    pub(crate) fn judge(&self, certified: &CertifiedHeader) -> Result<(), CertificateError> {
        self.verifier.verify(certified)
    }

    /// The replicas that signed a header, as its certificate says.
    pub(crate) fn signers(&self, certified: &CertifiedHeader) -> Result<Vec<WorkerId>, CertificateError> {
        self.verifier.signers(certified)
    }
}

impl VerifyHeader for ClusterKeys {
    fn verify(&self, certified: &CertifiedHeader) -> Result<(), CertificateError> {
        let digest = header_digest(&certified.header);
        let seen = || self.seen.lock().expect("no code panics while it holds the headers");
        if seen().digests.contains(&digest) {
            return Ok(());
        }
        self.verifier.verify(certified)?;
        seen().insert(digest);
        Ok(())
    }
}

impl SeenHeaders {
    fn insert(&mut self, digest: BlockDigest) {
        if self.digests.insert(digest) {
            self.order.push_back(digest);
        }
        while self.order.len() > HEADERS_MAX {
            let oldest = self.order.pop_front().expect("it is not empty");
            self.digests.remove(&oldest);
        }
    }
}

//! The keyholder's rule: who is given the secrets of a cluster.
//!
//! A worker gets them when the ledger lists it as a replica of the cluster's present epoch, and its evidence proves that
//! an accepted program holds the transport key to which they are then sealed. All of it is judged from proven registry
//! records, never from what a request says. The secrets derive from the network's master secret; nothing is stored.

mod grant;
mod holder;

pub use grant::{KeyGrant, KeyRequest, open_grant};
pub use holder::{DevKeyholder, Keyholder, Vouched};

use tallow_attest::AttestError;
use tallow_crypto::SealError;
use tallow_proof::RecordError;
use tallow_types::{ClusterId, Hash, WorkerId};

/// Why secrets were not released, or not accepted.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A record is not believed.
    #[error("the ledger's {record} record is not believed")]
    Record {
        /// Which one.
        record: &'static str,
        /// Why.
        source: RecordError,
    },
    /// A record answers another question than the request needs.
    #[error("the request has no {0} record")]
    WrongRecord(&'static str),
    /// The ledger proves that there is no such record.
    #[error("the ledger lists no such {0}")]
    Unknown(&'static str),
    /// The worker is not a replica of the cluster.
    #[error("worker {worker} is no member of cluster {cluster} in its epoch {epoch}")]
    NotMember {
        /// The worker.
        worker: WorkerId,
        /// The cluster.
        cluster: ClusterId,
        /// The cluster's epoch.
        epoch: u64,
    },
    /// The worker's evidence is not accepted.
    #[error("the worker's attestation is not accepted: {0}")]
    Evidence(#[from] AttestError),
    /// The attestation policy is not the network's.
    #[error("the attestation policy has digest {found}, and the network demands {expected}")]
    WrongPolicy {
        /// Digest of the policy given.
        found: Hash,
        /// Digest in the genesis.
        expected: Hash,
    },
    /// The genesis names another keyholder's key.
    #[error("the master secret is not the one behind the key by which this network's keyholders vouch")]
    WrongMaster,
    /// The light client follows another network than the genesis makes.
    #[error("the light client follows another network")]
    WrongNetwork,
    /// The secrets do not belong to the epoch key that the ledger lists for the cluster.
    #[error("the secrets are not those of the epoch key that the ledger lists for cluster {0}")]
    WrongEpochKey(ClusterId),
    /// A grant that is for another cluster or epoch.
    #[error("the grant is for another cluster or epoch")]
    WrongGrant,
    /// The secrets could not be sealed or opened.
    #[error("cluster secrets: {0}")]
    Seal(#[from] SealError),
}

#[cfg(test)]
mod tests;

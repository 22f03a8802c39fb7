//! Who vouches for a cluster's record: its id is its owner's, its members agreed, and the keyholders know its key.
//!
//! A ledger's certificate says that validators took a record, not that it is true. What a client seals to a cluster's
//! key is worth as much as the word of those who made the key, so each record carries that word, and everybody who acts
//! on a record asks [`verify_cluster`] (ADR 0020).

use crate::{Keypair, Label, Secret, labelled_hash, prf, verify_worker};
use parity_scale_codec::Encode;
use tallow_types::{AccountId, ClusterId, ClusterRecord, NetworkId, Signature, WorkerId};

/// Why a cluster's record is not believed, whoever certified it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClusterFault {
    /// The id is not the one that its owner has under the record's nonce, so it may be another's.
    #[error("the id of cluster {0} does not derive from its owner")]
    WrongId(ClusterId),
    /// The keyholders of the network did not make the key for this epoch.
    #[error("the network's keyholders do not vouch for the key of cluster {cluster} in epoch {epoch}")]
    NotVouched {
        /// The cluster.
        cluster: ClusterId,
        /// The epoch.
        epoch: u64,
    },
    /// Not one consent for each member.
    #[error("the record of cluster {0} has not one consent for each member")]
    ConsentsMissing(ClusterId),
    /// A member did not agree to be one under this owner, with these others, in this epoch.
    #[error("worker {0} did not agree to be a member")]
    NotConsented(WorkerId),
}

/// The id of the cluster that `owner` registers under `nonce`, a number of his own choice. Nobody else can have it.
pub fn cluster_id(network: &NetworkId, owner: &AccountId, nonce: u64) -> ClusterId {
    ClusterId(labelled_hash(Label::Cluster, &[&network.0, &owner.0, &nonce.to_le_bytes()]).0)
}

/// The key by which a keyholder that holds the whole master secret vouches.
pub fn vouching_key(master: &Secret<[u8; 32]>) -> Keypair {
    Keypair::ed25519_from_seed(&Secret::new(prf(master, Label::VouchingKey, &[])))
}

/// What the keyholders sign: that `epoch_key` is the key of a cluster in an epoch.
pub fn vouch_signing_bytes(network: &NetworkId, cluster: &ClusterId, epoch: u64, epoch_key: &[u8; 32]) -> [u8; 32] {
    labelled_hash(Label::Vouch, &[&(network, cluster, epoch, epoch_key).encode()]).0
}

/// What each member signs: that it replicates the cluster in that epoch, for that owner, beside those others. The key
/// is in it, so that a consent is none to a later record of the same epoch.
pub fn consent_signing_bytes(network: &NetworkId, record: &ClusterRecord) -> [u8; 32] {
    let ClusterRecord { cluster, owner, nonce, epoch, members, epoch_key, vouch: _, consents: _ } = record;
    labelled_hash(Label::Consent, &[&(network, cluster, owner, nonce, epoch, members, epoch_key).encode()]).0
}

/// Checks the word of all who vouch for a record. `keyholder` is `Genesis::keyholder`.
///
/// # Errors
/// [`ClusterFault`] names who did not give it.
pub fn verify_cluster(network: &NetworkId, keyholder: &[u8; 32], record: &ClusterRecord) -> Result<(), ClusterFault> {
    let ClusterRecord { cluster, epoch, .. } = *record;
    if cluster != cluster_id(network, &record.owner, record.nonce) {
        return Err(ClusterFault::WrongId(cluster));
    }
    let vouched = vouch_signing_bytes(network, &cluster, epoch, &record.epoch_key);
    if !verify_worker(&WorkerId(*keyholder), &vouched, &record.vouch) {
        return Err(ClusterFault::NotVouched { cluster, epoch });
    }
    if record.consents.len() != record.members.len() {
        return Err(ClusterFault::ConsentsMissing(cluster));
    }
    let agreed = consent_signing_bytes(network, record);
    let refused =
        record.members.iter().zip(&record.consents).find(|(member, consent)| !verify_worker(member, &agreed, consent));
    refused.map_or(Ok(()), |(member, _)| Err(ClusterFault::NotConsented(*member)))
}

/// A record with its members' consents, by whoever holds the keys of all: a network in one process, and tests. The
/// members are put in order; `vouch` is of the keyholders.
pub fn consented(network: &NetworkId, record: ClusterRecord, members: &[&Keypair]) -> ClusterRecord {
    let mut keys: Vec<(WorkerId, &Keypair)> = members.iter().filter_map(|key| Some((key.worker()?, *key))).collect();
    keys.sort_by_key(|(id, _)| *id);
    let record = ClusterRecord { members: keys.iter().map(|(id, _)| *id).collect(), ..record };
    let agreed = consent_signing_bytes(network, &record);
    let consents: Vec<Signature> = keys.iter().map(|(_, key)| key.sign(&agreed)).collect();
    ClusterRecord { consents, ..record }
}

/// A keyholder's word for a record's key.
pub fn vouch(network: &NetworkId, keyholder: &Keypair, record: &ClusterRecord) -> Signature {
    let ClusterRecord { cluster, epoch, epoch_key, .. } = record;
    keyholder.sign(&vouch_signing_bytes(network, cluster, *epoch, epoch_key))
}

/// What a record says, without the word of anybody.
pub fn unsigned_cluster(
    network: &NetworkId,
    owner: AccountId,
    nonce: u64,
    epoch: u64,
    epoch_key: [u8; 32],
) -> ClusterRecord {
    let cluster = cluster_id(network, &owner, nonce);
    let (members, consents) = (Vec::new(), Vec::new());
    ClusterRecord { cluster, owner, nonce, epoch, members, epoch_key, vouch: Signature([0; 64]), consents }
}

//! Requests and grants, as they travel, and the worker's side of a grant.

use crate::KeyError;
use parity_scale_codec::{Decode, Encode};
use tallow_crypto::{ClusterSecrets, SealedSecrets, TransportSecret, ct_eq};
use tallow_types::{ClusterId, ClusterRecord, NetworkId, ProvenRecord, WorkerId};

/// Asks for the secrets of a cluster's present epoch. It needs no signature: it holds only what the ledger says, and
/// the answer is sealed to whom the ledger says.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct KeyRequest {
    /// The cluster's record.
    pub cluster: ProvenRecord,
    /// The worker's record.
    pub worker: ProvenRecord,
}

/// The secrets of a cluster's epoch, sealed to one worker.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct KeyGrant {
    /// The cluster.
    pub cluster: ClusterId,
    /// The epoch.
    pub epoch: u64,
    /// The secrets.
    pub sealed: SealedSecrets,
}

/// Whom a grant is for and what it grants: the additional data under which it is sealed.
#[derive(Clone, Copy, Encode)]
pub(crate) struct Purpose<'a> {
    pub(crate) network: NetworkId,
    pub(crate) cluster: &'a ClusterId,
    pub(crate) epoch: u64,
    pub(crate) worker: &'a WorkerId,
    pub(crate) transport: [u8; 32],
}

/// Opens a grant for `worker`, whose transport key is `transport`.
///
/// `record` is the cluster's record, which the worker has from its own light client. The epoch key in it derives from
/// both secrets, so when it is theirs, they are what was registered, whoever sent the grant.
///
/// # Errors
/// [`KeyError::WrongGrant`] for a grant of another cluster or epoch, [`KeyError::Seal`] for one that was made for
/// another worker or launch, [`KeyError::WrongEpochKey`] for secrets that are not the cluster's.
pub fn open_grant(
    transport: &TransportSecret,
    network: &NetworkId,
    record: &ClusterRecord,
    worker: &WorkerId,
    grant: &KeyGrant,
) -> Result<ClusterSecrets, KeyError> {
    if (grant.cluster, grant.epoch) != (record.cluster, record.epoch) {
        return Err(KeyError::WrongGrant);
    }
    let purpose = Purpose {
        network: *network,
        cluster: &record.cluster,
        epoch: record.epoch,
        worker,
        transport: transport.public(),
    };
    let secrets = ClusterSecrets::open(transport, &purpose.encode(), &grant.sealed)?;
    check_epoch_key(record, &secrets)?;
    Ok(secrets)
}

pub(crate) fn check_epoch_key(record: &ClusterRecord, secrets: &ClusterSecrets) -> Result<(), KeyError> {
    let same = ct_eq(&secrets.epoch_transport().public(), &record.epoch_key);
    if same { Ok(()) } else { Err(KeyError::WrongEpochKey(record.cluster)) }
}

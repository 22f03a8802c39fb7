//! The roots of belief: the network's genesis, the policy of attestation that it names, and the cluster that is meant.

use crate::Rejection;
use tallow_attest::Policy;
use tallow_crypto::network_id;
use tallow_types::{ClusterId, Genesis, NetworkId};

/// Which network and cluster to believe.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// This cluster of this network, and no other: what a worker says of itself decides nothing.
    Pinned(Pin),
    /// This network, and the cluster that the worker names, if the ledger lists it with the word of all who vouch for
    /// it. Another cluster of the network is as well vouched for, so whoever connects so should keep [`crate::Client::pin`].
    Network(NetworkId),
    /// The network and the cluster that the worker names. Whoever connects so should keep [`crate::Client::pin`] and use
    /// it from then on: the first worker could have named a network of its own.
    OnFirstUse,
}

/// A cluster of a network: what a client keeps of the first time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pin {
    /// The network.
    pub network: NetworkId,
    /// The cluster.
    pub cluster: ClusterId,
}

impl Trust {
    pub(crate) fn judge(self, genesis: &Genesis) -> Result<NetworkId, Rejection> {
        let found = network_id(genesis);
        match self {
            Self::Pinned(Pin { network: pinned, .. }) | Self::Network(pinned) if pinned != found => {
                Err(Rejection::WrongNetwork { pinned, found })
            }
            _ => Ok(found),
        }
    }

    /// The cluster that is meant, whatever a worker `says`.
    pub(crate) const fn cluster(self, says: ClusterId) -> ClusterId {
        match self {
            Self::Pinned(Pin { cluster, .. }) => cluster,
            Self::Network(_) | Self::OnFirstUse => says,
        }
    }
}

/// The policy whose digest the genesis holds, among those that are known.
pub(crate) fn policy(genesis: &Genesis, known: Vec<Policy>) -> Result<Policy, Rejection> {
    known.into_iter().find(|policy| policy.digest() == genesis.policy).ok_or(Rejection::UnknownPolicy)
}

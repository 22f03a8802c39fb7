//! The roots of belief: the network's genesis, and the policy of attestation that it names.

use crate::Rejection;
use tallow_attest::Policy;
use tallow_crypto::network_id;
use tallow_types::{Genesis, NetworkId};

/// Which network to believe.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// This one, and no other.
    Pinned(NetworkId),
    /// The one that the worker names. Whoever connects so should keep [`crate::Client::network`] and pin it from then
    /// on: the first worker could have named a network of its own.
    OnFirstUse,
}

impl Trust {
    pub(crate) fn judge(self, genesis: &Genesis) -> Result<NetworkId, Rejection> {
        let found = network_id(genesis);
        match self {
            Self::Pinned(pinned) if pinned != found => Err(Rejection::WrongNetwork { pinned, found }),
            _ => Ok(found),
        }
    }
}

/// The policy whose digest the genesis holds, among those that are known.
pub(crate) fn policy(genesis: &Genesis, known: Vec<Policy>) -> Result<Policy, Rejection> {
    known.into_iter().find(|policy| policy.digest() == genesis.policy).ok_or(Rejection::UnknownPolicy)
}

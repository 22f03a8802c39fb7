//! The secrets of a cluster, and every key that derives from them.

use crate::{Label, Secret, TransportSecret, contract, prf};
use tallow_types::{CommandId, Hash};

/// The two secrets of a cluster, as its replicas hold them.
pub struct ClusterSecrets {
    /// Stable: contract keys derive from it, so wallets survive changes of membership.
    pub identity: Secret<[u8; 32]>,
    /// New whenever a replica leaves: envelopes, log and snapshots are sealed under it.
    pub epoch: Secret<[u8; 32]>,
}

impl ClusterSecrets {
    /// The key to which commands of this epoch are sealed.
    ///
    /// It derives from both secrets: who finds its public half in the registry knows that both are the right ones.
    pub fn epoch_transport(&self) -> TransportSecret {
        let identity = self.of_identity(Label::EpochTransport);
        let seed = prf(&self.epoch, Label::EpochTransport, &[identity.expose()]);
        TransportSecret::from_bytes(&Secret::new(seed))
    }

    /// The key under which answers are sealed in the log.
    pub fn epoch_log_key(&self) -> Secret<[u8; 32]> {
        self.of_epoch(Label::EpochLog)
    }

    /// The key under which snapshots are sealed.
    pub fn epoch_snapshot_key(&self) -> Secret<[u8; 32]> {
        self.of_epoch(Label::EpochSnapshots)
    }

    /// The cluster's sr25519 secret, from which contract keys derive ([`contract::derive_sr25519`]).
    pub fn contract_key_root(&self) -> Secret<[u8; 64]> {
        contract::sr25519_expand(&self.of_identity(Label::ContractKey))
    }

    /// The PRF key of randomness in commands.
    pub fn random_key(&self) -> Secret<[u8; 32]> {
        self.of_identity(Label::RandomKey)
    }

    /// The key that hides the state behind its published commitments.
    pub fn blinding_key(&self) -> Secret<[u8; 32]> {
        self.of_identity(Label::StateBlinding)
    }

    /// The PRF key of idempotency keys and of the choice of executors.
    pub fn calls_key(&self) -> Secret<[u8; 32]> {
        self.of_identity(Label::CallsKey)
    }

    /// The key behind the keys under which the outcomes of timers' firings are sealed.
    pub fn firings_key(&self) -> Secret<[u8; 32]> {
        self.of_identity(Label::FiringKey)
    }

    fn of_identity(&self, label: Label) -> Secret<[u8; 32]> {
        Secret::new(prf(&self.identity, label, &[]))
    }

    fn of_epoch(&self, label: Label) -> Secret<[u8; 32]> {
        Secret::new(prf(&self.epoch, label, &[]))
    }
}

/// The `Idempotency-Key` of an external call: the same for every attempt at it, and for no other call. 32 hexadecimal
/// digits. `calls_key` is [`ClusterSecrets::calls_key`]; `request` is a digest of what is asked.
pub fn idempotency_key(calls_key: &Secret<[u8; 32]>, command: &CommandId, call: u32, request: &Hash) -> String {
    use std::fmt::Write;
    let key = prf(calls_key, Label::IdempotencyKey, &[&command.0, &call.to_le_bytes(), &request.0]);
    key[..16].iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

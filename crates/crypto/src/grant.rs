//! Cluster secrets on their way from the master secret to a worker.

use crate::{ClusterSecrets, Label, SealError, Secret, TransportSecret, prf, transport::send};
use parity_scale_codec::{Decode, Encode};
use tallow_types::ClusterId;
use zeroize::Zeroizing;

/// Cluster secrets sealed to a worker's transport key (HPKE base mode, RFC 9180).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SealedSecrets {
    /// The HPKE encapsulated key.
    pub encapsulated: [u8; 32],
    /// Ciphertext of identity secret ‖ epoch secret.
    pub ciphertext: Vec<u8>,
}

impl ClusterSecrets {
    /// The secrets of a cluster in an epoch. The identity secret is the same in every epoch.
    pub fn derive(master: &Secret<[u8; 32]>, cluster: &ClusterId, epoch: u64) -> Self {
        Self {
            identity: Secret::new(prf(master, Label::ClusterIdentity, &[&cluster.0])),
            epoch: Secret::new(prf(master, Label::ClusterEpoch, &[&cluster.0, &epoch.to_le_bytes()])),
        }
    }

    /// Seals the secrets to a transport key; `aad` says to whom, of what and when.
    ///
    /// # Errors
    /// [`SealError::Key`] when `transport` is no key.
    pub fn seal(&self, transport: &[u8; 32], aad: &[u8]) -> Result<SealedSecrets, SealError> {
        let (encapsulated, mut sealer) = send(transport, Label::SealGrant)?;
        let mut plaintext = Zeroizing::new([0; 64]);
        plaintext[..32].copy_from_slice(self.identity.expose());
        plaintext[32..].copy_from_slice(self.epoch.expose());
        Ok(SealedSecrets { encapsulated, ciphertext: sealer.seal(aad, plaintext.as_slice()) })
    }

    /// Opens what [`ClusterSecrets::seal`] sealed.
    ///
    /// # Errors
    /// [`SealError::Altered`] when it was sealed to another key, for another purpose, or was altered.
    pub fn open(transport: &TransportSecret, aad: &[u8], sealed: &SealedSecrets) -> Result<Self, SealError> {
        let mut opener = transport.receive(&sealed.encapsulated, Label::SealGrant)?;
        let plaintext = Zeroizing::new(opener.open(aad, &sealed.ciphertext)?);
        let (identity, epoch) = plaintext.split_first_chunk::<32>().ok_or(SealError::Altered)?;
        let epoch = epoch.try_into().map_err(|_| SealError::Altered)?;
        Ok(Self { identity: Secret::new(*identity), epoch: Secret::new(epoch) })
    }
}

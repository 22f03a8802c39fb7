//! Commands sealed to a cluster's epoch key.

use crate::{
    AuthorityError, Label, TransportSecret,
    transport::{Sealer, send},
};
use parity_scale_codec::Encode;
use tallow_types::{
    ClusterId, Malformed, NetworkId, SealedCommand, SignedCommand, decode_exact, limits::COMMAND_BYTES_MAX,
};

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// A public key that no secret belongs to.
    #[error("not a usable X25519 key")]
    Key,
    /// Authentication failed.
    #[error("sealed for another key or place, or altered")]
    Altered,
    /// More bytes than the limit.
    #[error("{bytes} bytes, of at most {limit}")]
    TooLarge {
        /// What it has.
        bytes: usize,
        /// What it may have.
        limit: usize,
    },
    /// What was sealed is not what it should be.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A session opening whose terms name another network, cluster, replica or key exchange.
    #[error("the session was opened for another network, cluster, replica or key exchange")]
    Foreign,
    /// A signature that is not the signer's.
    #[error("bad signature")]
    Signature,
    /// A session that is not its caller's.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A session that has ended.
    #[error("the session has expired")]
    Expired,
    /// A session that would last too long.
    #[error("the session would last longer than allowed")]
    TooLong,
    /// A frame of another session, or an answer to another request.
    #[error("the frame belongs to another session or request")]
    Misplaced,
}

/// Refuses what is larger than a limit.
pub(crate) fn check_size(bytes: usize, limit: usize) -> Result<(), SealError> {
    if bytes > limit { Err(SealError::TooLarge { bytes, limit }) } else { Ok(()) }
}

/// Seals a command to a cluster's epoch key.
///
/// # Errors
/// [`SealError::Key`] for an epoch key that is none, [`SealError::TooLarge`] for a command over the limit.
pub fn seal_command(
    epoch_public: &[u8; 32],
    network: &NetworkId,
    cluster: &ClusterId,
    epoch: u64,
    command: &SignedCommand,
) -> Result<SealedCommand, SealError> {
    CommandSealer::new(epoch_public)?.seal(network, cluster, epoch, command)
}

/// The costly half of [`seal_command`], the key agreement, done before there is a command. It seals one: the other end
/// opens one message of each agreement, and two would show to everyone that they come from the same client.
pub struct CommandSealer {
    encapsulated: [u8; 32],
    sealer: Sealer,
}

impl CommandSealer {
    /// Agrees on a key with the holder of a cluster's epoch key.
    ///
    /// # Errors
    /// [`SealError::Key`] for an epoch key that is none.
    pub fn new(epoch_public: &[u8; 32]) -> Result<Self, SealError> {
        let (encapsulated, sealer) = send(epoch_public, Label::SealCommand)?;
        Ok(Self { encapsulated, sealer })
    }

    /// As [`seal_command`], to the key that this was made for.
    ///
    /// # Errors
    /// [`SealError::TooLarge`] for a command over the limit.
    pub fn seal(
        mut self,
        network: &NetworkId,
        cluster: &ClusterId,
        epoch: u64,
        command: &SignedCommand,
    ) -> Result<SealedCommand, SealError> {
        let ciphertext = self.sealer.seal(&aad(network, cluster, epoch), &command.encode());
        let sealed = SealedCommand { epoch, encapsulated: self.encapsulated, ciphertext };
        check_size(sealed.encoded_size(), COMMAND_BYTES_MAX)?;
        Ok(sealed)
    }
}

/// Opens a sealed command. Its signature, caller and expiry are for the caller of this function to judge
/// ([`crate::verify_command`]).
///
/// # Errors
/// [`SealError::TooLarge`] before any work; [`SealError::Altered`] when it was sealed to another key, for another
/// network, cluster or epoch, or was altered; [`SealError::Malformed`] when it is not a command.
pub fn open_command(
    secret: &TransportSecret,
    network: &NetworkId,
    cluster: &ClusterId,
    sealed: &SealedCommand,
) -> Result<SignedCommand, SealError> {
    check_size(sealed.encoded_size(), COMMAND_BYTES_MAX)?;
    let mut opener = secret.receive(&sealed.encapsulated, Label::SealCommand)?;
    let plaintext = opener.open(&aad(network, cluster, sealed.epoch), &sealed.ciphertext)?;
    Ok(decode_exact(&plaintext)?)
}

fn aad(network: &NetworkId, cluster: &ClusterId, epoch: u64) -> Vec<u8> {
    (network, cluster, epoch).encode()
}

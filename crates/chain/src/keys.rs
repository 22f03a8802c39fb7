//! Keys of validators: one static group key, of which each validator holds a share.

use crate::ChainError;
use commonware_codec::{Copying, Decode as _, DecodeExt as _, Encode as _};
use commonware_cryptography::{
    Signer as _,
    bls12381::{
        dkg::feldman_desmedt::deal_anonymous,
        primitives::{
            group::Share,
            sharing::{Mode, ModeVersion, Sharing},
            variant::MinSig,
        },
    },
    ed25519::{PrivateKey, PublicKey},
};
use commonware_utils::{N3f1, NZU32, ordered::Set};
use rand::{SeedableRng as _, rngs::StdRng};
use std::num::NonZeroU32;
use tallow_crypto::Secret;
use tallow_types::{WorkerId, limits::PARTICIPANTS_MAX};

/// Keys made by a trusted dealer, for development. The dealer knows the group's secret.
pub struct Dealt {
    /// The group's public key, as `Genesis::group_key` has it: 96 bytes, BLS12-381 G2.
    pub group_key: Vec<u8>,
    /// Encoded public polynomial; the same for every validator.
    pub polynomial: Vec<u8>,
    /// Encoded share of each validator, in the order of their sorted ed25519 keys.
    pub shares: Vec<Secret<Vec<u8>>>,
}

/// Deals shares to `validators` validators. The same seed gives the same keys.
///
/// # Errors
/// [`ChainError::Settings`] if there are none, or more than `limits::PARTICIPANTS_MAX`.
pub fn deal(validators: usize, seed: &Secret<[u8; 32]>) -> Result<Dealt, ChainError> {
    let count = u32::try_from(validators).ok().and_then(NonZeroU32::new);
    let count = count.filter(|_| validators <= PARTICIPANTS_MAX);
    let count = count.ok_or_else(|| ChainError::Settings(format!("cannot deal keys to {validators} validators")))?;
    let rng = StdRng::from_seed(*seed.expose());
    let (polynomial, shares) = deal_anonymous::<MinSig, N3f1>(rng, Mode::NonZeroCounter, count);
    Ok(Dealt {
        group_key: polynomial.public().encode().to_vec(),
        polynomial: polynomial.encode().to_vec(),
        shares: shares.iter().map(|share| Secret::new(share.encode().to_vec())).collect(),
    })
}

/// A validator's part of the group key.
pub struct ThresholdKeys<'a> {
    /// Encoded public polynomial ([`Dealt::polynomial`]).
    pub polynomial: &'a [u8],
    /// Encoded share of this validator ([`Dealt::shares`]).
    pub share: &'a Secret<Vec<u8>>,
}

impl ThresholdKeys<'_> {
    pub(crate) fn decode(&self) -> Result<(Sharing<MinSig>, Share), ChainError> {
        let limits = (NZU32!(PARTICIPANTS_MAX as u32), ModeVersion::v0());
        let polynomial = Sharing::decode_cfg(Copying(self.polynomial), &limits);
        let polynomial = polynomial.map_err(|_| ChainError::Settings("malformed public polynomial".into()))?;
        let share = Share::decode(Copying(self.share.expose()));
        let share = share.map_err(|_| ChainError::Settings("malformed key share".into()))?;
        Ok((polynomial, share))
    }
}

pub(crate) fn signer(seed: &Secret<[u8; 32]>) -> PrivateKey {
    PrivateKey::decode(Copying(seed.expose())).expect("any 32 bytes are an ed25519 seed")
}

/// The participants in the engine's order, which is that of their bytes.
pub(crate) fn participants(members: &[WorkerId], me: &PrivateKey) -> Result<Set<PublicKey>, ChainError> {
    if members.is_empty() || members.len() > PARTICIPANTS_MAX {
        return Err(ChainError::Settings(format!("a chain cannot have {} participants", members.len())));
    }
    let mut keys = Vec::with_capacity(members.len());
    for member in members {
        let key = PublicKey::decode(Copying(&member.0));
        keys.push(key.map_err(|_| ChainError::Settings(format!("participant {member} is no ed25519 key")))?);
    }
    let set = Set::from_iter_dedup(keys);
    if set.len() != members.len() {
        return Err(ChainError::Settings("a participant is listed twice".into()));
    }
    if set.position(&me.public_key()).is_none() {
        return Err(ChainError::Settings("this key is not among the participants".into()));
    }
    Ok(set)
}

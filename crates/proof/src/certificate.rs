//! Finalisation certificates, as `commonware_consensus::simplex` 2026.10.0 encodes and signs them.
//!
//! A finalisation is `proposal ‖ certificate` with `proposal = varint(epoch) ‖ varint(view) ‖ varint(parent view) ‖
//! digest`. Its signatures are over the proposal in the namespace `<chain's namespace>_FINALIZE`. On the ledger the
//! certificate is one threshold signature (BLS12-381, signatures in G1), in a cluster a bitmap of signers followed by
//! their ed25519 signatures. Written here again rather than taken from that crate, whose dependencies (network, storage,
//! runtime) have no place in a verifier; the tests of `tallow-chain` hold it against certificates of the real engine.

use crate::{CertificateError, VerifyHeader};
use commonware_codec::{Copying, Decode as _, DecodeExt as _, Encode as _, FixedSize as _, varint::UInt};
use commonware_cryptography::{
    Verifier as _,
    bls12381::primitives::{
        ops,
        variant::{MinSig, Variant},
    },
    ed25519::{PublicKey, certificate::Certificate},
};
use commonware_utils::{
    N3f1,
    ordered::{Quorum as _, Set},
};
use tallow_crypto::{consensus_namespace, header_digest};
use tallow_types::{
    CertifiedHeader, Hash, Header, WorkerId,
    limits::{HEADER_CHAIN_MAX, PARTICIPANTS_MAX},
};

const FINALIZE: &[u8] = b"_FINALIZE";

/// Judges headers of the ledger. The group key is the same in every epoch.
///
/// Whoever held shares in an old epoch could still sign for it: a caller that remembers the newest epoch and height it
/// has seen must not go behind them.
#[derive(Debug, Clone)]
pub struct LedgerVerifier {
    network: Hash,
    namespace: Vec<u8>,
    group: <MinSig as Variant>::Public,
}

impl LedgerVerifier {
    /// `group_key` is `Genesis::group_key`.
    ///
    /// # Errors
    /// [`CertificateError::MalformedKey`].
    pub fn new(network: Hash, group_key: &[u8]) -> Result<Self, CertificateError> {
        let group = <MinSig as Variant>::Public::decode(Copying(group_key));
        let group = group.map_err(|_| CertificateError::MalformedKey)?;
        Ok(Self { network, namespace: namespace(&network), group })
    }
}

impl VerifyHeader for LedgerVerifier {
    fn verify(&self, certified: &CertifiedHeader) -> Result<(), CertificateError> {
        let (proposal, signature) = judge(certified, &self.network, certified.header.epoch)?;
        if signature.len() != <MinSig as Variant>::Signature::SIZE {
            return Err(CertificateError::MalformedCertificate);
        }
        let signature = <MinSig as Variant>::Signature::decode(Copying(signature));
        let signature = signature.map_err(|_| CertificateError::MalformedCertificate)?;
        ops::verify_message::<MinSig>(&self.group, &self.namespace, &proposal, &signature)
            .map_err(|_| CertificateError::InvalidCertificate)
    }
}

/// Judges headers of one epoch of a cluster log.
#[derive(Debug, Clone)]
pub struct ClusterVerifier {
    cluster: Hash,
    epoch: u64,
    namespace: Vec<u8>,
    members: Set<PublicKey>,
}

impl ClusterVerifier {
    /// `members` are the replicas of that epoch, in any order.
    ///
    /// # Errors
    /// [`CertificateError::MalformedKey`] if there are none, too many, one twice, or one that is no ed25519 key.
    pub fn new(cluster: Hash, epoch: u64, members: &[WorkerId]) -> Result<Self, CertificateError> {
        let keys: Result<Vec<PublicKey>, _> =
            members.iter().map(|member| PublicKey::decode(Copying(&member.0))).collect();
        let set = Set::from_iter_dedup(keys.map_err(|_| CertificateError::MalformedKey)?);
        if set.is_empty() || set.len() != members.len() || set.len() > PARTICIPANTS_MAX {
            return Err(CertificateError::MalformedKey);
        }
        Ok(Self { cluster, epoch, namespace: namespace(&cluster), members: set })
    }

    /// The members that signed, as the certificate says. Whether their signatures are good is for
    /// [`VerifyHeader::verify`] to say.
    ///
    /// # Errors
    /// As [`VerifyHeader::verify`], but for the signatures.
    pub fn signers(&self, certified: &CertifiedHeader) -> Result<Vec<WorkerId>, CertificateError> {
        let (_, certificate) = self.decode(certified)?;
        let keys = certificate.signers.iter().filter_map(|signer| self.members.key(signer));
        let key = |key: &PublicKey| key.encode().as_ref().try_into().ok().map(WorkerId);
        Ok(keys.filter_map(key).collect())
    }

    /// The proposal that must be signed, and the certificate for it.
    fn decode(&self, certified: &CertifiedHeader) -> Result<(Vec<u8>, Certificate), CertificateError> {
        let (proposal, certificate) = judge(certified, &self.cluster, self.epoch)?;
        // Decoding checks that there are as many signatures as signers, and at least one.
        let certificate = Certificate::decode_cfg(Copying(certificate), &self.members.len());
        Ok((proposal, certificate.map_err(|_| CertificateError::MalformedCertificate)?))
    }

    fn check(&self, proposal: &[u8], certificate: &Certificate) -> Result<(), CertificateError> {
        let quorum = self.members.quorum::<N3f1>() as usize;
        if certificate.signers.len() != self.members.len() || certificate.signers.count() < quorum {
            return Err(CertificateError::InvalidCertificate);
        }
        for (signer, signature) in certificate.signers.iter().zip(&certificate.signatures) {
            let key = self.members.key(signer).ok_or(CertificateError::InvalidCertificate)?;
            let signature = signature.get().ok_or(CertificateError::MalformedCertificate)?;
            if !key.verify(&self.namespace, proposal, signature) {
                return Err(CertificateError::InvalidCertificate);
            }
        }
        Ok(())
    }
}

impl VerifyHeader for ClusterVerifier {
    fn verify(&self, certified: &CertifiedHeader) -> Result<(), CertificateError> {
        let (proposal, certificate) = self.decode(certified)?;
        self.check(&proposal, &certificate)
    }
}

fn namespace(chain: &Hash) -> Vec<u8> {
    [consensus_namespace(chain).as_slice(), FINALIZE].concat()
}

/// Everything but the signatures. Returns the proposal that must be signed and the encoded certificate for it.
fn judge<'a>(
    certified: &'a CertifiedHeader,
    chain: &Hash,
    epoch: u64,
) -> Result<(Vec<u8>, &'a [u8]), CertificateError> {
    let last = last_header(certified, chain, epoch)?;
    let proposal = proposal(last);
    // The encoding is canonical, so a finalisation of this header starts with these very bytes.
    let certificate = certified.certificate.strip_prefix(proposal.as_slice());
    let certificate = certificate.ok_or(CertificateError::WrongHeader)?;
    Ok((proposal, certificate))
}

fn proposal(header: &Header) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(3 * 10 + 32);
    for number in [header.epoch, header.view, header.parent_view] {
        bytes.extend_from_slice(&UInt(number).encode());
    }
    bytes.extend_from_slice(&header_digest(header).0);
    bytes
}

/// The header the certificate must be for: the last of an unbroken chain.
fn last_header<'a>(certified: &'a CertifiedHeader, chain: &Hash, epoch: u64) -> Result<&'a Header, CertificateError> {
    if certified.descendants.len() > HEADER_CHAIN_MAX {
        return Err(CertificateError::ChainTooLong);
    }
    let mut last = &certified.header;
    belongs(last, chain, epoch)?;
    for next in &certified.descendants {
        belongs(next, chain, epoch)?;
        if next.parent != header_digest(last) || last.position.height.checked_add(1) != Some(next.position.height) {
            return Err(CertificateError::BrokenChain);
        }
        last = next;
    }
    Ok(last)
}

fn belongs(header: &Header, chain: &Hash, epoch: u64) -> Result<(), CertificateError> {
    if header.chain != *chain {
        return Err(CertificateError::WrongChain);
    }
    if header.epoch != epoch {
        return Err(CertificateError::WrongEpoch);
    }
    Ok(())
}

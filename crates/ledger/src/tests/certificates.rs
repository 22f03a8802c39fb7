//! Certificates as the consensus engine makes them.

use super::{cluster_id, keypair, members};
use commonware_codec::{Copying, DecodeExt as _, Encode as _, varint::UInt};
use commonware_cryptography::{
    bls12381::primitives::{group::Private, ops, variant::MinSig},
    certificate::Signers,
    ed25519::{Signature, certificate::Certificate},
};
use commonware_utils::Participant;
use tallow_crypto::{consensus_namespace, header_digest};
use tallow_types::{BlockDigest, CertifiedHeader, Commitments, Hash, Header, Position, WorkerId};

pub(super) fn header(height: u64, outbox: Hash) -> Header {
    Header {
        chain: Hash(cluster_id().0),
        epoch: 0,
        view: height + 1,
        parent_view: height,
        leader: WorkerId([0; 32]),
        parent: BlockDigest([5; 32]),
        position: Position { height, time_ms: 10 * height },
        entries: Hash([6; 32]),
        commitments: Commitments { outbox, ..Commitments::default() },
    }
}

/// The namespace and the message that replicas and validators sign to finalise.
fn vote(header: &Header) -> (Vec<u8>, Vec<u8>) {
    let namespace = [consensus_namespace(&header.chain).as_slice(), b"_FINALIZE"].concat();
    let mut proposal = Vec::new();
    for number in [header.epoch, header.view, header.parent_view] {
        proposal.extend_from_slice(&UInt(number).encode());
    }
    proposal.extend_from_slice(&header_digest(header).0);
    (namespace, proposal)
}

/// A cluster header with the signatures of these of workers 1 to 4.
pub(super) fn certify(header: Header, signers: &[u8]) -> CertifiedHeader {
    let (namespace, proposal) = vote(&header);
    let message = [&[namespace.len() as u8], namespace.as_slice(), &proposal].concat();
    let all = members(1..=4);
    let mut votes: Vec<(u32, [u8; 64])> = signers
        .iter()
        .map(|seed| {
            let index = all.iter().position(|member| Some(*member) == keypair(*seed).worker());
            (index.unwrap_or(0) as u32, keypair(*seed).sign(&message).0)
        })
        .collect();
    votes.sort();
    let certificate = Certificate {
        signers: Signers::new(4, votes.iter().map(|(index, _)| Participant::new(*index))).unwrap(),
        signatures: votes.iter().map(|(_, signature)| Signature::decode(Copying(signature)).unwrap().into()).collect(),
    };
    let certificate = [proposal.as_slice(), &certificate.encode()].concat();
    CertifiedHeader { header, descendants: Vec::new(), certificate }
}

/// A certified cluster header that a quorum signed.
pub(super) fn certified(height: u64, outbox: Hash) -> CertifiedHeader {
    certify(header(height, outbox), &[1, 2, 3])
}

fn group(seed: u8) -> Private {
    Private::decode(Copying(&[seed; 32])).unwrap()
}

/// The encoded key of a validators' group.
pub(super) fn group_key(seed: u8) -> Vec<u8> {
    ops::compute_public::<MinSig>(&group(seed)).encode().to_vec()
}

/// A ledger header that the group of `seed` certifies.
pub(super) fn by_group(seed: u8, header: Header) -> CertifiedHeader {
    let (namespace, proposal) = vote(&header);
    let signature = ops::sign_message::<MinSig>(&group(seed), &namespace, &proposal);
    let certificate = [proposal.as_slice(), &signature.encode()].concat();
    CertifiedHeader { header, descendants: Vec::new(), certificate }
}

//! Certificates as the consensus engine makes them, of a ledger and a cluster of one participant each.

use commonware_codec::{Copying, DecodeExt, Encode};
use commonware_consensus::simplex::scheme::{Scheme, bls12381_threshold::standard, ed25519};
use commonware_consensus::simplex::types::{Finalization, Finalize, Proposal};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_cryptography::bls12381::dkg::feldman_desmedt::deal_anonymous;
use commonware_cryptography::bls12381::primitives::{sharing::Mode, variant::MinSig};
use commonware_cryptography::ed25519::{PrivateKey, PublicKey};
use commonware_cryptography::{Signer, sha256};
use commonware_parallel::Sequential;
use commonware_utils::{N3f1, NZU32, non_empty, ordered::Set};
use rand::{SeedableRng, rngs::StdRng};
use tallow_crypto::{consensus_namespace, header_digest};
use tallow_types::{CertifiedHeader, Hash, Header};

/// Certifies headers of one chain.
pub(crate) type Certifier = Box<dyn Fn(Header) -> CertifiedHeader + Send + Sync>;

fn certifier<S: Scheme<sha256::Digest> + 'static>(scheme: S) -> Certifier {
    Box::new(move |header| {
        let round = Round::new(Epoch::new(header.epoch), View::new(header.view));
        let digest = sha256::Digest(header_digest(&header).0);
        let proposal = Proposal::new(round, View::new(header.parent_view), digest);
        let vote = Finalize::sign(&scheme, proposal).expect("the participant votes");
        let finalization = Finalization::from_owned_finalizes(&scheme, non_empty![vote], &Sequential);
        let certificate = finalization.expect("one vote of one is a quorum").encode().to_vec();
        CertifiedHeader { header, descendants: Vec::new(), certificate }
    })
}

fn participant(seed: &[u8; 32]) -> (PrivateKey, Set<PublicKey>) {
    let key = PrivateKey::decode(Copying(&seed[..])).expect("any 32 bytes are a seed");
    let set = Set::from_iter_dedup([key.public_key()]);
    (key, set)
}

/// Certifier of a cluster whose only replica has this ed25519 seed.
pub(crate) fn cluster(chain: Hash, seed: &[u8; 32]) -> Certifier {
    let (key, set) = participant(seed);
    let scheme = ed25519::Scheme::signer(&consensus_namespace(&chain), set, key).expect("it is a participant");
    certifier(scheme)
}

/// The group key of a ledger of one validator, and its certifier once the chain's id is known.
pub(crate) fn ledger(seed: u8) -> (Vec<u8>, impl FnOnce(Hash) -> Certifier) {
    let rng = StdRng::from_seed([seed; 32]);
    let (polynomial, shares) = deal_anonymous::<MinSig, N3f1>(rng, Mode::NonZeroCounter, NZU32!(1));
    let group_key = polynomial.public().encode().to_vec();
    let make = move |chain: Hash| {
        let (_, set) = participant(&[seed; 32]);
        let share = shares.into_iter().next().expect("one share is dealt");
        let scheme =
            standard::Scheme::<PublicKey, MinSig>::signer(&consensus_namespace(&chain), set, polynomial, share);
        certifier(scheme.expect("the share belongs to the key"))
    };
    (group_key, make)
}

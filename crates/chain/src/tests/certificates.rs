//! Certificates of the real engine against the verifiers of `tallow-proof`.

use super::{
    counter::Counter,
    solo::{config, member, submit_all},
};
use crate::{ThresholdKeys, deal, start_ed25519, start_threshold};
use std::sync::Arc;
use tallow_crypto::Secret;
use tallow_proof::{CertificateError, ClusterVerifier, LedgerVerifier, VerifyHeader};
use tallow_types::{CertifiedHeader, Hash};

/// Certified headers of a short run, and with a header moved behind the one it was certified with.
fn check(verifier: &dyn VerifyHeader, others: &[&dyn VerifyHeader], app: &Counter) {
    let seen = app.seen();
    for block in &seen {
        assert_eq!(verifier.verify(&block.certified), Ok(()), "height {}", block.height);
        for other in others {
            assert!(other.verify(&block.certified).is_err());
        }
    }
    let (first, second) = (&seen[0].certified, &seen[1].certified);
    let chained = CertifiedHeader {
        header: first.header.clone(),
        descendants: vec![second.header.clone()],
        certificate: second.certificate.clone(),
    };
    assert_eq!(verifier.verify(&chained), Ok(()));
    let swapped = CertifiedHeader { certificate: second.certificate.clone(), ..first.clone() };
    assert_eq!(verifier.verify(&swapped), Err(CertificateError::WrongHeader));
    let broken = CertifiedHeader { header: seen[2].certified.header.clone(), ..chained };
    assert_eq!(verifier.verify(&broken), Err(CertificateError::BrokenChain));
    every_flipped_bit_is_refused(verifier, first);
}

fn every_flipped_bit_is_refused(verifier: &dyn VerifyHeader, certified: &CertifiedHeader) {
    for bit in 0..certified.certificate.len() * 8 {
        let mut altered = certified.clone();
        altered.certificate[bit / 8] ^= 1 << (bit % 8);
        assert!(verifier.verify(&altered).is_err(), "bit {bit} of the certificate");
    }
    for length in 0..certified.certificate.len() {
        let altered = CertifiedHeader { certificate: certified.certificate[..length].to_vec(), ..certified.clone() };
        assert!(verifier.verify(&altered).is_err(), "certificate cut to {length}");
    }
    let longer = [certified.certificate.as_slice(), &[0]].concat();
    assert!(verifier.verify(&CertifiedHeader { certificate: longer, ..certified.clone() }).is_err());
    let mut header = certified.clone();
    header.header.commitments.state.0[0] ^= 1;
    assert!(verifier.verify(&header).is_err());
}

#[test]
fn cluster_certificates_verify() {
    let dir = tempfile::tempdir().unwrap();
    let app = Arc::new(Counter::default());
    let (seed, worker) = member();
    let chain = start_ed25519(config(dir.path()), &seed, &[worker], app.clone(), None).unwrap();
    submit_all(&chain, &app, 1..10);
    chain.shutdown();
    let cluster = config(dir.path()).chain;
    let verifier = ClusterVerifier::new(cluster, 0, &[worker]).unwrap();
    let other = tallow_crypto::Keypair::ed25519_from_seed(&Secret::new([8; 32])).worker().unwrap();
    let other_member = ClusterVerifier::new(cluster, 0, &[other]).unwrap();
    let more_members = ClusterVerifier::new(cluster, 0, &[worker, other]).unwrap();
    let other_epoch = ClusterVerifier::new(cluster, 1, &[worker]).unwrap();
    let other_chain = ClusterVerifier::new(Hash([7; 32]), 0, &[worker]).unwrap();
    check(&verifier, &[&other_member, &more_members, &other_epoch, &other_chain], &app);
    assert!(ClusterVerifier::new(cluster, 0, &[]).is_err());
    assert!(ClusterVerifier::new(cluster, 0, &[worker, worker]).is_err());
}

#[test]
fn ledger_certificates_verify() {
    let dir = tempfile::tempdir().unwrap();
    let app = Arc::new(Counter::default());
    let (seed, worker) = member();
    let dealt = deal(1, &Secret::new([1; 32])).unwrap();
    let keys = ThresholdKeys { polynomial: &dealt.polynomial, share: &dealt.shares[0] };
    let chain = start_threshold(config(dir.path()), &seed, &[worker], &keys, app.clone(), None).unwrap();
    submit_all(&chain, &app, 1..10);
    chain.shutdown();
    let network = config(dir.path()).chain;
    assert_eq!(dealt.group_key.len(), 96);
    let verifier = LedgerVerifier::new(network, &dealt.group_key).unwrap();
    let other_group = LedgerVerifier::new(network, &deal(1, &Secret::new([2; 32])).unwrap().group_key).unwrap();
    let other_chain = LedgerVerifier::new(Hash([7; 32]), &dealt.group_key).unwrap();
    check(&verifier, &[&other_group, &other_chain], &app);
    assert!(LedgerVerifier::new(network, &dealt.group_key[1..]).is_err());
    assert!(LedgerVerifier::new(network, &[0; 96]).is_err());
}

//! Four participants on the deterministic runtime, with a simulated network.

use super::counter::{Counter, Seen};
use crate::group::{Certificates, Group, Outcome, SIZE, dealt, members};
use std::sync::Arc;
use tallow_proof::{ClusterVerifier, LedgerVerifier, VerifyHeader};
use tallow_types::Hash;

const CHAIN: Hash = Hash([9; 32]);
const SUBMITTED: u64 = 24;

/// Runs the group until every live participant has seen every number, submitted to all of them.
fn run(certificates: Certificates, seed: u64, crashed: usize) -> Outcome<Counter> {
    let group = Group { chain: CHAIN, genesis_time_ms: 0, certificates, seed, crashed };
    let submit = |step: u64, app: &Counter| {
        if step < SUBMITTED {
            app.submit(step + 1);
        }
    };
    group.run(|_| Arc::new(Counter::default()), submit, |app| app.counts().len() as u64 == SUBMITTED)
}

/// Every participant has the same block with the same commitments at each height, provably final, each number once.
fn agree(outcome: &Outcome<Counter>, verifier: &dyn VerifyHeader) {
    let all: Vec<Vec<Seen>> = outcome.apps.iter().map(|app| app.seen()).collect();
    let shortest = all.iter().map(Vec::len).min().unwrap();
    assert!(shortest > 3);
    for seen in &all {
        for (index, block) in seen.iter().enumerate() {
            assert_eq!(block.height, index as u64 + 1);
            assert_eq!(verifier.verify(&block.certified), Ok(()), "height {}", block.height);
            assert_eq!(tallow_crypto::header_digest(&block.certified.header), block.digest);
        }
        for (ours, theirs) in seen.iter().zip(&all[0]) {
            assert_eq!((ours.digest, ours.commitments), (theirs.digest, theirs.commitments));
        }
    }
    for app in &outcome.apps {
        assert!(app.counts().values().all(|count| *count == 1), "each number once");
    }
}

fn check(verifier: &dyn VerifyHeader, certificates: Certificates) {
    for (seed, crashed) in [(1, 0), (2, 1)] {
        let outcome = run(certificates, seed, crashed);
        assert_eq!(outcome.apps.len(), SIZE - crashed);
        agree(&outcome, verifier);
        assert_eq!(outcome.audit, run(certificates, seed, crashed).audit, "seed {seed} does not repeat");
    }
}

#[test]
fn a_cluster_of_four_agrees_also_without_one() {
    let verifier = ClusterVerifier::new(CHAIN, 0, &members()).unwrap();
    check(&verifier, Certificates::Ed25519);
}

#[test]
fn a_ledger_of_four_agrees_also_without_one() {
    let verifier = LedgerVerifier::new(CHAIN, &dealt().group_key).unwrap();
    check(&verifier, Certificates::Threshold);
}

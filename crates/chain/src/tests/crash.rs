//! One participant whose process dies at arbitrary moments, on a storage that then forgets everything unsynced.

use super::counter::{Counter, Seen};
use crate::{
    Config,
    block::Digest,
    engine::{self, Setup},
    keys::{participants, signer},
    start::solo,
    status::Status,
    store::archive_config,
};
use commonware_consensus::simplex::{scheme::ed25519, types::Finalization};
use commonware_cryptography::Signer as _;
use commonware_runtime::{
    Clock as _, Runner as _, Spawner as _, Supervisor as _, buffer::paged::CacheRef, deterministic,
};
use commonware_storage::{
    archive::{Archive as _, Identifier, prunable},
    translator::EightCap,
};
use commonware_utils::{NZU16, NZUsize, channel::watch};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tallow_crypto::{Keypair, Secret};
use tallow_types::Hash;

/// The archive of certificates.
type Certificates = prunable::Archive<EightCap, deterministic::Context, Digest, Finalization<ed25519::Scheme, Digest>>;

/// Runs for a while, submitting numbers from `from` on, and then dies.
async fn live(context: deterministic::Context, from: u64, lifetime: Duration) -> Vec<Seen> {
    let seed = Secret::new([3; 32]);
    let key = signer(&seed);
    let members = participants(&[Keypair::ed25519_from_seed(&seed).worker().unwrap()], &key).unwrap();
    let config = Config::solo(Hash([9; 32]), "simulated".into());
    let namespace = tallow_crypto::consensus_namespace(&config.chain);
    let scheme = ed25519::Scheme::signer(&namespace, members.clone(), key.clone()).unwrap();
    let app = Arc::new(Counter::default());
    let machine = engine::machine(&config, app.clone(), &key.public_key(), None);
    let (status, ready) = watch::channel(Status { tip: machine.branches().tip(), ready: false });
    let me = key.public_key();
    let setup =
        Setup { config, first: me.clone(), me, scheme, machine: machine.clone(), status, prefix: String::new() };
    let chain = context.child("chain").spawn(move |context| engine::run(context, setup, solo(members)));
    let end = context.current() + lifetime;
    let mut number = from;
    while context.current() < end {
        app.submit(number);
        machine.wake();
        number += 1;
        context.sleep(Duration::from_millis(3)).await;
    }
    assert!(ready.has_changed().is_ok(), "the chain has ended by itself");
    chain.abort();
    app.seen()
}

#[test]
fn what_was_final_is_there_after_any_crash() {
    for seed in 0..4 {
        let mut known: BTreeMap<u64, Seen> = BTreeMap::new();
        let config = deterministic::Config::new().with_seed(seed).with_timeout(Some(Duration::from_secs(600)));
        let first = Duration::from_millis(50 + seed * 7);
        let (seen, mut checkpoint) =
            deterministic::Runner::new(config).start_and_recover(|context| live(context, 1, first));
        known.extend(seen.into_iter().map(|seen| (seen.height, seen)));
        assert!(!known.is_empty());
        for round in 1..4u64 {
            let lifetime = Duration::from_millis(2_500 + seed * 13 + round * 5);
            let runner = deterministic::Runner::from(checkpoint);
            let (seen, next) = runner.start_and_recover(|context| live(context, round * 10_000, lifetime));
            compare(&known, &seen);
            let (before, after) = (known.len(), seen.len());
            assert!(after > before, "seed {seed}, round {round}: no progress after a crash, {before} blocks");
            known.extend(seen.into_iter().map(|seen| (seen.height, seen)));
            checkpoint = next;
        }
    }
}

/// As a failure of power may leave the archive: it holds a block and a later finalisation, and not the block's own.
/// Gives the height of that block, so many before the last.
async fn lose_a_certificate(context: deterministic::Context, before_last: u64) -> u64 {
    let cache = CacheRef::new(NZU16!(4084), NZUsize!(64));
    let config = || archive_config(|part| format!("finalizations-{part}"), 64, &cache);
    let open = |name| Certificates::init(context.child(name), config());
    let archive = open("before").await.unwrap();
    let last = archive.last_index().unwrap();
    let lost = last - before_last;
    let mut kept = Vec::new();
    for height in (1..=last).filter(|height| *height != lost) {
        kept.extend(archive.get(Identifier::Index(height)).await.unwrap().map(|kept| (height, kept)));
    }
    archive.destroy().await.unwrap();
    let mut archive = open("after").await.unwrap();
    for (height, kept) in kept {
        archive = archive.put(height, kept.proposal.payload, &kept).await.unwrap();
    }
    archive.sync().await.unwrap();
    lost
}

#[test]
fn a_certificate_that_the_archive_lost_is_still_the_one_that_receipts_have() {
    for seed in 0..8 {
        let config = deterministic::Config::new().with_seed(seed).with_timeout(Some(Duration::from_secs(600)));
        let lifetime = Duration::from_millis(2_100 + seed * 7);
        let (seen, checkpoint) =
            deterministic::Runner::new(config).start_and_recover(|context| live(context, 1, lifetime));
        let known: BTreeMap<u64, Seen> = seen.into_iter().map(|seen| (seen.height, seen)).collect();
        // Blocks that were acknowledged are replayed before consensus starts, the newest ones while it does.
        let (lost, checkpoint) = deterministic::Runner::from(checkpoint)
            .start_and_recover(|context| lose_a_certificate(context, 1 + seed * 16));
        assert!(known[&lost].certified.descendants.is_empty(), "seed {seed}: it had a certificate of its own");
        let seen = deterministic::Runner::from(checkpoint).start(|context| live(context, 10_000, lifetime));
        compare(&known, &seen);
    }
}

/// Everything seen before is seen again, unaltered and marked as replayed; everything else follows it.
fn compare(known: &BTreeMap<u64, Seen>, seen: &[Seen]) {
    for (index, block) in seen.iter().enumerate() {
        assert_eq!(block.height, index as u64 + 1);
        if let Some(before) = known.get(&block.height) {
            assert_eq!((block.digest, &block.entries), (before.digest, &before.entries));
            assert_eq!(block.certified, before.certified, "the proof of block {} is another", block.height);
            assert!(block.replayed, "block {} is not marked as replayed", block.height);
        }
    }
    assert!(seen.len() >= known.len(), "of {} final blocks {} are left", known.len(), seen.len());
}

//! Four participants on the deterministic runtime, with a simulated network.

use super::counter::{Counter, Seen};
use crate::{
    Config, NetworkConfig,
    block::{Block, Digest},
    engine::{self, Setup, Wiring},
    keys::{ThresholdKeys, deal, participants, signer},
    machine::{Machine, worker},
    start::threshold_scheme,
    status::Status,
};
use commonware_consensus::{
    marshal::{self, standard::Standard},
    simplex::scheme::{Scheme, ed25519},
};
use commonware_cryptography::{
    Signer as _,
    ed25519::{PrivateKey, PublicKey},
};
use commonware_p2p::simulated::{self, Link, Oracle};
use commonware_runtime::{Clock as _, Quota, Runner as _, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::{NZU32, NZUsize, channel::watch, ordered::Set, probability};
use std::{sync::Arc, time::Duration};
use tallow_crypto::Secret;
use tallow_proof::{ClusterVerifier, LedgerVerifier, VerifyHeader};
use tallow_types::{Hash, WorkerId};

const SIZE: usize = 4;
const CHAIN: Hash = Hash([9; 32]);
const SUBMITTED: u64 = 24;

fn seeds() -> Vec<Secret<[u8; 32]>> {
    let mut seeds: Vec<Secret<[u8; 32]>> = (1..=SIZE as u8).map(|number| Secret::new([number; 32])).collect();
    seeds.sort_by_key(|seed| worker(&signer(seed).public_key()));
    seeds
}

fn members() -> Vec<WorkerId> {
    seeds().iter().map(|seed| worker(&signer(seed).public_key())).collect()
}

fn config() -> Config {
    let network = NetworkConfig { listen: ([127, 0, 0, 1], 0).into(), peers: Vec::new() };
    Config::networked(CHAIN, "simulated".into(), network)
}

/// A participant of the simulated group.
struct Node {
    app: Arc<Counter>,
    machine: Arc<Machine<Counter>>,
    task: commonware_runtime::Handle<Result<(), crate::ChainError>>,
}

async fn launch<S: Scheme<Digest, PublicKey = PublicKey>>(
    context: &deterministic::Context,
    oracle: &Oracle<PublicKey, deterministic::Context>,
    key: &PrivateKey,
    members: &Set<PublicKey>,
    scheme: S,
) -> Node {
    let me = key.public_key();
    let app = Arc::new(Counter::default());
    let first = members.iter().next().unwrap().clone();
    let machine = engine::machine(&config(), app.clone(), &first, None);
    let (status, _) = watch::channel(Status { tip: machine.branches().tip(), ready: false });
    let prefix = format!("{}-", members.position(&me).unwrap());
    let setup = Setup { config: config(), me: me.clone(), first, scheme, machine: machine.clone(), status, prefix };
    let control = oracle.control(me);
    let quota = Quota::per_second(NZU32!(4_096));
    let wiring = Wiring {
        votes: control.register(0, quota).await.unwrap(),
        certificates: control.register(1, quota).await.unwrap(),
        resolver: control.register(2, quota).await.unwrap(),
        backfill: control.register(3, quota).await.unwrap(),
        broadcast: control.register(4, quota).await.unwrap(),
        peers: oracle.manager(),
        blocker: control,
    };
    let task = context.child("node").spawn(move |context| engine::run(context, setup, wiring));
    Node { app, machine, task }
}

async fn network<S: Scheme<Digest, PublicKey = PublicKey>>(
    context: &deterministic::Context,
    members: &Set<PublicKey>,
) -> Oracle<PublicKey, deterministic::Context> {
    let max_size = marshal::max_payload_size::<Standard<Block>, S>(SIZE as u32, &());
    let config = simulated::Config {
        max_size: u32::try_from(max_size).unwrap(),
        max_peers_per_set: NZUsize!(SIZE),
        disconnect_on_block: true,
        tracked_peer_sets: NZUsize!(1),
    };
    let (network, oracle) =
        simulated::Network::new_with_peers(context.child("network"), config, members.iter().cloned()).await;
    network.start();
    let link =
        Link { latency: Duration::from_millis(10), jitter: Duration::from_millis(3), success_rate: probability!(1.0) };
    for from in members.iter() {
        for to in members.iter().filter(|to| *to != from) {
            oracle.add_link(from.clone(), to.clone(), link.clone()).await.unwrap();
        }
    }
    oracle
}

/// What a run leaves: the runtime's audit of every event, and what each live participant saw.
struct Outcome {
    audit: String,
    seen: Vec<Vec<Seen>>,
}

/// Runs the group until every live participant has seen every number, submitted to all of them.
fn run<S: Scheme<Digest, PublicKey = PublicKey>>(seed: u64, crashed: usize, scheme: fn(usize) -> S) -> Outcome {
    let config = deterministic::Config::new().with_seed(seed).with_timeout(Some(Duration::from_secs(600)));
    deterministic::Runner::new(config).start(|context| async move {
        let seeds = seeds();
        let set = participants(&members(), &signer(&seeds[0])).unwrap();
        let oracle = network::<S>(&context, &set).await;
        let mut nodes = Vec::new();
        for (index, seed) in seeds.iter().enumerate().skip(crashed) {
            nodes.push(launch(&context, &oracle, &signer(seed), &set, scheme(index)).await);
        }
        for number in 1..=SUBMITTED {
            for node in &nodes {
                node.app.submit(number);
                node.machine.wake();
            }
            context.sleep(Duration::from_millis(30)).await;
        }
        while !nodes.iter().all(|node| node.app.counts().len() as u64 == SUBMITTED) {
            context.sleep(Duration::from_millis(100)).await;
        }
        nodes.iter().for_each(|node| node.task.abort());
        Outcome { audit: context.auditor().state(), seen: nodes.iter().map(|node| node.app.seen()).collect() }
    })
}

fn ed25519_scheme(index: usize) -> ed25519::Scheme {
    let key = signer(&seeds()[index]);
    let set = participants(&members(), &key).unwrap();
    ed25519::Scheme::signer(&tallow_crypto::consensus_namespace(&CHAIN), set, key).unwrap()
}

type Threshold = commonware_consensus::simplex::scheme::bls12381_threshold::standard::Scheme<
    PublicKey,
    commonware_cryptography::bls12381::primitives::variant::MinSig,
>;

fn dealt() -> crate::Dealt {
    deal(SIZE, &Secret::new([6; 32])).unwrap()
}

fn bls_scheme(index: usize) -> Threshold {
    let dealt = dealt();
    let keys = ThresholdKeys { polynomial: &dealt.polynomial, share: &dealt.shares[index] };
    let key = signer(&seeds()[index]);
    threshold_scheme(&config(), &participants(&members(), &key).unwrap(), &key, &keys).unwrap()
}

/// Every participant has the same block with the same commitments at each height, provably final, each number once.
fn agree(outcome: &Outcome, verifier: &dyn VerifyHeader) {
    let shortest = outcome.seen.iter().map(Vec::len).min().unwrap();
    assert!(shortest > 3);
    let first = &outcome.seen[0];
    for seen in &outcome.seen {
        for (index, block) in seen.iter().enumerate() {
            assert_eq!(block.height, index as u64 + 1);
            assert_eq!(verifier.verify(&block.certified), Ok(()), "height {}", block.height);
            assert_eq!(tallow_crypto::header_digest(&block.certified.header), block.digest);
        }
        for (ours, theirs) in seen.iter().zip(first) {
            assert_eq!((ours.digest, ours.commitments), (theirs.digest, theirs.commitments));
        }
    }
}

fn check<S: Scheme<Digest, PublicKey = PublicKey>>(verifier: &dyn VerifyHeader, scheme: fn(usize) -> S) {
    for (seed, crashed) in [(1, 0), (2, 1)] {
        let outcome = run(seed, crashed, scheme);
        assert_eq!(outcome.seen.len(), SIZE - crashed);
        agree(&outcome, verifier);
        assert_eq!(outcome.audit, run(seed, crashed, scheme).audit, "seed {seed} does not repeat");
    }
}

#[test]
fn a_cluster_of_four_agrees_also_without_one() {
    let verifier = ClusterVerifier::new(CHAIN, 0, &members()).unwrap();
    check(&verifier, ed25519_scheme);
}

#[test]
fn a_ledger_of_four_agrees_also_without_one() {
    let verifier = LedgerVerifier::new(CHAIN, &dealt().group_key).unwrap();
    check(&verifier, bls_scheme);
}

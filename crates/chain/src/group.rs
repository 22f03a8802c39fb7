//! A group of participants on the deterministic runtime with a simulated network, for tests of applications.
//!
//! Time, scheduling, network and disk are simulated and follow from a seed: the same seed gives the same run.

use crate::{
    Application, Config, NetworkConfig,
    block::{Block, Digest},
    engine::{self, Setup, Wiring},
    keys::{Dealt, ThresholdKeys, deal, participants, signer},
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
use tallow_types::{Hash, WorkerId};

/// How many participants there are: one may fail.
pub const SIZE: usize = 4;
/// Simulated time between two steps of the driver.
const STEP: Duration = Duration::from_millis(30);
/// Simulated time after which a group that does not get there has failed.
const PATIENCE: Duration = Duration::from_secs(600);

/// The kind of certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificates {
    /// Those of a cluster log.
    Ed25519,
    /// Those of the ledger.
    Threshold,
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// The chain.
    pub chain: Hash,
    /// Milliseconds since the Unix epoch of the genesis block.
    pub genesis_time_ms: u64,
    /// The kind of certificate.
    pub certificates: Certificates,
    /// Decides time, scheduling and network.
    pub seed: u64,
    /// Participants that never start.
    pub crashed: usize,
}

/// What a run leaves.
pub struct Outcome<A> {
    /// A hash over every event of the run: equal for equal seeds, unless something depends on more than the seed.
    pub audit: String,
    /// The applications of those that were started.
    pub apps: Vec<Arc<A>>,
}

fn seeds() -> Vec<Secret<[u8; 32]>> {
    let mut seeds: Vec<Secret<[u8; 32]>> = (1..=SIZE as u8).map(|number| Secret::new([number; 32])).collect();
    seeds.sort_by_key(|seed| worker(&signer(seed).public_key()));
    seeds
}

/// The participants, sorted.
pub fn members() -> Vec<WorkerId> {
    seeds().iter().map(|seed| worker(&signer(seed).public_key())).collect()
}

/// The group's threshold keys.
pub fn dealt() -> Dealt {
    deal(SIZE, &Secret::new([6; 32])).expect("the number of participants is in range")
}

impl Group {
    fn config(&self) -> Config {
        let network = NetworkConfig { listen: ([127, 0, 0, 1], 0).into(), peers: Vec::new() };
        let config = Config::networked(self.chain, "simulated".into(), network);
        Config { genesis_time_ms: self.genesis_time_ms, ..config }
    }

    /// Runs the group: `app` makes each participant's application; `step` is called for every application at every step
    /// with the step's number, to submit work; the run ends when `done` holds for all.
    pub fn run<A: Application>(
        &self,
        app: impl Fn(usize) -> Arc<A>,
        step: impl Fn(u64, &A),
        done: impl Fn(&A) -> bool,
    ) -> Outcome<A> {
        match self.certificates {
            Certificates::Ed25519 => self.run_with(|index| self.ed25519(index), app, step, done),
            Certificates::Threshold => self.run_with(|index| self.threshold(index), app, step, done),
        }
    }

    fn run_with<A: Application, S: Scheme<Digest, PublicKey = PublicKey>>(
        &self,
        scheme: impl Fn(usize) -> S,
        app: impl Fn(usize) -> Arc<A>,
        step: impl Fn(u64, &A),
        done: impl Fn(&A) -> bool,
    ) -> Outcome<A> {
        let config = deterministic::Config::new().with_seed(self.seed).with_timeout(Some(PATIENCE));
        deterministic::Runner::new(config).start(|context| async move {
            let seeds = seeds();
            let set = participants(&members(), &signer(&seeds[0])).expect("the keys are different");
            let oracle = network::<S>(&context, &set).await;
            let mut nodes = Vec::new();
            for (index, seed) in seeds.iter().enumerate().skip(self.crashed) {
                nodes.push(self.launch(&context, &oracle, &signer(seed), &set, scheme(index), app(index)).await);
            }
            for number in 0.. {
                if nodes.iter().all(|node| done(&node.app)) {
                    break;
                }
                for node in &nodes {
                    step(number, &node.app);
                    node.machine.wake();
                }
                context.sleep(STEP).await;
            }
            nodes.iter().for_each(|node| node.task.abort());
            let audit = context.auditor().state();
            Outcome { audit, apps: nodes.into_iter().map(|node| node.app).collect() }
        })
    }

    async fn launch<A: Application, S: Scheme<Digest, PublicKey = PublicKey>>(
        &self,
        context: &deterministic::Context,
        oracle: &Oracle<PublicKey, deterministic::Context>,
        key: &PrivateKey,
        members: &Set<PublicKey>,
        scheme: S,
        app: Arc<A>,
    ) -> Node<A> {
        let me = key.public_key();
        let config = self.config();
        let first = members.iter().next().expect("there are members").clone();
        let machine = engine::machine(&config, app.clone(), &first, None);
        let (status, _) = watch::channel(Status { tip: machine.branches().tip(), ready: false });
        let prefix = format!("{}-", members.position(&me).expect("a member"));
        let setup = Setup { config, me: me.clone(), first, scheme, machine: machine.clone(), status, prefix };
        let control = oracle.control(me);
        let quota = Quota::per_second(NZU32!(4_096));
        let channel = async |number| control.register(number, quota).await.expect("each channel once");
        let wiring = Wiring {
            votes: channel(0).await,
            certificates: channel(1).await,
            resolver: channel(2).await,
            backfill: channel(3).await,
            broadcast: channel(4).await,
            peers: oracle.manager(),
            blocker: control.clone(),
        };
        let task = context.child("node").spawn(move |context| engine::run(context, setup, wiring));
        Node { app, machine, task }
    }

    fn ed25519(&self, index: usize) -> ed25519::Scheme {
        let key = signer(&seeds()[index]);
        let set = participants(&members(), &key).expect("the keys are different");
        let namespace = tallow_crypto::consensus_namespace(&self.chain);
        ed25519::Scheme::signer(&namespace, set, key).expect("a member")
    }

    fn threshold(&self, index: usize) -> impl Scheme<Digest, PublicKey = PublicKey> + use<> {
        let dealt = dealt();
        let keys = ThresholdKeys { polynomial: &dealt.polynomial, share: &dealt.shares[index] };
        let key = signer(&seeds()[index]);
        let set = participants(&members(), &key).expect("the keys are different");
        threshold_scheme(&self.config(), &set, &key, &keys).expect("the keys were dealt to these members")
    }
}

/// A participant.
struct Node<A: Application> {
    app: Arc<A>,
    machine: Arc<Machine<A>>,
    task: commonware_runtime::Handle<Result<(), crate::ChainError>>,
}

async fn network<S: Scheme<Digest, PublicKey = PublicKey>>(
    context: &deterministic::Context,
    members: &Set<PublicKey>,
) -> Oracle<PublicKey, deterministic::Context> {
    let max_size = marshal::max_payload_size::<Standard<Block>, S>(SIZE as u32, &());
    let config = simulated::Config {
        max_size: u32::try_from(max_size).expect("a message fits"),
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
            oracle.add_link(from.clone(), to.clone(), link.clone()).await.expect("each link once");
        }
    }
    oracle
}

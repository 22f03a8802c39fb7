//! Puts the parts together: vote engine, block store, broadcast, network channels, finaliser.

use crate::{
    Application, ChainError, Config, Recovery, Tip, ahead,
    automaton::Automaton,
    block::{Block, Ctx, Digest, from_engine, to_engine},
    epoch::Endless,
    finalizer::{Finalizer, Goal},
    journal::{self, Preceded, Recorded},
    machine::{Machine, worker},
    reporter::{Archived, Tee},
    status::{Status, StatusSender},
    store,
};
use commonware_consensus::{
    CertifiableAutomaton, Relay, Reporter,
    marshal::standard::Deferred,
    simplex::{
        self, Engine, Floor, ForwardPolicy, SkipBudget, SkipPolicy, elector::RoundRobin, scheme::Scheme,
        types::Activity,
    },
    types::{Epoch, View, ViewDelta},
};
use commonware_cryptography::{Digestible as _, ed25519::PublicKey};
use commonware_macros::select;
use commonware_p2p::{Blocker, Provider, Receiver, Sender};
use commonware_parallel::Sequential;
use commonware_runtime::{Clock, Metrics, Spawner, Storage, buffer::paged::CacheRef};
use commonware_utils::{
    NZDuration, NZU16, NZUsize,
    channel::{mpsc, watch},
};
use rand::CryptoRng;
use std::{collections::VecDeque, num::NonZeroUsize, sync::Arc, time::Duration};
use tallow_types::{BlockDigest, Header, Position};

/// Views behind the newest finalisation for which votes and unarchived blocks are kept.
pub(crate) const RETAINED_VIEWS: ViewDelta = ViewDelta::new(256);
/// Messages waiting at one part of the engine before its own overflow rule applies.
pub(crate) const MAILBOX: NonZeroUsize = NZUsize!(1024);
/// Bytes of one write or replay buffer.
pub(crate) const BUFFER: NonZeroUsize = NZUsize!(64 * 1024);
/// Where votes are kept, inside the data directory.
const VOTES: &str = "votes";
/// How long consensus may take to hand the last blocks of the previous run to the store.
const SOLO_RECOVERY: Duration = Duration::from_secs(60);

/// What the engine needs of a runtime.
pub(crate) trait Runtime: Clock + CryptoRng + Spawner + Storage + Metrics {}
impl<T: Clock + CryptoRng + Spawner + Storage + Metrics> Runtime for T {}

/// One channel of the network.
pub(crate) type Channel<Tx, Rx> = (Tx, Rx);

/// The network as the engine uses it: one channel per kind of message.
pub(crate) struct Wiring<Tx, Rx, P, B> {
    pub(crate) votes: Channel<Tx, Rx>,
    pub(crate) certificates: Channel<Tx, Rx>,
    pub(crate) resolver: Channel<Tx, Rx>,
    pub(crate) backfill: Channel<Tx, Rx>,
    pub(crate) broadcast: Channel<Tx, Rx>,
    pub(crate) peers: P,
    pub(crate) blocker: B,
}

/// What runs.
pub(crate) struct Setup<A: Application, S> {
    pub(crate) config: Config,
    pub(crate) me: PublicKey,
    pub(crate) first: PublicKey,
    pub(crate) scheme: S,
    pub(crate) machine: Arc<Machine<A>>,
    pub(crate) status: watch::Sender<Status>,
    /// Distinguishes participants that share a storage, as simulated ones do; otherwise empty.
    pub(crate) prefix: String,
}

impl<A: Application, S> Setup<A, S> {
    /// Name of a part of the storage.
    pub(crate) fn partition(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(crate) fn corrupt(&self, what: &str, error: &impl std::fmt::Display) -> ChainError {
        ChainError::Corrupt { path: self.config.data_dir.clone(), reason: format!("{what}: {error}") }
    }
}

/// The genesis block. It is never voted on; its leader is the first participant because a header needs one.
pub(crate) fn genesis<A: Application>(config: &Config, app: &A, first: &PublicKey) -> (Block, A::State) {
    let (state, commitments) = app.genesis();
    let header = Header {
        chain: config.chain,
        epoch: config.epoch,
        view: 0,
        parent_view: 0,
        leader: worker(first),
        parent: BlockDigest::default(),
        position: Position { height: 0, time_ms: config.genesis_time_ms },
        entries: tallow_crypto::entries_root(&[]),
        commitments,
    };
    let block = Block::new(header, Vec::new()).expect("a header made from a key and its entries belongs to them");
    (block, state)
}

/// The state machine at the snapshot, or at genesis.
pub(crate) fn machine<A: Application>(
    config: &Config,
    app: Arc<A>,
    first: &PublicKey,
    recovery: Option<Recovery<A::State>>,
) -> Arc<Machine<A>> {
    let (tip, state) = if let Some(recovery) = recovery {
        (Tip { height: recovery.height, digest: recovery.digest }, recovery.state)
    } else {
        let (block, state) = genesis(config, &*app, first);
        (Tip { height: 0, digest: from_engine(&block.digest()) }, state)
    };
    Arc::new(Machine::new(app, config.chain, config.epoch, tip, state))
}

/// Runs a chain until one of its parts ends, which only an error or a shutdown brings about.
pub(crate) async fn run<E, A, S, Tx, Rx, P, B>(
    context: E,
    setup: Setup<A, S>,
    wiring: Wiring<Tx, Rx, P, B>,
) -> Result<(), ChainError>
where
    E: Runtime,
    A: Application,
    S: Scheme<Digest, PublicKey = PublicKey>,
    Tx: Sender<PublicKey = PublicKey>,
    Rx: Receiver<PublicKey = PublicKey>,
    P: Provider<PublicKey = PublicKey>,
    B: Blocker<PublicKey = PublicKey>,
{
    let cache = CacheRef::new(NZU16!(4084), NZUsize!(512));
    let recorded = read_journal(&context, &setup, &cache).await?;
    let (events, inbox) = mpsc::unbounded_channel();
    let Wiring { votes, certificates, resolver, backfill, broadcast, peers, blocker } = wiring;
    let network = store::Network { me: setup.me.clone(), backfill, broadcast, peers, blocker: blocker.clone() };
    let mut store = store::open(&context, &setup, network, &cache, Archived { events: events.clone() }).await?;
    let goal = store.newest().await.max(recorded.newest());
    if setup.config.network.is_none() {
        holds(&setup, &store, goal).await?;
    }

    let status = StatusSender::new(setup.status.clone(), goal);
    let ahead = setup.config.network.is_none().then(|| make_ahead(&context, &setup));
    let own = if setup.config.network.is_none() { recorded.certificates(&setup.scheme) } else { VecDeque::new() };
    let Recorded { finalizations, .. } = recorded;
    let mut finalizer = Finalizer::new(setup.machine.clone(), store.mailbox.clone(), finalizations, status, ahead);
    finalizer.replay(&context, store.processed).await?;
    let mut finalizer = context.child("finalizer").dedicated().spawn(move |clock| finalizer.run(clock, inbox));

    let automaton = Automaton::<A, S>::new(setup.machine.clone(), setup.config.heartbeat);
    let epoch = Endless(Epoch::new(setup.config.epoch));
    let deferred = Deferred::new(context.child("deferred"), automaton, store.mailbox.clone(), epoch);
    let reporter = Tee { inner: deferred.clone(), events, peers: setup.config.network.is_some() };
    let certificates = (certificates.0, Preceded { from: setup.me.clone(), first: own, network: certificates.1 });
    let config = simplex_config(&setup, store.genesis, deferred, reporter, blocker, cache);
    let mut engine = Engine::new(context.child("simplex"), config).start(votes, certificates, resolver);

    let late = recovery_deadline(&context, &setup);
    select! {
        ended = &mut finalizer => ended.map_or_else(|error| Err(stopped("finaliser", &error)), |(result, _)| result),
        ended = &mut engine => Err(part_ended("vote engine", ended)),
        ended = &mut store.actor => Err(part_ended("block store", ended)),
        ended = &mut store.broadcast => Err(part_ended("broadcast", ended)),
        error = late => Err(error),
    }
}

/// Starts to make the files of votes ahead of the views that it is told are decided.
fn make_ahead<E: Runtime, A: Application, S>(context: &E, setup: &Setup<A, S>) -> mpsc::UnboundedSender<View> {
    let (decided, views) = mpsc::unbounded_channel();
    let partition = setup.partition(VOTES);
    context.child("ahead").spawn(move |context| ahead::run(context, partition, views));
    decided
}

/// Alone, there is nobody to fetch blocks from: the store must reach the newest final block, and that the snapshot.
async fn holds<A, S>(setup: &Setup<A, S>, store: &store::Store<S>, goal: Goal) -> Result<(), ChainError>
where
    A: Application,
    S: Scheme<Digest, PublicKey = PublicKey>,
{
    let recovered = setup.machine.branches().tip();
    let mut height = 0;
    if let Some((_, digest)) = goal {
        let newest = store.mailbox.get_block(&to_engine(&digest)).await;
        let newest = newest.ok_or_else(|| setup.corrupt("blocks", &format!("final block {digest} is missing")))?;
        height = newest.inner().header().position.height;
    }
    if height < recovered.height {
        let reason = format!("the stored blocks end at height {height}");
        return Err(ChainError::Snapshot { height: recovered.height, reason });
    }
    Ok(())
}

/// Alone, everything that was final is on this disk, so a replay that does not end has lost something.
async fn recovery_deadline<E: Clock, A: Application, S>(clock: &E, setup: &Setup<A, S>) -> ChainError {
    clock.sleep(SOLO_RECOVERY).await;
    if setup.config.network.is_some() || setup.status.borrow().ready {
        return futures::future::pending().await;
    }
    let reason = "a block that was final is missing".into();
    ChainError::Corrupt { path: setup.config.data_dir.clone(), reason }
}

fn part_ended(part: &str, ended: Result<(), commonware_runtime::Error>) -> ChainError {
    ended.map_or_else(|error| stopped(part, &error), |()| ChainError::Engine(format!("{part} ended")))
}

fn stopped(part: &str, error: &commonware_runtime::Error) -> ChainError {
    ChainError::Engine(format!("{part}: {error}"))
}

async fn read_journal<E, A, S>(context: &E, setup: &Setup<A, S>, cache: &CacheRef) -> Result<Recorded<S>, ChainError>
where
    E: Runtime,
    A: Application,
    S: Scheme<Digest, PublicKey = PublicKey>,
{
    let certificates = setup.scheme.certificate_codec_config();
    journal::read(context.child("journal"), setup.partition(VOTES), certificates, cache.clone())
        .await
        .map_err(|error| setup.corrupt("votes", &error))
}

/// Timing rules that the engine asserts: heartbeat < leader < certification < skip.
#[allow(clippy::type_complexity, reason = "the engine's own type")]
fn simplex_config<A, S, D, F, B>(
    setup: &Setup<A, S>,
    genesis: Digest,
    automaton: D,
    reporter: F,
    blocker: B,
    page_cache: CacheRef,
) -> simplex::Config<S, RoundRobin, B, Digest, D, D, F, Sequential>
where
    A: Application,
    S: Scheme<Digest, PublicKey = PublicKey>,
    D: CertifiableAutomaton<Context = Ctx> + Relay + Clone,
    F: Reporter<Activity = Activity<S, Digest>>,
    B: Blocker<PublicKey = PublicKey>,
{
    let certification_timeout = setup.config.certification_timeout;
    simplex::Config {
        scheme: setup.scheme.clone(),
        elector: RoundRobin::default(),
        blocker,
        automaton: automaton.clone(),
        relay: automaton,
        reporter,
        track_historical_votes: false,
        strategy: Sequential,
        partition: setup.partition(VOTES),
        mailbox_size: MAILBOX,
        epoch: Epoch::new(setup.config.epoch),
        floor: Floor::Genesis(genesis),
        replay_buffer: BUFFER,
        write_buffer: BUFFER,
        page_cache,
        leader_timeout: setup.config.leader_timeout,
        certification_timeout,
        timeout_retry: certification_timeout,
        view_retention: RETAINED_VIEWS,
        skip: SkipPolicy::Enabled { timeout: certification_timeout * 4, budget: SkipBudget::Participants },
        fetch_timeout: NZDuration!(Duration::from_secs(2)),
        fetch_retry_delay: Duration::from_millis(100),
        forward: ForwardPolicy::SilentVoters,
    }
}

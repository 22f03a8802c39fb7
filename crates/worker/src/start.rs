//! Puts a worker together, and takes it apart.

use crate::app::{ClusterApp, Executed};
use crate::code::CodeShelf;
use crate::context::Context;
use crate::disk::Disk;
use crate::executor::{self, Saved};
use crate::final_state::{Event, Extras, Final};
use crate::http::ApiConfig;
use crate::ledger::{Ledger, VerifiedLedger};
use crate::query::{ContractCache, Lane, Room, Sessions};
use crate::{anchor, http, inbox, timers};
use anyhow::Context as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;
use tallow_chain::{Handle, Recovery};
use tallow_cluster::{Cluster, Genesis};
use tallow_crypto::{ClusterSecrets, Keypair, Secret, TransportSecret};
use tallow_engine::Engine;
use tallow_store::{Blobs, Snapshots};
use tallow_types::{Hash, WorkerId, decode_exact};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Time for the server to end its connections, which takes each a moment.
const SERVER_TIME: Duration = Duration::from_secs(3);

/// What a worker is started with.
pub struct WorkerConfig {
    /// Its part of the data directory; made by the caller.
    pub dirs: Dirs,
    /// Its ed25519 signing key, as registered.
    pub key: Keypair,
    /// Seed of the same key, for the consensus engine.
    pub seed: Secret<[u8; 32]>,
    /// Its per-launch transport key, as registered.
    pub transport: Arc<TransportSecret>,
    /// What makes the cluster.
    pub genesis: Genesis,
    /// The cluster's secrets, released to this worker.
    pub secrets: ClusterSecrets,
    /// Runs the contracts.
    pub engine: Engine,
    /// Which addresses contracts may reach.
    pub egress: tallow_egress::Policy,
    /// The API's listener.
    pub listener: TcpListener,
    /// What the API takes of its clients.
    pub api: ApiConfig,
    /// Time between anchors.
    pub anchor_interval: Duration,
    /// Threads for long queries.
    pub query_threads: usize,
    /// Development shortcuts in force, one line each, shown by the API.
    pub development: Vec<String>,
    /// Pages to serve beside the API; its paths must be others than the API's.
    pub site: Option<axum::Router>,
}

/// Directories of a worker.
pub struct Dirs {
    /// Contract code.
    pub code: PathBuf,
    /// Snapshots of the cluster.
    pub snapshots: PathBuf,
    /// The cluster log.
    pub log: PathBuf,
}

/// Why a worker does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// Its disk holds an older state than the ledger has anchored.
    #[error(
        "the replica's log ends at height {height}, but the ledger has anchored height {anchored}: its disk was rolled \
         back or lost. Restore the newer data directory; this replica must not serve older state"
    )]
    RolledBack {
        /// Where the replica is.
        height: u64,
        /// What the ledger has.
        anchored: u64,
    },
}

/// A running worker.
pub struct Worker {
    context: Arc<Context>,
    chain: Handle,
    tasks: tokio::sync::Mutex<JoinSet<anyhow::Result<()>>>,
    /// Tells the server to stop.
    stop: watch::Sender<bool>,
    snapshots: Arc<Snapshots>,
    address: SocketAddr,
}

impl Worker {
    /// Recovers the replica, refuses to serve state older than the ledger's newest anchor, and starts all tasks.
    pub async fn start(config: WorkerConfig, ledger: Arc<dyn Ledger>) -> anyhow::Result<Self> {
        let worker = config.key.worker().context("a worker signs with ed25519")?;
        let ledger = Arc::new(VerifiedLedger::new(ledger)?);
        let chain_id = Hash(config.genesis.cluster.0);
        let snapshots =
            Arc::new(Snapshots::open(&config.dirs.snapshots, chain_id, config.secrets.epoch_snapshot_key())?);
        let blobs = Blobs::open(&config.dirs.code)?;
        let codes = Arc::new(CodeShelf::load(config.engine.clone(), blobs).await.context("stored code")?);
        let cluster =
            Arc::new(Cluster::new(config.genesis.clone(), &config.secrets, config.engine.clone(), codes.clone()));
        let recovered = Recovered::read(&cluster, &snapshots).await?;
        let (published, events) = recovered.publish(&cluster);
        let app = Arc::new(ClusterApp::new(cluster.clone(), Arc::new(published)));
        let chain = start_chain(&config, app.clone(), recovered.recovery).await?;

        let id = config.genesis.cluster;
        let (anchored, record) = ledger.anchored_height(id).await?;
        let height = app.published.state().position().height;
        if height < anchored {
            stop(chain).await;
            return Err(WorkerError::RolledBack { height, anchored }.into());
        }
        let context = Arc::new(Context {
            worker,
            key: config.key,
            transport: config.transport,
            published: app.published.clone(),
            cluster,
            codes,
            disk: Disk::open(vec![config.dirs.code, config.dirs.snapshots, config.dirs.log])?,
            ledger,
            egress: tallow_egress::Client::new(config.egress)?,
            sessions: Sessions::default(),
            lane: Lane::start(config.query_threads)?,
            cache: Arc::new(ContractCache::default()),
            queries: Room::new(config.engine.room_for_queries()),
            anchored: RwLock::new(None),
            anchors: Mutex::default(),
            anchored_seen: AtomicU64::new(anchored),
            anchored_changed: watch::Sender::new(anchored),
            anchor_interval: config.anchor_interval,
            development: config.development,
            metrics: app.metrics.clone(),
            app,
        });
        context.note_anchor(&record);
        let address = config.listener.local_addr()?;
        let (stop, stopping) = watch::channel(false);
        let serving = (config.listener, config.site, config.api, stopping);
        let tasks = tokio::sync::Mutex::new(spawn(&context, serving, events, snapshots.clone()));
        Ok(Self { context, chain, tasks, stop, snapshots, address })
    }

    /// Where the API is served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The worker's id.
    pub fn id(&self) -> WorkerId {
        self.context.worker
    }

    /// Waits until the cluster has taken this many messages of its inbox.
    pub async fn taken(&self, messages: u64) {
        let published = &self.context.published;
        let mut height = published.height();
        while published.state().next_message() < messages {
            if height.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until something the worker needs has stopped, which it never does by itself: the error says what.
    pub async fn failed(&self) -> anyhow::Error {
        let mut tasks = self.tasks.lock().await;
        tokio::select! {
            reason = self.chain.failed() => anyhow::Error::new(reason).context("the cluster log"),
            Some(ended) = tasks.join_next() => match ended {
                Ok(Ok(())) => anyhow::anyhow!("a task of the worker ended"),
                Ok(Err(error)) => error,
                Err(panic) => anyhow::anyhow!("a task of the worker failed: {panic}"),
            },
        }
    }

    /// Ends streams and connections, writes a snapshot for a quick start, and stops the engine.
    pub async fn shutdown(self) -> anyhow::Result<()> {
        let mut tasks = self.tasks.into_inner();
        self.context.published.feed.close();
        self.stop.send_replace(true);
        // The server is the one that ends; were it stuck, its clients would be cut off.
        let _ = tokio::time::timeout(SERVER_TIME, tasks.join_next()).await;
        tasks.shutdown().await;
        self.context.cluster.interrupt();
        stop(self.chain).await;
        executor::save(&self.context.published, &self.snapshots).await?;
        Ok(())
    }
}

/// Stops an engine, which takes a moment.
async fn stop(chain: Handle) {
    let _ = tokio::task::spawn_blocking(|| chain.shutdown()).await; // a panic there was reported by `failed`
}

/// What the disk holds of an earlier run.
struct Recovered {
    recovery: Option<Recovery<Executed>>,
    extras: Extras,
}

impl Recovered {
    async fn read(cluster: &Cluster, snapshots: &Snapshots) -> anyhow::Result<Self> {
        let Some(newest) = snapshots.latest().await? else {
            return Ok(Self { recovery: None, extras: Extras::default() });
        };
        let Saved { snapshot, extras } = decode_exact(&newest.bytes).context("the snapshot")?;
        let state = cluster.restore(snapshot)?;
        let state = Executed { state, output: Arc::default() };
        let recovery = Recovery { height: newest.height, digest: newest.digest, state };
        Ok(Self { recovery: Some(recovery), extras })
    }

    fn publish(&self, cluster: &Cluster) -> (Final, mpsc::UnboundedReceiver<Event>) {
        let extras = self.extras.clone();
        match &self.recovery {
            Some(recovery) => Final::new(recovery.state.state.clone(), recovery.digest, extras),
            None => Final::new(cluster.genesis_state().0, tallow_types::BlockDigest::default(), extras),
        }
    }
}

/// Starts the engine and waits until it has replayed what is final.
async fn start_chain(
    config: &WorkerConfig,
    app: Arc<ClusterApp>,
    recovery: Option<Recovery<Executed>>,
) -> anyhow::Result<Handle> {
    let genesis = &config.genesis;
    let settings = tallow_chain::Config {
        epoch: genesis.epoch,
        ..tallow_chain::Config::solo(Hash(genesis.cluster.0), config.dirs.log.clone())
    };
    let chain = tallow_chain::start_ed25519(settings, &config.seed, &genesis.members, app.clone(), recovery)?;
    chain.ready().await.context("the cluster log")?;
    let wake = chain.waker();
    app.on_work(move || wake());
    Ok(chain)
}

fn spawn(
    context: &Arc<Context>,
    (listener, site, api, stop): (TcpListener, Option<axum::Router>, ApiConfig, http::Stop),
    events: mpsc::UnboundedReceiver<Event>,
    snapshots: Arc<Snapshots>,
) -> JoinSet<anyhow::Result<()>> {
    let mut tasks = JoinSet::new();
    let (executing, anchoring, serving) = (context.clone(), context.clone(), context.clone());
    let (watching, timing, following) = (context.clone(), context.clone(), context.clone());
    tasks.spawn(async move {
        executor::run(executing, events, snapshots).await;
        Ok(())
    });
    tasks.spawn(async move {
        anchor::run(anchoring).await;
        Ok(())
    });
    tasks.spawn(async move {
        timers::run(timing).await;
        Ok(())
    });
    tasks.spawn(async move {
        inbox::run(following).await;
        Ok(())
    });
    tasks.spawn(async move {
        watching.disk.watch().await;
        Ok(())
    });
    tasks.spawn(async move {
        http::serve(listener, serving, site.unwrap_or_default(), &api, stop).await.context("the API's listener")
    });
    tasks
}

//! Puts the network together.

use crate::genesis::{self, ACCOUNTS, BALANCE, CLUSTER_NONCE, DevKeys};
use crate::ledger::InProcess;
use anyhow::Context;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tallow_attest::{Binding, Policy};
use tallow_cluster::Genesis as ClusterGenesis;
use tallow_crypto::{ClusterSecrets, Keypair, TransportSecret, consented, unsigned_cluster};
use tallow_engine::{CodeCache, Engine, EngineConfig};
use tallow_keys::{DevKeyholder, KeyRequest, Keyholder, Vouched, open_grant};
use tallow_proof::LightClient;
use tallow_store::DataDir;
use tallow_types::{
    ClusterId, ClusterRecord, Genesis, Hash, LedgerAction, NetworkId, RegistryKey, WorkerId, WorkerRecord,
};
use tallow_validator::{Validator, ValidatorConfig};
use tallow_worker::{ApiConfig, Dirs, Pages, Readers, VerifiedLedger, Worker, WorkerConfig};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Evidence is renewed after this share of its greatest age.
const RENEW_SHARE: u32 = 4;
/// Threads for long queries.
const QUERY_THREADS: usize = 2;

/// How to run it.
#[derive(Clone, Debug)]
pub struct DevConfig {
    /// Directory that keeps the network; a temporary one when there is none.
    pub data_dir: Option<PathBuf>,
    /// Port of the API on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Whether contracts may reach this machine.
    pub allow_loopback: bool,
    /// Time between anchors.
    pub anchor_interval: Duration,
    /// Pages to serve beside the API.
    pub site: Option<axum::Router>,
    /// Requests a second that one client address may make; no limit when `None`, since all clients of a development
    /// network are on this machine.
    pub rate_limit: Option<NonZeroU32>,
    /// Origins (`http://localhost:5173`) whose pages may use the API in a browser, beside the network's own.
    pub allow_origins: Vec<String>,
}

impl Default for DevConfig {
    fn default() -> Self {
        Self {
            data_dir: None,
            port: 0,
            allow_loopback: true,
            anchor_interval: Duration::from_millis(500),
            site: None,
            rate_limit: None,
            allow_origins: Vec::new(),
        }
    }
}

/// A running network.
pub struct DevNetwork {
    validator: Arc<Validator>,
    worker: Worker,
    renewal: JoinHandle<anyhow::Error>,
    network: NetworkId,
    cluster: ClusterId,
    development: Vec<String>,
    // Last, so that it goes when nobody uses it any more.
    _data: Data,
}

/// The data directory, locked, and what deletes it when it is temporary.
struct Data {
    dir: DataDir,
    _temporary: Option<tempfile::TempDir>,
}

impl Data {
    fn open(path: Option<PathBuf>) -> anyhow::Result<Self> {
        let (path, temporary) = match path {
            Some(path) => (path, None),
            None => {
                let temporary = tempfile::tempdir().context("making a temporary data directory")?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        Ok(Self { dir: DataDir::open(path)?, _temporary: temporary })
    }
}

/// The worker's part in making the network: keys, and the ledger as it sees it.
struct Member {
    key: Keypair,
    transport: Arc<TransportSecret>,
    ledger: VerifiedLedger,
    cluster: ClusterId,
    endpoint: String,
}

impl DevNetwork {
    /// Starts a network, or goes on with the one in the data directory.
    pub async fn start(config: DevConfig) -> anyhow::Result<Self> {
        // The port first: when it is taken, nothing has been touched yet.
        let listener = TcpListener::bind(("127.0.0.1", config.port))
            .await
            .with_context(|| format!("listening at 127.0.0.1:{}", config.port))?;
        let data = Data::open(config.data_dir.clone())?;
        let keys = DevKeys::open(&data.dir)?;
        let policy = Policy::development();
        let validator = Arc::new(start_validator(&data.dir, &keys, &policy).await?);
        // What waits for the ledger would wait for ever when that has stopped.
        let failed = validator.failed();
        tokio::select! {
            started = Self::start_worker(&config, listener, data, &keys, policy, validator.clone()) => started,
            error = failed => Err(anyhow::Error::new(error).context("the validator stopped")),
        }
    }

    async fn start_worker(
        config: &DevConfig,
        listener: TcpListener,
        data: Data,
        keys: &DevKeys,
        policy: Policy,
        validator: Arc<Validator>,
    ) -> anyhow::Result<Self> {
        let network = validator.network();
        let ledger = Arc::new(InProcess(validator.clone()));
        let member = Member {
            key: Keypair::ed25519_from_seed(&keys.worker()),
            transport: Arc::new(TransportSecret::generate()),
            ledger: VerifiedLedger::new(ledger.clone())?,
            cluster: genesis::cluster_id(network)?,
            endpoint: format!("http://{}", listener.local_addr()?),
        };
        let mut keyholder = keyholder(&validator, &policy, keys)?;
        member.register_worker().await?;
        let record = member.register_cluster(&keyholder).await?;
        let deposits = member.fund_accounts().await?;
        let secrets = member.receive_secrets(&mut keyholder).await?;
        let worker = WorkerConfig {
            dirs: dirs(&data.dir, member.cluster),
            key: Keypair::ed25519_from_seed(&keys.worker()),
            seed: keys.worker(),
            transport: member.transport.clone(),
            genesis: cluster_genesis(validator.genesis(), &record),
            secrets,
            engine: engine(&data.dir, keys)?,
            egress: egress(config),
            listener,
            api: api(config),
            anchor_interval: config.anchor_interval,
            query_threads: QUERY_THREADS,
            development: development(config),
            site: config.site.clone(),
        };
        let cluster = member.cluster;
        let worker = Worker::start(worker, ledger).await?;
        tokio::select! {
            () = worker.taken(deposits) => {}
            error = worker.failed() => return Err(error.context("the worker stopped")),
        }
        let renewal = tokio::spawn(member.renew(policy.max_age_ms));
        Ok(Self { validator, worker, renewal, network, cluster, development: development(config), _data: data })
    }

    /// Where the API is served.
    pub fn url(&self) -> String {
        format!("http://{}", self.worker.address())
    }

    /// The network, for clients to pin.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// Its cluster, for clients to pin.
    pub fn cluster(&self) -> ClusterId {
        self.cluster
    }

    /// Development shortcuts in force, one line each.
    pub fn development(&self) -> &[String] {
        &self.development
    }

    /// Key URIs of the funded accounts.
    pub fn accounts(&self) -> &'static [&'static str] {
        &ACCOUNTS
    }

    /// Resolves when a part of the network has stopped, with the reason.
    pub async fn stopped(&self) -> anyhow::Error {
        tokio::select! {
            error = self.worker.failed() => error.context("the worker stopped"),
            error = self.validator.failed() => anyhow::Error::new(error).context("the validator stopped"),
        }
    }

    /// Stops everything in order, so that the next start is quick.
    pub async fn shutdown(self) {
        self.renewal.abort();
        let _ = self.renewal.await; // it lets go of the validator
        if let Err(error) = self.worker.shutdown().await {
            tracing::warn!(%error, "the worker's last snapshot was not written; the next start replays the log");
        }
        match Arc::try_unwrap(self.validator).map(Validator::shutdown) {
            Ok(stopping) => {
                if let Err(error) = stopping.await {
                    tracing::warn!(%error, "the ledger's last snapshot was not written; the next start replays the log");
                }
            }
            Err(_) => tracing::warn!("the validator is still in use; the next start replays its log"),
        }
    }
}

impl Member {
    fn id(&self) -> WorkerId {
        self.key.worker().expect("the worker's key is an ed25519 key")
    }

    /// Registers this launch: its transport key is new each time.
    async fn register_worker(&self) -> anyhow::Result<()> {
        let (worker, transport) = (self.id(), self.transport.public());
        let binding = Binding { worker, transport };
        let evidence = tallow_attest::sim::issue(tallow_attest::sim::measurement(), &binding, now_ms());
        let record = WorkerRecord { worker, transport, evidence, endpoint: self.endpoint.clone(), attested_ms: 0 };
        self.ledger.send(&self.key, LedgerAction::RegisterWorker(record)).await.context("registering the worker")?;
        Ok(())
    }

    /// Registers the cluster at the network's first start.
    async fn register_cluster(&self, keyholder: &dyn Keyholder) -> anyhow::Result<ClusterRecord> {
        if let Some(record) = self.cluster_record().await? {
            return Ok(record);
        }
        let owner = Keypair::from_uri(ACCOUNTS[0])?;
        let (network, epoch) = (self.ledger.network(), 0);
        let Vouched { epoch_key, signature } = keyholder.vouch(&self.cluster, epoch);
        let record = unsigned_cluster(&network, owner.account(), CLUSTER_NONCE, epoch, epoch_key);
        let record = consented(&network, ClusterRecord { vouch: signature, ..record }, &[&self.key]);
        self.ledger.send(&owner, LedgerAction::RegisterCluster(record)).await.context("registering the cluster")?;
        self.cluster_record().await?.context("the ledger does not list the cluster it has just registered")
    }

    /// Has the well-known accounts deposit half of what they have, at the network's first start: balance in the cluster
    /// is the ledger's from the beginning. Says how many messages the cluster's inbox has had by then.
    async fn fund_accounts(&self) -> anyhow::Result<u64> {
        for (index, uri) in ACCOUNTS.iter().enumerate() {
            let key = Keypair::from_uri(uri)?;
            let to = key.account();
            // The first account has registered the cluster before. Whoever has sent more has deposited.
            let before = u64::from(index == 0);
            if self.ledger.raw().nonce(&to) == before {
                let deposit = LedgerAction::Deposit { cluster: self.cluster, to, amount: BALANCE };
                self.ledger.send(&key, deposit).await.with_context(|| format!("the deposit of {uri}"))?;
            }
        }
        let id = self.cluster;
        let (inbox, _) = self.ledger.ask(RegistryKey::Inbox(id), move |light, record| light.inbox(id, record)).await?;
        Ok(inbox.next)
    }

    async fn cluster_record(&self) -> anyhow::Result<Option<ClusterRecord>> {
        let id = self.cluster;
        let (record, _) =
            self.ledger.ask(RegistryKey::Cluster(id), move |light, record| light.cluster(id, record)).await?;
        Ok(record)
    }

    /// Asks the keyholder for the cluster's secrets: it releases them to a worker that the ledger lists.
    async fn receive_secrets(&self, keyholder: &mut dyn Keyholder) -> anyhow::Result<ClusterSecrets> {
        let (id, worker) = (self.cluster, self.id());
        let (record, cluster) =
            self.ledger.ask(RegistryKey::Cluster(id), move |light, record| light.cluster(id, record)).await?;
        let record = record.context("the ledger does not list the cluster")?;
        let (_, worker_record) =
            self.ledger.ask(RegistryKey::Worker(worker), move |light, record| light.worker(worker, record)).await?;
        let request = KeyRequest { cluster, worker: worker_record };
        let grant = keyholder.handle(now_ms(), &request).context("the keyholder releases nothing")?;
        open_grant(&self.transport, &self.ledger.network(), &record, &worker, &grant).context("the keyholder's grant")
    }

    /// Renews the registration before the evidence is too old. Gives up only when the ledger refuses.
    async fn renew(self, max_age_ms: u64) -> anyhow::Error {
        let pause = Duration::from_millis(max_age_ms) / RENEW_SHARE;
        loop {
            tokio::time::sleep(pause).await;
            if let Err(error) = self.register_worker().await {
                tracing::warn!(%error, "the registration was not renewed; trying again");
            }
        }
    }
}

async fn start_validator(data: &DataDir, keys: &DevKeys, policy: &Policy) -> anyhow::Result<Validator> {
    let mut dealt = keys.deal()?;
    let genesis = genesis::load_or_create(data, keys, &dealt.group_key, policy, now_ms())?;
    let network = tallow_crypto::network_id(&genesis);
    data.bind_network(network)?;
    let config = ValidatorConfig {
        log: data.chain(&Hash(network.0)),
        snapshots: data.snapshots(&Hash(network.0)),
        snapshot_key: keys.ledger_snapshots(),
        genesis,
        policy: policy.clone(),
        seed: keys.validator(),
        polynomial: dealt.polynomial,
        share: dealt.shares.pop().context("a dealt share")?,
    };
    Ok(Validator::start(config).await?)
}

fn keyholder(validator: &Validator, policy: &Policy, keys: &DevKeys) -> anyhow::Result<impl Keyholder + use<>> {
    let genesis = validator.genesis();
    Ok(DevKeyholder::new(LightClient::new(genesis)?, genesis, policy.clone(), keys.keyholder())?)
}

fn dirs(data: &DataDir, cluster: ClusterId) -> Dirs {
    let chain = Hash(cluster.0);
    Dirs { code: data.code(), snapshots: data.snapshots(&chain), log: data.chain(&chain) }
}

fn cluster_genesis(genesis: &Genesis, record: &ClusterRecord) -> ClusterGenesis {
    ClusterGenesis {
        network: tallow_crypto::network_id(genesis),
        cluster: record.cluster,
        epoch: record.epoch,
        members: record.members.clone(),
        owner: record.owner,
        balances: Vec::new(),
        group_key: genesis.group_key.clone(),
    }
}

fn engine(data: &DataDir, keys: &DevKeys) -> anyhow::Result<Engine> {
    let cache = CodeCache { dir: data.cache(), key: keys.compile_cache() };
    let max_instances = Some(crate::host::limits().instances()?);
    Ok(Engine::new(EngineConfig { cache: Some(cache), max_instances, ..EngineConfig::default() })?)
}

fn egress(config: &DevConfig) -> tallow_egress::Policy {
    if config.allow_loopback { tallow_egress::Policy::development() } else { tallow_egress::Policy::internet() }
}

/// Half of the file descriptors are for clients, the others for the log and for what contracts call.
fn api(config: &DevConfig) -> ApiConfig {
    let connections = usize::try_from(crate::host::limits().descriptors / 2).unwrap_or(usize::MAX);
    let default = ApiConfig::default();
    ApiConfig {
        requests_per_address: config.rate_limit.or(default.requests_per_address),
        connections: connections.min(default.connections),
        exempt_loopback: config.rate_limit.is_none(),
        metrics: Readers::Machine,
        pages: Pages::Listed(config.allow_origins.clone()),
        ..default
    }
}

fn development(config: &DevConfig) -> Vec<String> {
    let mut lines = vec![
        "attestation is simulated: it protects nothing".to_owned(),
        "one keyholder holds the whole master secret, in the data directory".to_owned(),
        "the validators' group key comes from a dealer; one validator, one replica".to_owned(),
        format!("funded accounts whose keys everybody knows: {}", ACCOUNTS.join(" ")),
        "the ledger takes neither fees nor deposits".to_owned(),
    ];
    if config.allow_loopback {
        lines.push("contracts may reach this machine (loopback addresses)".to_owned());
    }
    if config.rate_limit.is_none() {
        lines.push("clients on this machine have no limits of rate and of connections".to_owned());
    }
    if !config.allow_origins.is_empty() {
        lines.push(format!("pages of these origins may use the API: {}", config.allow_origins.join(" ")));
    }
    lines
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

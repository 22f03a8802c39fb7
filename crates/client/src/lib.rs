//! The verifying client: talks to one worker, and believes nothing of what it says without proof.
//!
//! Registry records are believed with the ledger's certificate and a Merkle proof, receipts with the cluster's
//! certificate, answers to queries with the signature of a worker that the registry lists with good evidence
//! (`tallow_proof`, `tallow_attest`). The ledger never moves backwards, nor does the cluster's state behind a receipt
//! that this client holds. Every answer is bounded in size and time.
//!
//! What a worker can still do is to be silent.

mod cluster;
mod code;
mod command;
mod error;
mod events;
mod explain;
mod foreign;
mod http;
mod listed;
mod money;
mod query;
mod receipt;
mod registry;
mod sealer;
mod session;
mod signer;
mod stream;
mod trust;

pub use code::Deployed;
pub use command::{CommandDraft, PreparedCommand};
pub use error::{ClientError, Rejection};
pub use explain::{Explanation, Link, LinkKind, Verdict};
pub use listed::{ListedCluster, ListedReplica};
pub use money::Deposited;
pub use query::VerifiedAnswer;
pub use receipt::{Anchored, ProvenReceipt, VerifiedReceipt};
pub use signer::{Delegate, Signer, SignerError, Signing, Wallet, typed_data};
pub use stream::{BlockStream, FeedStream, Subscription, Told, VerifiedBlock};
pub use tallow_api::{Code, ContractDocument, ContractPage, Problem, Status};
pub use tallow_attest::{AttestError, Identity, Policy};
pub use tallow_crypto::{KeyScheme, Keypair, Statement, UriError};
pub use tallow_proof::Seen;
pub use trust::{Pin, Trust};

use http::{Budget, Http};
use registry::{Known, Registry};
use sealer::ReadySealer;
use session::Sessions;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tallow_proof::LightClient;
use tallow_types::{ClusterId, Genesis, NetworkId, WorkerId};
use tracing::Instrument;

/// How long a client waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// For the answer to one request, beyond what the worker is asked to wait.
    pub request: Duration,
    /// For the receipt of a command.
    pub receipt: Duration,
    /// For the anchor of a receipt.
    pub anchor: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { request: Duration::from_secs(15), receipt: Duration::from_secs(60), anchor: Duration::from_secs(30) }
    }
}

/// A client of one worker. Cheap to clone; clones share sessions and what was seen.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    http: Http,
    network: NetworkId,
    patience: Patience,
    registry: Registry,
    /// Replaced when the worker's or the cluster's keys change.
    known: RwLock<Arc<Known>>,
    sessions: Sessions,
    /// For the next command.
    sealer: ReadySealer,
    /// No answer may stand on an older state than this height of the cluster log.
    height: AtomicU64,
    /// One ledger transaction at a time, since nonces are sequential.
    ledger: tokio::sync::Mutex<()>,
}

/// What a client takes for granted.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long it waits.
    pub patience: Patience,
    /// Policies of attestation it knows. The network's is the one whose digest is in the genesis.
    pub policies: Vec<Policy>,
    /// Whether to speak HTTP/2 to a worker without TLS, which must know it: many queries at once share a connection.
    /// With TLS both sides choose it anyway.
    pub http2: bool,
    /// The address of this machine from which it connects; the system's choice without one.
    pub source: Option<IpAddr>,
}

impl Default for Options {
    /// Knows the policy of development networks alone.
    fn default() -> Self {
        Self { patience: Patience::default(), policies: vec![Policy::development()], http2: false, source: None }
    }
}

impl Client {
    /// Connects to a worker: checks its network against `trust`, and takes worker and cluster from the proven
    /// registry.
    pub async fn connect(url: &str, trust: Trust) -> Result<Self, ClientError> {
        Self::connect_with(url, trust, Options::default()).await
    }

    /// As [`Client::connect`], with options.
    pub async fn connect_with(url: &str, trust: Trust, options: Options) -> Result<Self, ClientError> {
        Self::introduce(url, trust, options).instrument(tallow_telemetry::span!("connect")).await
    }

    async fn introduce(url: &str, trust: Trust, options: Options) -> Result<Self, ClientError> {
        let Options { patience, policies, http2, source } = options;
        let http = Http::new(url, patience.request, http2, source)?;
        // Asked for at once, judged in order: what the worker says of itself only tells which records to ask for.
        let (genesis, status) = tokio::join!(foreign::genesis(&http), status(&http));
        let genesis: Genesis = match genesis {
            Err(error) => return Err(foreign::explain(&http, error).await),
            Ok(genesis) => genesis,
        };
        let network = trust.judge(&genesis)?;
        let policy = trust::policy(&genesis, policies)?;
        let light = LightClient::new(&genesis).map_err(Rejection::Genesis)?;
        let registry = Registry::new(http.clone(), policy, light);
        let status = match status {
            Err(error) => return Err(foreign::explain(&http, error).await),
            Ok(status) => status,
        };
        let known = RwLock::new(Arc::new(registry.know(status.worker, trust.cluster(status.cluster)).await?));
        let inner = Inner {
            http,
            network,
            patience,
            registry,
            known,
            sessions: Sessions::default(),
            sealer: ReadySealer::default(),
            height: AtomicU64::new(0),
            ledger: tokio::sync::Mutex::new(()),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What to pin: a client that connects with it talks to this cluster of this network or not at all.
    pub fn pin(&self) -> Pin {
        Pin { network: self.network(), cluster: self.cluster_id() }
    }

    /// The network.
    pub fn network(&self) -> NetworkId {
        self.inner.network
    }

    /// The cluster.
    pub fn cluster_id(&self) -> ClusterId {
        self.known().cluster.record.cluster
    }

    /// Replicas of the cluster.
    pub fn replicas(&self) -> usize {
        self.known().cluster.record.members.len()
    }

    /// The worker it talks to.
    pub fn worker_id(&self) -> WorkerId {
        self.known().worker.worker
    }

    /// Where it talks to.
    pub fn url(&self) -> &str {
        self.inner.http.url()
    }

    /// Development shortcuts that this client itself found; what the worker admits is in [`Status::development`].
    pub fn development(&self) -> Vec<String> {
        let simulated = self.known().simulated;
        let line = "simulated attestation: nothing proves what program the worker runs";
        simulated.then(|| line.to_owned()).into_iter().collect()
    }

    /// What the worker says of itself; not proven.
    pub async fn status(&self) -> Result<Status, ClientError> {
        status(&self.inner.http).await
    }

    /// Newest height of the cluster log that this client has proof of: answers older than it are refused.
    pub fn height(&self) -> u64 {
        self.inner.height.load(Ordering::Acquire)
    }

    /// Newest of the ledger that this client has proof of: to be kept, and given to [`Client::resume`] the next time.
    pub fn seen(&self) -> Seen {
        self.inner.registry.seen()
    }

    /// Goes on from what an earlier client of this network had seen.
    pub fn resume(&self, ledger: Seen, height: u64) {
        self.inner.registry.resume(ledger);
        self.saw(height);
    }

    /// Asks the registry again for the worker and the cluster, whose keys may have changed.
    pub(crate) async fn refresh(&self) -> Result<(), ClientError> {
        let known = self.inner.registry.know(self.worker_id(), self.cluster_id()).await?;
        *self.inner.known.write().expect("no code panics while it holds the records") = Arc::new(known);
        Ok(())
    }

    pub(crate) fn known(&self) -> Arc<Known> {
        self.inner.known.read().expect("no code panics while it holds the records").clone()
    }

    pub(crate) fn saw(&self, height: u64) {
        self.inner.height.fetch_max(height, Ordering::AcqRel);
    }

    pub(crate) fn http(&self) -> &Http {
        &self.inner.http
    }

    pub(crate) fn sealer(&self) -> &ReadySealer {
        &self.inner.sealer
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    pub(crate) fn patience(&self) -> &Patience {
        &self.inner.patience
    }
}

async fn status(http: &Http) -> Result<Status, ClientError> {
    http.get("v1/status", Budget::DOCUMENT).await?.json()
}

/// This machine's clock, milliseconds since the Unix epoch.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

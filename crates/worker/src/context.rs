//! What the worker's tasks share.

use crate::app::ClusterApp;
use crate::code::CodeShelf;
use crate::disk::Disk;
use crate::final_state::Final;
use crate::ledger::VerifiedLedger;
use crate::query::{ContractCache, Lane, Sessions};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use tallow_cluster::{Cluster, State};
use tallow_crypto::{Keypair, TransportSecret};
use tallow_types::{ProvenRecord, WorkerId};
use tokio::sync::{Semaphore, watch};

/// The newest anchor this replica knows: the ledger's proven record, and the state whose commitment it
/// anchors.
pub(crate) struct Anchored {
    pub(crate) record: ProvenRecord,
    pub(crate) height: u64,
    /// `None` when this run of the worker did not keep it.
    pub(crate) state: Option<State>,
}

/// What the worker's tasks share.
pub(crate) struct Context {
    pub(crate) worker: WorkerId,
    pub(crate) key: Keypair,
    pub(crate) transport: Arc<TransportSecret>,
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) app: Arc<ClusterApp>,
    pub(crate) published: Arc<Final>,
    pub(crate) codes: Arc<CodeShelf>,
    pub(crate) disk: Disk,
    pub(crate) ledger: Arc<VerifiedLedger>,
    pub(crate) egress: tallow_egress::Client,
    pub(crate) sessions: Sessions,
    pub(crate) lane: Lane,
    pub(crate) cache: Arc<ContractCache>,
    pub(crate) queries: Semaphore,
    pub(crate) anchored: RwLock<Option<Arc<Anchored>>>,
    pub(crate) anchored_seen: AtomicU64,
    pub(crate) anchored_changed: watch::Sender<u64>,
    pub(crate) anchor_interval: std::time::Duration,
    pub(crate) development: Vec<String>,
}

impl Context {
    /// Newest anchored height known.
    pub(crate) fn anchored_height(&self) -> u64 {
        self.anchored_seen.load(Ordering::Acquire)
    }

    /// The newest anchor, when this run of the worker made or saw one.
    pub(crate) fn anchored(&self) -> Option<Arc<Anchored>> {
        self.anchored.read().expect("no code panics while it holds the anchor").clone()
    }

    /// Takes a newer anchor.
    pub(crate) fn set_anchored(&self, anchored: Anchored) {
        let height = anchored.height;
        *self.anchored.write().expect("no code panics while it holds the anchor") = Some(Arc::new(anchored));
        self.anchored_seen.fetch_max(height, Ordering::AcqRel);
        self.anchored_changed.send_replace(height);
    }
}

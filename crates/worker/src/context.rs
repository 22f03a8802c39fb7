//! What the worker's tasks share.

use crate::app::ClusterApp;
use crate::code::CodeShelf;
use crate::disk::Disk;
use crate::final_state::Final;
use crate::ledger::VerifiedLedger;
use crate::metrics;
use crate::query::{ContractCache, Lane, Room, Sessions};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use tallow_api::AnchorDocument;
use tallow_cluster::{Cluster, State};
use tallow_crypto::{Keypair, TransportSecret, header_digest};
use tallow_types::limits::ANCHORS_KEPT_MAX;
use tallow_types::{AnchorRecord, ProvenRecord, WorkerId, decode_exact};
use tokio::sync::watch;

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
    pub(crate) queries: Arc<Room>,
    pub(crate) anchored: RwLock<Option<Arc<Anchored>>>,
    /// Anchors that this run of the worker saw, oldest first.
    pub(crate) anchors: Mutex<VecDeque<AnchorDocument>>,
    pub(crate) anchored_seen: AtomicU64,
    pub(crate) anchored_changed: watch::Sender<u64>,
    pub(crate) anchor_interval: std::time::Duration,
    pub(crate) development: Vec<String>,
    pub(crate) metrics: metrics::Shared,
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

    /// Keeps a proven record of the newest anchor, to list it.
    pub(crate) fn note_anchor(&self, record: &ProvenRecord) {
        let Some(Ok(AnchorRecord { header, ledger_height })) = record.value.as_deref().map(decode_exact) else {
            return;
        };
        let mut anchors = self.anchors.lock().expect("no code panics while it holds the anchors");
        let (height, digest) = (header.position.height, header_digest(&header));
        anchors.push_back(AnchorDocument { height, digest, ledger_height });
        if anchors.len() > ANCHORS_KEPT_MAX {
            anchors.pop_front();
        }
    }

    /// Anchors of heights below `height`, newest first.
    pub(crate) fn anchors_below(&self, height: u64, limit: usize) -> Vec<AnchorDocument> {
        let anchors = self.anchors.lock().expect("no code panics while it holds the anchors");
        anchors.iter().rev().filter(|anchor| anchor.height < height).take(limit).cloned().collect()
    }

    /// Takes a newer anchor.
    pub(crate) fn set_anchored(&self, anchored: Anchored) {
        let height = anchored.height;
        self.note_anchor(&anchored.record);
        *self.anchored.write().expect("no code panics while it holds the anchor") = Some(Arc::new(anchored));
        self.anchored_seen.fetch_max(height, Ordering::AcqRel);
        self.anchored_changed.send_replace(height);
    }
}

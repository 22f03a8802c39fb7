//! What is looked at when somebody asks for the metrics.

use super::Registrar;
use crate::context::Context;
use prometheus_client::metrics::gauge::Gauge;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

pub(super) struct Gauges {
    connections: Gauge,
    height: Gauge,
    anchored_height: Gauge,
    ledger_height: Gauge,
    waiting: Gauge,
    mempool_entries: Gauge,
    mempool_bytes: Gauge,
    queries: Gauge,
    query_memory: Gauge,
    sessions: Gauge,
    waited_for: Gauge,
    streams: Gauge,
    anchor_age: Gauge<f64, AtomicU64>,
    disk_free: Gauge,
    codes: Gauge,
}

impl Gauges {
    pub(super) fn new(at: &mut Registrar) -> Self {
        Self {
            connections: at.gauge("http_open_connections", "Connections of clients"),
            height: at.gauge("cluster_height_blocks", "Height of the newest final block of the cluster log"),
            anchored_height: at.gauge("cluster_anchored_height_blocks", "Newest height that the ledger has anchored"),
            ledger_height: at.gauge("ledger_height_blocks", "Height of the ledger, as this worker sees it"),
            waiting: at.gauge("cluster_waiting_commands", "Commands that wait for external answers"),
            mempool_entries: at.gauge("mempool_waiting_entries", "Entries that wait for a place in a block"),
            mempool_bytes: at.gauge("mempool_waiting_bytes", "Bytes of commands that wait for a place in a block"),
            queries: at.gauge("query_open_queries", "Queries and estimates under way"),
            query_memory: at.gauge("query_held_bytes", "Memory that queries and estimates under way hold"),
            sessions: at.gauge("session_open_sessions", "Query sessions kept"),
            waited_for: at.gauge("receipt_waited_for", "Commands whose receipts clients wait for"),
            streams: at.gauge("feed_open_streams", "Streams of blocks, receipts, events and logs that are followed"),
            anchor_age: at.add(
                "anchor_age_seconds",
                "Time since an anchor was accepted, or the start",
                Gauge::default(),
            ),
            disk_free: at.gauge("disk_free_bytes", "Bytes that can still be written to the worker's disk"),
            codes: at.gauge("engine_prepared_codes", "Contract codes that are compiled and ready"),
        }
    }

    pub(super) fn look(&self, context: &Context, connections: usize, since_anchor: Duration) {
        let state = context.published.state();
        let (entries, bytes) = context.app.mempool_size();
        set(&self.connections, connections);
        set(&self.height, state.position().height);
        set(&self.anchored_height, context.anchored_height());
        set(&self.ledger_height, context.ledger.raw().height());
        set(&self.waiting, state.waiting_len());
        set(&self.mempool_entries, entries);
        set(&self.mempool_bytes, bytes);
        let [queries, bytes] = context.queries.held();
        set(&self.queries, queries);
        set(&self.query_memory, bytes);
        set(&self.sessions, context.sessions.count());
        set(&self.waited_for, context.published.waited_for());
        set(&self.streams, context.published.feed.followed());
        self.anchor_age.set(since_anchor.as_secs_f64());
        set(&self.disk_free, context.disk.free());
        set(&self.codes, context.codes.count());
    }
}

/// Sets a gauge to a count, which is far below its bound.
pub(super) fn set(gauge: &Gauge, count: impl TryInto<i64>) {
    gauge.set(count.try_into().unwrap_or(i64::MAX));
}

//! What a worker counts and measures, for Prometheus: `docs/operate.md` lists it.
//!
//! Nothing here tells of single contracts, callers or commands: no label has a value that comes from outside, what is
//! sealed for the caller (whether a contract failed, what it used) is not counted at all (`docs/operate.md` says why).
//! Names are `tallow_<subsystem>_<thing>_<unit>`.

mod gauges;
mod instruments;
mod process;

use crate::context::Context;
use gauges::{Gauges, set};
use instruments::{RequestCounts, RequestTimes};
pub(crate) use instruments::{Requests, Results, Times};
use process::Process;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Metric, Registry};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tallow_api::Code;
use tallow_types::{Answer, HttpError, QueryRefusal, QueryResult};

/// Media type of what [`Metrics::text`] makes.
pub(crate) const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Registers metrics.
struct Registrar(Registry);

impl Registrar {
    fn add<M: Metric + Clone>(&mut self, name: &str, help: &str, metric: M) -> M {
        self.0.register(name, help, metric.clone());
        metric
    }

    fn counter(&mut self, name: &str, help: &str) -> Counter {
        self.add(name, help, Counter::default())
    }

    fn gauge(&mut self, name: &str, help: &str) -> Gauge {
        self.add(name, help, Gauge::default())
    }

    fn results(&mut self, name: &str, help: &str, results: &[&'static str]) -> Results {
        self.add(name, help, Results::new(results.iter().copied()))
    }

    fn times(&mut self, name: &str, help: &str) -> Times {
        self.add(name, help, Times::default())
    }
}

/// All metrics of a worker.
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) requests: Arc<Requests>,
    pub(crate) refused_connections: Counter,
    submissions: Results,
    pub(crate) block_time: Times,
    pub(crate) blocks: Counter,
    pub(crate) commands: Counter,
    pub(crate) receipts: Counter,
    queries: Results,
    query_time: Times,
    pub(crate) sessions: Counter,
    calls: Results,
    call_time: Times,
    anchors: Results,
    started: Instant,
    /// Milliseconds from the start to the last anchor that was accepted.
    anchored_ms: AtomicU64,
    gauges: Gauges,
    process: Process,
}

/// Metrics that everyone who counts something shares.
pub(crate) type Shared = Arc<Metrics>;

impl Default for Metrics {
    fn default() -> Self {
        let mut at = Registrar(Registry::with_prefix("tallow"));
        let requests = Arc::new(Requests::new(crate::http::operations()));
        at.add("http_requests", "Answers of the API, by operation and status", RequestCounts(requests.clone()));
        at.add("http_request_seconds", "Time to answer, by operation", RequestTimes(requests.clone()));
        let submissions = Code::ALL.iter().map(|code| code.name()).chain(["accepted", "sent_again"].map(str::to_owned));
        Self {
            requests,
            refused_connections: at.counter("http_refused_connections", "Connections for which there was no place"),
            submissions: at.add("command_submissions", "Commands sent here, by result", Results::new(submissions)),
            block_time: at.times("cluster_execution_seconds", "Time to execute one block, proposals included"),
            blocks: at.counter("cluster_final_blocks", "Blocks that became final"),
            commands: at.counter("cluster_ordered_commands", "Commands in final blocks"),
            receipts: at.counter("cluster_receipts", "Commands that completed"),
            queries: at.results("query_answers", "Queries, by result", &["answered", "behind", "stale", "busy"]),
            query_time: at.times("query_seconds", "Time to answer a query"),
            sessions: at.counter("session_openings", "Query sessions opened"),
            calls: at.results(
                "egress_requests",
                "HTTP requests of commands that this replica made, by result",
                &["answered", "timeout", "network_error", "refused"],
            ),
            call_time: at.times("egress_call_seconds", "Time of external calls of commands"),
            anchors: at.results("anchor_submissions", "Anchors sent to the ledger, by result", &["accepted", "failed"]),
            started: Instant::now(),
            anchored_ms: AtomicU64::new(0),
            gauges: Gauges::new(&mut at),
            process: Process::new(&mut at),
            registry: at.0,
        }
    }
}

impl Metrics {
    /// Notes what came of a command that was sent here: refused with a code, known from before, or accepted.
    pub(crate) fn submission(&self, result: Submission) {
        match result {
            Submission::Accepted => self.submissions.count("accepted"),
            Submission::SentAgain => self.submissions.count("sent_again"),
            Submission::Refused(code) => self.submissions.count_nth(code as usize), // the codes are the first, in order
        }
    }

    /// Notes how a query came out; an error is a lack of this host's resources.
    pub(crate) fn query<E>(&self, came: Result<&QueryResult, E>, time: Duration) {
        self.queries.count(query_result(came));
        self.query_time.observe(time);
    }

    /// Notes an external call of a command.
    pub(crate) fn call(&self, answer: &Answer, time: Duration) {
        let Answer::Http(results) = answer;
        for came in results {
            self.calls.count(came.as_ref().map_or_else(http_error, |_| "answered"));
        }
        self.call_time.observe(time);
    }

    /// Notes an anchor that was sent to the ledger.
    pub(crate) fn anchor(&self, accepted: bool) {
        self.anchors.count(if accepted { "accepted" } else { "failed" });
        if accepted {
            let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.anchored_ms.store(ms, Ordering::Relaxed);
        }
    }

    /// Everything, as Prometheus reads it.
    pub(crate) fn text(&self, context: &Context, connections: usize) -> String {
        let anchored = Duration::from_millis(self.anchored_ms.load(Ordering::Relaxed));
        self.gauges.look(context, connections, self.started.elapsed().saturating_sub(anchored));
        self.process.look();
        self.encode()
    }

    fn encode(&self) -> String {
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("writing to memory does not fail");
        text
    }
}

/// What came of a command that was sent here.
#[derive(Clone, Copy)]
pub(crate) enum Submission {
    Accepted,
    SentAgain,
    Refused(Code),
}

/// What the answer's envelope hides stays hidden: whether a contract failed, and whether the caller might ask, is
/// "answered".
fn query_result<E>(came: Result<&QueryResult, E>) -> &'static str {
    match came {
        Ok(QueryResult::Refused(QueryRefusal::Behind { .. })) => "behind",
        Ok(QueryResult::Refused(QueryRefusal::Stale)) => "stale",
        Ok(QueryResult::Refused(QueryRefusal::Busy)) | Err(_) => "busy",
        Ok(_) => "answered",
    }
}

/// As far as the network sees it too.
fn http_error(error: &HttpError) -> &'static str {
    match error {
        HttpError::Timeout => "timeout",
        HttpError::NetworkError => "network_error",
        _ => "refused",
    }
}

#[cfg(test)]
mod tests;

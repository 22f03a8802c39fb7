//! What operators' tools ask: whether the worker lives, whether it should get requests, and its metrics.

use crate::clock::now_ms;
use crate::context::Context;
use crate::disk::DiskFull;
use crate::metrics::OPENMETRICS;
use axum::Json;
use axum::extract::State;
use axum::http::{
    StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Duration;
use tallow_api::{Health, NotReady, NotReadyCode, Readiness};
use tallow_types::limits::STALLED_MS_MAX;
use tokio::time::timeout;

/// Time for the ledger to answer a probe.
const LEDGER_TIME: Duration = Duration::from_secs(2);

pub(crate) async fn health() -> Json<Health> {
    Json(Health { version: env!("CARGO_PKG_VERSION").to_owned() })
}

pub(crate) async fn ready(State(context): State<Arc<Context>>) -> Response {
    let cluster = context.cluster.genesis().cluster;
    let asked = async { context.ledger.anchored_height(cluster).await.map(|(height, _)| height) };
    let anchored = in_time(LEDGER_TIME, asked).await;
    let heights = (context.published.state().position().height, context.anchored_height());
    let stalled = context.app.stalled(now_ms());
    let readiness = judge(heights, anchored, context.disk.room(), stalled);
    match readiness.ready {
        true => Json(readiness).into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], Json(readiness)).into_response(),
    }
}

pub(crate) fn metrics(State(context): State<Arc<Context>>, connections: usize) -> Response {
    ([(CONTENT_TYPE, OPENMETRICS)], context.metrics.text(&context, connections)).into_response()
}

/// The ledger's answer, or why there is none.
async fn in_time<E: ToString>(time: Duration, asked: impl Future<Output = Result<u64, E>>) -> Result<u64, String> {
    match timeout(time, asked).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} ms", time.as_millis())),
    }
}

/// Whether a worker should get requests that is at the first height and knows of an anchor at the second, when the
/// ledger now says `anchored`, and work has waited for a block for as long as `stalled`.
fn judge(
    (height, known): (u64, u64),
    anchored: Result<u64, String>,
    room: Result<(), DiskFull>,
    stalled: Duration,
) -> Readiness {
    let stalls = (stalled > Duration::from_millis(STALLED_MS_MAX))
        .then(|| format!("work has waited for a block for {} s, at height {height}", stalled.as_secs()));
    let anchored_height = known.max(*anchored.as_ref().unwrap_or(&0));
    let behind = (height < anchored_height)
        .then(|| format!("the replica is at height {height}, and height {anchored_height} is anchored"));
    let reasons = [
        (NotReadyCode::BehindAnchor, behind),
        (NotReadyCode::LedgerUnreachable, anchored.err()),
        (NotReadyCode::Stalled, stalls),
        (NotReadyCode::DiskFull, room.err().map(|full| full.to_string())),
    ];
    let reasons = reasons.into_iter().filter_map(|(code, detail)| Some(NotReady { code, detail: detail? }));
    let reasons: Vec<_> = reasons.collect();
    Readiness { ready: reasons.is_empty(), reasons }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(readiness: Readiness) -> Vec<NotReadyCode> {
        assert_eq!(readiness.ready, readiness.reasons.is_empty());
        assert!(readiness.reasons.iter().all(|reason| !reason.detail.is_empty()));
        readiness.reasons.into_iter().map(|reason| reason.code).collect()
    }

    #[tokio::test]
    async fn a_worker_that_should_get_no_requests_says_why() {
        assert_eq!(codes(judge((7, 5), Ok(7), Ok(()), Duration::ZERO)), []);
        assert_eq!(codes(judge((7, 5), Ok(8), Ok(()), Duration::ZERO)), [NotReadyCode::BehindAnchor]);
        assert_eq!(
            codes(judge((4, 5), Ok(3), Ok(()), Duration::ZERO)),
            [NotReadyCode::BehindAnchor],
            "what it knew counts too"
        );
        let limit = Duration::from_millis(STALLED_MS_MAX);
        assert_eq!(codes(judge((7, 5), Ok(7), Ok(()), limit)), []);
        assert_eq!(codes(judge((7, 5), Ok(7), Ok(()), limit + Duration::from_millis(1))), [NotReadyCode::Stalled]);
        let silent = in_time(Duration::from_millis(5), std::future::pending::<Result<u64, String>>()).await;
        assert_eq!(silent, Err("no answer within 5 ms".to_owned()));
        assert_eq!(codes(judge((7, 5), silent, Ok(()), Duration::ZERO)), [NotReadyCode::LedgerUnreachable]);
        let broken = in_time(LEDGER_TIME, async { Err("not proven") }).await;
        let all = [NotReadyCode::BehindAnchor, NotReadyCode::LedgerUnreachable, NotReadyCode::DiskFull];
        assert_eq!(codes(judge((4, 5), broken, Err(DiskFull { free: 0 }), Duration::ZERO)), all);
    }
}

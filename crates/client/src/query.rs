//! Queries, sealed in a session and answered with a signature.

use crate::{Client, ClientError, Rejection, Signer, http::Budget, session::Session};
use parity_scale_codec::Encode;
use std::sync::Arc;
use std::time::Duration;
use tallow_api::Code;
use tallow_types::limits::QUERY_TIME_MS_MAX;
use tallow_types::{Query, QueryAnswer, QueryRequest, QueryResult, SessionFrame, decode_exact};
use tracing::Instrument;

/// The answer to a query, signed by the worker for this very request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedAnswer {
    /// The result: of the query's kind, never a refusal.
    pub result: QueryResult,
    /// Height of the state it stands on; not below the newest receipt of this client.
    pub height: u64,
    /// Newest anchored height the worker says it knows.
    pub anchored_height: u64,
}

impl Client {
    /// Runs a query as `caller`. Many may run at once; they share one session of the caller.
    ///
    /// # Errors
    /// A contract that fails is an answer ([`QueryResult::Called`]); [`ClientError::Refused`] says that the query was
    /// not run.
    pub async fn query<S: Signer + ?Sized>(&self, caller: &S, query: Query) -> Result<VerifiedAnswer, ClientError> {
        self.ask(caller, query).instrument(tallow_telemetry::span!("query")).await
    }

    async fn ask<S: Signer + ?Sized>(&self, caller: &S, query: Query) -> Result<VerifiedAnswer, ClientError> {
        let request = QueryRequest { query, min_height: self.height() };
        let session = self.session(caller, None).await?;
        let answer = match self.ask_in(&session, &request).await {
            Err(error) if another_session_helps(&error) => {
                let session = self.session(caller, Some(&session)).await?;
                self.ask_in(&session, &request).await?
            }
            other => other?,
        };
        judge(&request, answer)
    }

    async fn ask_in(&self, session: &Arc<Session>, request: &QueryRequest) -> Result<QueryAnswer, ClientError> {
        let _turn = session.in_flight.acquire().await.expect("the semaphore is never closed");
        let frame = session.keys.seal_request(request).map_err(crate::error::too_large("query"))?;
        let budget = Budget::ANSWER.waiting(Duration::from_millis(QUERY_TIME_MS_MAX));
        let answer = self.http().post("v1/query", frame.encode(), budget).await?;
        let sealed: SessionFrame = decode_exact(&answer.body)?;
        Ok(session.keys.open_answer_to(&frame, &sealed).map_err(Rejection::Answer)?)
    }
}

/// The replica forgot the session (a restart, too many sessions), or a frame fell out of its window. A query has no
/// effect, so it may be asked twice.
fn another_session_helps(error: &ClientError) -> bool {
    matches!(error.code(), Some(Code::SessionUnknown | Code::Replayed))
}

fn judge(request: &QueryRequest, answer: QueryAnswer) -> Result<VerifiedAnswer, ClientError> {
    let QueryAnswer { height, anchored_height, result, .. } = answer;
    let of_its_kind = match (&request.query, &result) {
        (_, QueryResult::Refused(refusal)) => return Err(ClientError::Refused(refusal.clone())),
        (Query::Call { .. } | Query::Instantiate { .. }, QueryResult::Called { .. }) => true,
        (Query::Balance(_), QueryResult::Balance(_)) | (Query::Logs { .. }, QueryResult::Logs(_)) => true,
        (Query::Timers { .. }, QueryResult::Timers { .. }) => true,
        (Query::Contract(_), QueryResult::Contract(_)) | (Query::Secrets(_), QueryResult::Secrets(_)) => true,
        (Query::SystemContract, QueryResult::SystemContract(_)) => true,
        _ => false,
    };
    if !of_its_kind {
        return Err(Rejection::WrongKind.into());
    }
    if height < request.min_height {
        return Err(Rejection::Old { found: height, wanted: request.min_height }.into());
    }
    Ok(VerifiedAnswer { result, height, anchored_height })
}

//! Sessions and queries.

use super::edge::Timing;
use super::problem::{Failure, body, scale};
use super::server::Client;
use crate::clock::now_ms;
use crate::context::Context;
use crate::query::{self, Asker, InsertError, SessionError, Spent};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;
use std::time::Instant;
use tallow_api::Code;
use tallow_crypto::{SessionServer, account_of, query_answer_signing_bytes, request_digest};
use tallow_types::{AccountId, Query, QueryAnswer, SealedSessionOpen, SessionFrame, SignedQueryAnswer};

pub(crate) async fn open_session(
    State(context): State<Arc<Context>>,
    client: Client,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Failure> {
    let sealed: SealedSessionOpen = body(bytes)?;
    let genesis = context.cluster.genesis();
    let server = SessionServer::accept(
        &context.transport,
        &genesis.network,
        &genesis.cluster,
        &context.worker,
        now_ms(),
        &sealed,
    )
    .map_err(|error| Failure::new(Code::EnvelopeRefused, error))?;
    context.sessions.insert(server, client.0, now_ms()).map_err(|error| match error {
        InsertError::Used => Failure::new(Code::Replayed, error),
        InsertError::Full => Failure::new(Code::Busy, error),
    })?;
    context.metrics.sessions.inc();
    Ok(StatusCode::CREATED)
}

pub(crate) async fn query(
    State(context): State<Arc<Context>>,
    Client(client): Client,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let frame: SessionFrame = body(bytes)?;
    let (session, request) = context.sessions.open(&frame, now_ms()).map_err(session_failure)?;
    if matches!(request.query, Query::Subscribe { .. }) {
        return Err(Failure::new(Code::Malformed, "subscriptions are posted to /v1/subscribe"));
    }
    let began = Instant::now();
    let asker = Asker { caller: account_of(&session.server.caller()), client };
    let answered = match owners_view(&request.query).is_none_or(|contract| session.server.is_for(contract)) {
        true => query::answer(&context, asker, request).await,
        false => Ok(query::not_permitted(&context)),
    };
    context.metrics.query(answered.as_ref().map(|answered| &answered.result).map_err(|_| ()), began.elapsed());
    let answered = answered.map_err(|error| Failure::new(Code::Busy, error))?;
    let answer = QueryAnswer {
        request: request_digest(&frame),
        height: answered.height,
        anchored_height: context.anchored_height(),
        result: answered.result,
    };
    let signature = context.key.sign(&query_answer_signing_bytes(&answer));
    let sealed = session.server.seal_answer(frame.number, &SignedQueryAnswer { answer, signature });
    let mut response = scale(&sealed);
    let Spent { queue, run } = answered.spent;
    response.extensions_mut().insert(Timing { queue: Some(queue), run: Some(run) });
    Ok(response)
}

/// The contract of which a query asks what its deployer alone may see.
fn owners_view(query: &Query) -> Option<&AccountId> {
    match query {
        Query::Logs { contract, .. } | Query::Timers { contract } | Query::Secrets(contract) => Some(contract),
        _ => None,
    }
}

/// Why a frame is refused, as an error of the API.
pub(crate) fn session_failure(error: SessionError) -> Failure {
    match error {
        SessionError::Replayed => Failure::new(Code::Replayed, error),
        SessionError::Unknown | SessionError::Envelope => Failure::new(Code::SessionUnknown, error),
    }
}

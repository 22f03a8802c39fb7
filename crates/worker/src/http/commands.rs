//! Commands, receipts and code.

use super::edge::Timing;
use super::problem::{Failure, body, bytes as raw, parameter, scale};
use super::server::Client;
use crate::app::{Refused, SubmitError};
use crate::clock::now_ms;
use crate::code::ShelfError;
use crate::context::{Anchored, Context};
use crate::final_state::Completed;
use crate::metrics::Submission;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header::ACCEPT};
use axum::response::{IntoResponse, Response};
use parity_scale_codec::Encode;
use serde::Deserialize;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tallow_api::{Accepted, AnchorProof, Code, CodeStored, CommandState, ReceiptAnswer, ReceiptDocument, SCALE};
use tallow_cluster::OpenError;
use tallow_crypto::{AuthorityError, header_digest};
use tallow_store::StoreError;
use tallow_types::limits::POLL_TIME_MS_MAX;
use tallow_types::{CodeHash, CodeRecord, CommandId, RegistryKey, SealedCommand};
use tokio::time::{Instant, timeout_at};
use tracing::Span;

/// Why there is neither a receipt nor hope for one.
const UNKNOWN: &str = "this worker knows no such command: it was not sent here, or it expired before it was ordered, or \
                       its receipt is older than those that are kept";

/// Why there will be no receipt of a command that was taken.
const PUT_ASIDE: &str = "the command was put aside before it was in a block, and had no effect: too many commands waited, \
                         or this worker could not run it. Send it again later";

/// How long to wait, and for what.
#[derive(Deserialize)]
pub(crate) struct Wait {
    #[serde(default)]
    wait_ms: u64,
    #[serde(default)]
    anchored: bool,
}

impl Wait {
    fn until(&self) -> Instant {
        Instant::now() + Duration::from_millis(self.wait_ms)
    }
}

type WaitQuery = Result<Query<Wait>, QueryRejection>;

fn wait(query: WaitQuery) -> Result<Wait, Failure> {
    let Query(wait) = query.map_err(|rejection| Failure::new(Code::Malformed, rejection.body_text()))?;
    if wait.wait_ms > POLL_TIME_MS_MAX {
        return Err(Failure::new(
            Code::Malformed,
            format!("wait_ms is at most {POLL_TIME_MS_MAX}; ask again after it"),
        ));
    }
    Ok(wait)
}

pub(crate) async fn submit(
    State(context): State<Arc<Context>>,
    Client(client): Client,
    query: WaitQuery,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let wait = wait(query)?;
    let sealed: SealedCommand = body(bytes)?;
    let began = SystemTime::now();
    let submitted = context.app.submit(sealed, client, now_ms(), context.disk.room());
    tallow_telemetry::record(&Span::current(), "admit", began..SystemTime::now(), &[]);
    let id = match submitted {
        Ok(id) => {
            context.metrics.submission(Submission::Accepted);
            id
        }
        // Whoever sends a command again learns what came of it, as long as that is known.
        Err(Refused { id: Some(id), error }) if is_known(&context, &id) => {
            tracing::debug!(%id, %error, "sent again");
            context.metrics.submission(Submission::SentAgain);
            id
        }
        Err(Refused { error, .. }) => {
            context.metrics.submission(Submission::Refused(code_of(&error)));
            return Err(Failure::new(code_of(&error), error));
        }
    };
    follow(&context, id, &wait, Form::Scale).await
}

/// Whether the command was taken, and what came of it is known here.
fn is_known(context: &Context, id: &CommandId) -> bool {
    // Asked in the order in which a command goes on, so that none is missed that moves meanwhile.
    context.app.is_pending(id)
        || context.published.state().waiting(id).is_some()
        || context.published.completed(id).is_some()
}

/// The code of a refusal.
fn code_of(error: &SubmitError) -> Code {
    match error {
        SubmitError::Full(_) => Code::Busy,
        SubmitError::DiskFull(_) => Code::DiskFull,
        SubmitError::Open(
            OpenError::Envelope | OpenError::Foreign | OpenError::Authority(AuthorityError::Signature),
        ) => Code::EnvelopeRefused,
        SubmitError::Open(OpenError::CannotPay { .. }) => Code::PaymentRequired,
        SubmitError::Open(OpenError::Seen) => Code::CommandSeen,
        SubmitError::Open(OpenError::Expired) => Code::CommandExpired,
        SubmitError::Open(OpenError::GasLimit | OpenError::ExpiryTooFar | OpenError::Authority(_)) => {
            Code::CommandRefused
        }
    }
}

pub(crate) async fn receipt(
    State(context): State<Arc<Context>>,
    id: Result<Path<String>, PathRejection>,
    query: WaitQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let id: CommandId = parameter(id)?.parse().map_err(|error| Failure::new(Code::Malformed, error))?;
    follow(&context, id, &wait(query)?, Form::accepted(&headers)).await
}

/// How a receipt is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Scale,
    Json,
}

impl Form {
    /// JSON for those who name it and do not name SCALE.
    fn accepted(headers: &HeaderMap) -> Self {
        let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if accepted.contains("application/json") && !accepted.contains(SCALE) { Self::Json } else { Self::Scale }
    }
}

fn receipt_document(answer: &ReceiptAnswer, anchored: Option<u64>) -> ReceiptDocument {
    let header = &answer.receipt.certified.header;
    ReceiptDocument {
        id: answer.receipt.command,
        height: header.position.height,
        time_ms: header.position.time_ms,
        block: header_digest(header),
        bytes: u32::try_from(answer.receipt.sealed.len()).unwrap_or(u32::MAX),
        anchored_height: anchored,
        receipt: format!("0x{}", hex::encode(answer.encode())),
    }
}

/// Answers with the receipt, or with how far the command is when the time is up.
async fn follow(context: &Context, id: CommandId, wait: &Wait, form: Form) -> Result<Response, Failure> {
    let (began, until) = (Instant::now(), wait.until());
    let completed = match completed(context, &id, until).await {
        Some(completed) => completed,
        // Asked in the order in which a command goes on, so that none is missed that moves meanwhile.
        None if context.app.is_pending(&id) => return Ok(accepted(id, CommandState::Pending)),
        None if context.published.state().waiting(&id).is_some() => return Ok(accepted(id, CommandState::Waiting)),
        None => context.published.completed(&id).ok_or_else(|| unknown(context, &id))?,
    };
    let anchored = if wait.anchored { anchored_at(context, completed.height(), until).await } else { newest(context) };
    let height = anchored.as_ref().map(|anchored| anchored.height);
    let anchor = anchored.and_then(|anchored| proof(context, &anchored, completed.height()));
    if wait.anchored && anchor.is_none() {
        return Ok(accepted(id, CommandState::Finalised));
    }
    let proven = height.filter(|_| anchor.is_some());
    let answer = ReceiptAnswer { receipt: completed.receipt(), anchor };
    let mut response = match form {
        Form::Scale => scale(&answer),
        Form::Json => Json(receipt_document(&answer, proven)).into_response(),
    };
    response.extensions_mut().insert(Timing { queue: Some(began.elapsed()), run: None });
    Ok(response)
}

/// Why there is no receipt, and none to come.
fn unknown(context: &Context, id: &CommandId) -> Failure {
    match context.app.is_put_aside(id) {
        true => Failure::new(Code::Busy, PUT_ASIDE),
        false => Failure::new(Code::NotFound, UNKNOWN),
    }
}

fn accepted(id: CommandId, state: CommandState) -> Response {
    (StatusCode::ACCEPTED, Json(Accepted { id, state })).into_response()
}

async fn completed(context: &Context, id: &CommandId, until: Instant) -> Option<Completed> {
    loop {
        match context.published.receipt(id) {
            Ok(completed) => return Some(completed),
            Err(waiter) => timeout_at(until, waiter.signalled()).await.ok()?,
        }
    }
}

fn newest(context: &Context) -> Option<Arc<Anchored>> {
    context.anchored()
}

/// The newest anchor, once it covers `height`.
async fn anchored_at(context: &Context, height: u64, until: Instant) -> Option<Arc<Anchored>> {
    let mut anchored = context.anchored_changed.subscribe();
    timeout_at(until, anchored.wait_for(|reached| *reached >= height)).await.ok()?.ok()?;
    context.anchored()
}

/// Proof that the block at `height` is anchored, if the anchor covers it and its state is kept.
fn proof(context: &Context, anchored: &Anchored, height: u64) -> Option<AnchorProof> {
    let record = anchored.record.clone();
    if anchored.height == height {
        return Some(AnchorProof { record, history: None });
    }
    let state = anchored.state.as_ref().filter(|_| anchored.height > height)?;
    Some(AnchorProof { record, history: Some(context.cluster.prove_block(state, height)) })
}

/// Which code is sent.
#[derive(Deserialize)]
pub(crate) struct Upload {
    code: String,
}

/// Takes code. Whether the ledger lists it comes before its bytes: what nobody registered takes no room.
pub(crate) async fn add_code(
    State(context): State<Arc<Context>>,
    query: WaitQuery,
    upload: Result<Query<Upload>, QueryRejection>,
    request: Request,
) -> Result<Response, Failure> {
    let wait = wait(query)?;
    let Query(Upload { code }) = upload.map_err(|rejection| Failure::new(Code::Malformed, rejection.body_text()))?;
    let code: CodeHash = code.parse().map_err(|error| Failure::new(Code::Malformed, format!("code: {error}")))?;
    let room = |bytes| match context.codes.has(&code) {
        true => Ok(()),
        false => context.disk.room_for(bytes).map_err(|error| Failure::new(Code::DiskFull, error)),
    };
    // A full disk takes no code of any size, and needs no question to the ledger.
    room(0)?;
    let bytes = registered(&context, code).await?;
    room(bytes)?;
    let wasm = raw(Bytes::from_request(request, &()).await)?;
    if wasm.len() as u64 != bytes || tallow_crypto::code_hash(&wasm) != code {
        return Err(Failure::new(Code::CodeRefused, "this is not the code of that hash and of its registered size"));
    }
    context.codes.add(wasm.to_vec()).await.map_err(|error| match error {
        ShelfError::Code(error) => Failure::new(Code::CodeRefused, error),
        ShelfError::Store(error @ StoreError::Full { .. }) => Failure::new(Code::DiskFull, error),
        ShelfError::Store(error) => Failure::new(Code::Unavailable, error),
    })?;
    context.app.add_code(code);
    let mut height = context.published.height();
    let ordered = height.wait_for(|_| context.published.state().has_code(&code));
    match timeout_at(wait.until(), ordered).await {
        Ok(_) => Ok(Json(CodeStored { code }).into_response()),
        Err(_) => Ok((StatusCode::ACCEPTED, Json(CodeStored { code })).into_response()),
    }
}

/// The size with which the ledger lists code.
async fn registered(context: &Context, code: CodeHash) -> Result<u64, Failure> {
    let asked = context.ledger.ask(RegistryKey::Code(code), move |light, record| light.code(code, record)).await;
    let (record, _) = asked.map_err(|error| Failure::new(Code::Unavailable, error))?;
    let unknown = || Failure::new(Code::CodeRefused, "register the code's hash and size on the ledger first");
    record.map(|CodeRecord { bytes }| u64::from(bytes)).ok_or_else(unknown)
}

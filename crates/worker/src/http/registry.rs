//! Status, and the ledger as this worker reaches it. Clients verify what they get here.

use super::problem::{Failure, body, parameter, scale};
use crate::context::Context;
use crate::ledger::LedgerError;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::response::Response;
use std::sync::Arc;
use tallow_api::{Code, LedgerNonce, LedgerTxDone, Status};
use tallow_types::limits::LEDGER_TX_BYTES_MAX;
use tallow_types::{AccountId, RegistryKey, decode_exact};

pub(crate) async fn status(State(context): State<Arc<Context>>) -> Json<Status> {
    let genesis = context.cluster.genesis();
    let state = context.published.state();
    Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        network: genesis.network,
        cluster: genesis.cluster,
        worker: context.worker,
        height: state.position().height,
        anchored_height: context.anchored_height(),
        ledger_height: context.ledger.raw().height(),
        anchor_interval_ms: u64::try_from(context.anchor_interval.as_millis()).unwrap_or(u64::MAX),
        waiting: state.waiting_len() as u64,
        replicas: u32::try_from(genesis.members.len()).unwrap_or(u32::MAX),
        disk_free_bytes: context.disk.free(),
        disk_full: context.disk.room().is_err(),
        development: context.development.clone(),
    })
}

pub(crate) async fn genesis(State(context): State<Arc<Context>>) -> Response {
    scale(context.ledger.raw().genesis())
}

pub(crate) async fn record(
    State(context): State<Arc<Context>>,
    key: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let key = parameter(key)?;
    let malformed = |error: String| Failure::new(Code::Malformed, format!("the key is not a registry key: {error}"));
    let bytes = hex::decode(key.strip_prefix("0x").unwrap_or(&key)).map_err(|error| malformed(error.to_string()))?;
    let key: RegistryKey = decode_exact(&bytes).map_err(|error| malformed(error.to_string()))?;
    let record = context.ledger.raw().record(key).await.map_err(|error| Failure::new(Code::Unavailable, error))?;
    Ok(scale(&record))
}

pub(crate) async fn nonce(
    State(context): State<Arc<Context>>,
    account: Result<Path<String>, PathRejection>,
) -> Result<Json<LedgerNonce>, Failure> {
    let account: AccountId = parameter(account)?.parse().map_err(|error| Failure::new(Code::Malformed, error))?;
    Ok(Json(LedgerNonce { account, nonce: context.ledger.raw().nonce(&account) }))
}

pub(crate) async fn submit(
    State(context): State<Arc<Context>>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Json<LedgerTxDone>, Failure> {
    // A transaction through this worker mostly comes before an upload to it, and a validator of the same machine writes
    // to the same disk.
    context.disk.room().map_err(|error| Failure::new(Code::DiskFull, error))?;
    let bytes = super::problem::bytes(bytes)?;
    if bytes.len() > LEDGER_TX_BYTES_MAX {
        return Err(Failure::new(Code::TooLarge, "a ledger transaction"));
    }
    let submitted = context.ledger.raw().submit(body(Ok(bytes))?).await;
    submitted.map(|height| Json(LedgerTxDone { height })).map_err(|error| Failure::new(refusal(&error), error))
}

fn refusal(error: &LedgerError) -> Code {
    match error {
        LedgerError::Busy(_) => Code::Busy,
        LedgerError::AllowanceUsed(_) => Code::AllowanceUsed,
        LedgerError::Unpaid(_) => Code::PaymentRequired,
        LedgerError::Refused(_) | LedgerError::Superseded | LedgerError::Unproven(_) => Code::TransactionRefused,
    }
}

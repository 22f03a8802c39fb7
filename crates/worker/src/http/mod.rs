//! The public API over HTTP; `tallow_api` documents it.

mod commands;
mod openapi;
mod problem;
mod queries;
mod registry;

use crate::context::Context;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use std::sync::Arc;
use tallow_types::limits::{CODE_BYTES_MAX, COMMAND_BYTES_MAX, LEDGER_TX_BYTES_MAX};
use tokio::net::TcpListener;

/// Room for the encoding around a body whose content is limited.
const ENVELOPE_ROOM: usize = 4 * 1024;

/// The API's routes, and the pages of a site beside them.
pub(crate) fn router(context: Arc<Context>, site: Router) -> Router {
    let limit = |bytes: usize| DefaultBodyLimit::max(bytes + ENVELOPE_ROOM);
    Router::new()
        .route("/v1/status", get(registry::status))
        .route("/v1/genesis", get(registry::genesis))
        .route("/v1/registry/{key}", get(registry::record))
        .route("/v1/nonce/{account}", get(registry::nonce))
        .route("/v1/ledger", post(registry::submit).layer(limit(LEDGER_TX_BYTES_MAX)))
        .route("/v1/sessions", post(queries::open_session).layer(limit(ENVELOPE_ROOM)))
        .route("/v1/query", post(queries::query).layer(limit(COMMAND_BYTES_MAX)))
        .route("/v1/commands", post(commands::submit).layer(limit(COMMAND_BYTES_MAX)))
        .route("/v1/receipts/{id}", get(commands::receipt))
        .route("/v1/code", post(commands::add_code).layer(limit(CODE_BYTES_MAX)))
        .route("/openapi.json", get(openapi::document))
        .fallback(problem::no_such_path)
        .with_state(context)
        .merge(site)
}

/// Serves the API until the listener fails. Answers are small and awaited, so nothing is gained by Nagle's algorithm.
pub(crate) async fn serve(listener: TcpListener, context: Arc<Context>, site: Router) -> std::io::Result<()> {
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true); // it works without
    });
    axum::serve(listener, router(context, site)).await
}

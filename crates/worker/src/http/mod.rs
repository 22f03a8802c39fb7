//! The public API over HTTP; `tallow_api` documents it.

mod commands;
mod openapi;
mod problem;
mod queries;
mod registry;
mod resources;
mod sealed;
mod streams;

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
        .route("/v1/code", get(resources::codes).post(commands::add_code).layer(limit(CODE_BYTES_MAX)))
        .route("/v1/accounts/{account}", get(resources::account))
        .route("/v1/clusters", get(resources::clusters))
        .route("/v1/clusters/{id}", get(resources::cluster))
        .route("/v1/contracts", get(resources::contracts))
        .route("/v1/contracts/{address}", get(resources::contract))
        .route("/v1/code/{hash}", get(resources::code))
        .route("/v1/blocks", get(resources::blocks))
        .route("/v1/blocks/{height}", get(resources::block))
        .route("/v1/receipts", get(resources::receipts))
        .route("/v1/anchors", get(resources::anchors))
        .route("/v1/timers", get(resources::timers))
        .route("/v1/stream", get(streams::events))
        .route("/v1/subscribe", post(sealed::subscribe).layer(limit(ENVELOPE_ROOM)))
        .route("/v1/ws", get(streams::socket))
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

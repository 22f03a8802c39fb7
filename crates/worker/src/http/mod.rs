//! The public API over HTTP; `tallow_api` documents it. `server` has the connections, `edge` what all requests have in
//! common, the others the operations.

mod bodies;
mod commands;
mod config;
mod connections;
mod doors;
mod edge;
mod media;
mod openapi;
mod probes;
mod problem;
mod queries;
mod rates;
mod registry;
mod resources;
mod sealed;
mod server;
mod streams;

pub use config::{ApiConfig, Pages, Readers};
pub(crate) use server::Stop;

use crate::context::Context;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};
use edge::Edge;
use std::sync::Arc;
use tallow_types::limits::{CODE_BYTES_MAX, COMMAND_BYTES_MAX, LEDGER_TX_BYTES_MAX};
use tokio::net::TcpListener;

/// Room for the encoding around a body whose content is limited.
const ENVELOPE_ROOM: usize = 4 * 1024;

/// Methods and routes of the API's operations.
pub(crate) fn operations() -> impl Iterator<Item = (&'static str, &'static str)> {
    openapi::OPERATIONS.iter().map(openapi::Operation::place)
}

/// The API's routes. Each has its place in `openapi::OPERATIONS`, which also says what media types it takes and gives.
fn routes(edge: &Edge) -> Router<Arc<Context>> {
    let limit = |bytes: usize| DefaultBodyLimit::max(bytes + ENVELOPE_ROOM);
    let connections = edge.connections.clone();
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
        .route("/health", get(probes::health))
        .route("/ready", get(probes::ready))
        .route(edge::METRICS, get(async move |context| probes::metrics(context, connections.count())))
}

/// The routes, and the pages of a site beside them, behind the edge.
fn router(context: Arc<Context>, site: Router, edge: Arc<Edge>) -> Router {
    routes(&edge)
        .method_not_allowed_fallback(problem::other_method)
        .fallback(problem::no_such_path)
        .with_state(context)
        .merge(site)
        .layer(middleware::from_fn_with_state(edge, edge::pass))
}

/// Serves the API until it is to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    context: Arc<Context>,
    site: Router,
    config: &ApiConfig,
    stop: Stop,
) -> std::io::Result<()> {
    let edge = Edge::new(config, context.metrics.clone());
    server::serve(listener, router(context, site, edge.clone()), edge, stop).await
}

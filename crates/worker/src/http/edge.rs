//! What every request passes on its way in, and every answer on its way out: who may ask (`doors`), rate limits, media
//! types, the request's id, time-outs, `Server-Timing`, and the form of errors.

use super::bodies::Bodies;
use super::connections::Connections;
use super::doors::{Doors, Readers};
use super::problem::{self, Failure};
use super::rates::Rates;
use super::server::Client;
use super::{ApiConfig, config, media, openapi};
use crate::metrics;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use std::net::{IpAddr, Ipv4Addr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tallow_api::Code;
use tallow_telemetry::TRACEPARENT;
use tallow_types::limits::{API_ANSWER_MS_MAX, API_BODY_MS_MAX, API_REQUEST_ID_BYTES_MAX};
use tokio::time::{Instant, timeout};
use tracing::field::Empty;
use tracing::{Instrument, Span};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// What goes with every answer.
const ALWAYS: [(HeaderName, HeaderValue); 2] = [
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("x-request-id, server-timing, retry-after, allow"),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// What a browser hears that asks beforehand.
const PREFLIGHT: [(HeaderName, HeaderValue); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, POST, OPTIONS")),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("accept, content-type, last-event-id, traceparent, x-request-id"),
    ),
    (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
];

/// Where the metrics are, which are not for everybody.
pub(super) const METRICS: &str = "/metrics";

/// What proxies add. One on this machine that adds nothing cannot be told from a client on it.
const FORWARDED: [&str; 6] =
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Whether the request's sender is not on this machine though the connection is: a proxy passes it on, or it comes from a
/// page of some site that is open in a browser here.
fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDED.iter().any(|name| headers.contains_key(*name)) || headers.contains_key(header::ORIGIN)
}

/// What the edge keeps.
pub(super) struct Edge {
    pub(super) rates: Rates,
    pub(super) connections: Arc<Connections>,
    bodies: Bodies,
    doors: Doors,
    metrics: metrics::Shared,
    metrics_for: config::Readers,
    times: Times,
}

/// How long things may take.
#[derive(Clone, Copy)]
struct Times {
    answer: Duration,
    /// Of a body, beyond what its bytes take at the least rate.
    body: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self { answer: Duration::from_millis(API_ANSWER_MS_MAX), body: Duration::from_millis(API_BODY_MS_MAX) }
    }
}

/// Where a request's time went, as far as its handler knows; it puts this into the answer's extensions.
#[derive(Clone, Copy, Default)]
pub(crate) struct Timing {
    /// Waiting for a turn, for a height, or for a place in a block.
    pub(crate) queue: Option<Duration>,
    /// Running a contract.
    pub(crate) run: Option<Duration>,
}

impl Edge {
    pub(super) fn new(config: &ApiConfig, metrics: metrics::Shared) -> Arc<Self> {
        Arc::new(Self {
            rates: Rates::new(config),
            connections: Connections::new(config),
            bodies: Bodies::new(),
            doors: Doors::new(config),
            metrics,
            metrics_for: config.metrics,
            times: Times::default(),
        })
    }

    /// Notes a connection for which there was no place.
    pub(super) fn refused_connection(&self) {
        self.metrics.refused_connections.inc();
    }

    /// Whether a request goes further.
    fn admit(&self, request: &Request, route: &str, operation: Option<usize>) -> Result<(), Failure> {
        let client = client(request);
        self.rates.take(client).map_err(|wait| {
            let detail = "this address, or all together, sent more requests than this worker takes";
            Failure::new(Code::RateLimited, detail).retry_after(wait)
        })?;
        if route == METRICS && !self.tells_metrics(client, request.headers()) {
            return Err(Failure::new(
                Code::NotFound,
                "metrics are for those whom this worker's operator lets read them",
            ));
        }
        match operation {
            Some(number) => media::check(&openapi::OPERATIONS[number], request.headers()),
            None => Ok(()),
        }
    }

    /// Whether a client may read the metrics.
    fn tells_metrics(&self, client: IpAddr, headers: &HeaderMap) -> bool {
        match self.metrics_for {
            config::Readers::Nobody => false,
            config::Readers::Machine => client.is_loopback() && !is_forwarded(headers),
            config::Readers::Everybody => true,
        }
    }

    /// The handler's answer, in time and whatever it does.
    async fn answer(&self, request: Request, next: Next) -> Response {
        let client = client(&request);
        let (head, body) = request.into_parts();
        let (body, _held) = match self.bodies.coming(client, body, self.times.body) {
            Ok(coming) => coming,
            Err(failure) => return failure.into_response(),
        };
        let handling = AssertUnwindSafe(next.run(Request::from_parts(head, body))).catch_unwind();
        match timeout(self.times.answer, handling).await {
            Ok(Ok(response)) => self.bodies.going(client, response).await.unwrap_or_else(Failure::into_response),
            Ok(Err(_)) => {
                Failure::new(Code::Internal, "this is a fault of the worker, not of the request").into_response()
            }
            Err(_) => Failure::new(Code::Unavailable, "there is no answer in time").into_response(),
        }
    }
}

/// The client that a request comes from; that of a request that came by no connection is nobody's.
fn client(request: &Request) -> IpAddr {
    request.extensions().get::<Client>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |client| client.0)
}

/// Passes a request on.
pub(super) async fn pass(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let arrived = Instant::now();
    let id = request_id(request.headers());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", |path| path.as_str());
    let method = request.method().clone();
    let operation = openapi::operation(&method, route);
    let span = span(operation, request.headers());
    let doors = edge.doors.admit(&request);
    let readers = doors.clone().unwrap_or(Readers::Nobody);
    let mut response = match doors.and_then(|_| edge.admit(&request, route, operation)) {
        Ok(()) => edge.answer(request, next).instrument(span.clone()).await,
        Err(failure) => failure.into_response(),
    };
    let code = problem::write(&mut response, &id);
    span.record("http.response.status_code", response.status().as_u16());
    let time = arrived.elapsed();
    edge.metrics.requests.answered(operation, response.status().as_u16(), time);
    // The route's pattern, not the path: what a client asks for is not for the log.
    match code {
        Some(Code::Internal) => tracing::error!(%id, %method, route, "a request failed"),
        _ => tracing::debug!(%id, %method, route, status = response.status().as_u16(), ?time, "answered"),
    }
    finish(&mut response, readers, &method, &id, time);
    response
}

/// The span of a request, which goes on with the client's trace.
fn span(operation: Option<usize>, headers: &HeaderMap) -> Span {
    let (method, route) = operation.map_or(("other", "other"), |number| openapi::OPERATIONS[number].place());
    let span = tallow_telemetry::span!(
        "request",
        otel.name = format_args!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
    );
    if let Some(parent) = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()) {
        tallow_telemetry::continue_from(&span, parent);
    }
    span
}

/// Adds what every answer has.
fn finish(response: &mut Response, readers: Readers, method: &Method, id: &str, total: Duration) {
    let timing = response.extensions().get::<Timing>().copied().unwrap_or_default();
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if *method == Method::OPTIONS && readers != Readers::Nobody {
        headers.extend(PREFLIGHT);
    }
    readers.tell(headers);
    headers.entry(header::CACHE_CONTROL).or_insert(const { HeaderValue::from_static("no-store") });
    for (name, value) in [(REQUEST_ID, id.to_owned()), (SERVER_TIMING, server_timing(timing, total))] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

/// The header `Server-Timing`, in milliseconds.
fn server_timing(timing: Timing, total: Duration) -> String {
    let parts = [("queue", timing.queue), ("run", timing.run), ("total", Some(total))];
    let parts = parts.into_iter().filter_map(|(name, time)| Some((name, time?.as_secs_f64() * 1_000.0)));
    parts.map(|(name, ms)| format!("{name};dur={ms:.3}")).collect::<Vec<_>>().join(", ")
}

/// The client's id of the request, if it is one that logs and headers can carry; else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let sane = |id: &&str| {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !id.is_empty() && id.len() <= API_REQUEST_ID_BYTES_MAX && id.bytes().all(letter)
    };
    match headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(sane) {
        Some(id) => id.to_owned(),
        None => hex::encode(tallow_crypto::random_bytes::<8>()),
    }
}

#[cfg(test)]
mod tests;

//! HTTP under limits: whatever the server does, a request ends in bounded time and takes bounded memory.

use crate::ClientError;
use crate::events::EventSource;
use bytes::Bytes;
use reqwest::{Method, RequestBuilder, StatusCode, Url, header};
use serde::de::DeserializeOwned;
use std::{net::IpAddr, sync::Arc, time::Duration};
use tallow_api::{Accepted, CommandState, EVENT_STREAM, PROBLEM, Problem, SCALE};
use tallow_telemetry::TRACEPARENT;
use tallow_types::limits::{DOCUMENT_BYTES_MAX, RESPONSE_BYTES_MAX};
use tallow_types::{CommandId, Malformed};
use tracing::field::Empty;
use tracing::{Instrument, Span};

/// Time to make a connection.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// An HTTP answer that is not an error.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The answer that a command is taken.
    pub(crate) fn accepted(id: CommandId) -> Self {
        let body = serde_json::to_vec(&Accepted { id, state: CommandState::Pending });
        Self { status: StatusCode::ACCEPTED, body: body.expect("a plain structure is JSON") }
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body).map_err(|_| Malformed { what: "JSON document" }.into())
    }
}

/// What a request may take.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    /// Bytes of the answer's body.
    bytes: usize,
    /// What the server was asked to wait, beyond the time that every request has.
    wait: Duration,
}

impl Budget {
    /// For registry records and JSON documents.
    pub(crate) const DOCUMENT: Self = Self { bytes: DOCUMENT_BYTES_MAX, wait: Duration::ZERO };
    /// For answers that hold what contracts return.
    pub(crate) const ANSWER: Self = Self { bytes: RESPONSE_BYTES_MAX, wait: Duration::ZERO };

    /// With this much more time, which the server was asked to wait.
    pub(crate) fn waiting(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }
}

/// Requests to one server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Http {
    base: Arc<Url>,
    client: reqwest::Client,
    /// From the first byte sent to the last one read, beyond what the server is asked to wait.
    time: Duration,
}

impl Http {
    /// With `http2`, HTTP/2 from the first byte where there is no TLS to negotiate it.
    pub(crate) fn new(url: &str, time: Duration, http2: bool, source: Option<IpAddr>) -> Result<Self, ClientError> {
        let mut base = Url::parse(url).map_err(|e| ClientError::Url { url: url.to_owned(), reason: e.to_string() })?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(ClientError::Url { url: url.to_owned(), reason: "expected http:// or https://".to_owned() });
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let builder = reqwest::Client::builder();
        let builder = if http2 && base.scheme() == "http" { builder.http2_prior_knowledge() } else { builder };
        let client = builder
            .tls_backend_preconfigured(tls().map_err(|e| ClientError::Tls(e.to_string()))?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .local_address(source)
            .connect_timeout(CONNECT_TIME.min(time))
            .tcp_nodelay(true)
            .user_agent(concat!("tallow/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| ClientError::Tls(e.to_string()))?;
        Ok(Self { base: Arc::new(base), client, time })
    }

    pub(crate) fn url(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    pub(crate) async fn get(&self, path: &str, budget: Budget) -> Result<Answer, ClientError> {
        self.send(self.request(Method::GET, path)?, budget).instrument(span("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Vec<u8>, budget: Budget) -> Result<Answer, ClientError> {
        let request = self.request(Method::POST, path)?.header(header::CONTENT_TYPE, SCALE).body(body);
        self.send(request, budget).instrument(span("POST", path)).await
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ClientError> {
        let url = self
            .base
            .join(path.trim_start_matches('/'))
            .map_err(|e| ClientError::Url { url: path.to_owned(), reason: e.to_string() })?;
        Ok(self.client.request(method, url))
    }

    /// Opens a stream of events.
    pub(crate) async fn get_stream(&self, path: &str) -> Result<EventSource, ClientError> {
        self.stream(self.request(Method::GET, path)?).await
    }

    /// Opens a stream of events that a body asks for.
    pub(crate) async fn post_stream(&self, path: &str, body: Vec<u8>) -> Result<EventSource, ClientError> {
        self.stream(self.request(Method::POST, path)?.header(header::CONTENT_TYPE, SCALE).body(body)).await
    }

    async fn stream(&self, request: RequestBuilder) -> Result<EventSource, ClientError> {
        let sent = tokio::time::timeout(self.time, request.header(header::ACCEPT, EVENT_STREAM).send()).await;
        let late = |_| ClientError::Timeout { url: self.url().to_owned(), after: self.time };
        let response = sent.map_err(late)?.map_err(|error| self.failure(error, self.time))?;
        if response.status().is_success() {
            return Ok(EventSource::new(response, self.clone()));
        }
        Err(self.refusal(response, self.time).await)
    }

    async fn send(&self, request: RequestBuilder, budget: Budget) -> Result<Answer, ClientError> {
        let time = self.time.saturating_add(budget.wait);
        let failed = |error| self.failure(error, time);
        let span = Span::current();
        let request = match tallow_telemetry::traceparent(&span) {
            Some(parent) => request.header(TRACEPARENT, parent),
            None => request,
        };
        let response = request.timeout(time).send().await.map_err(failed)?;
        let status = response.status();
        span.record("http.response.status_code", status.as_u16());
        if status.is_success() {
            let body = read(response, budget.bytes).await.map_err(|e| e.into_client_error(failed))?;
            return Ok(Answer { status, body });
        }
        Err(self.refusal(response, time).await)
    }

    /// What an answer that is an error says.
    async fn refusal(&self, response: reqwest::Response, time: Duration) -> ClientError {
        let status = response.status();
        let problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM);
        let unexpected = ClientError::Unexpected { url: self.url().to_owned(), status: status.as_u16() };
        if !problem {
            return unexpected;
        }
        match tokio::time::timeout(time, read(response, DOCUMENT_BYTES_MAX)).await {
            Ok(Ok(body)) => serde_json::from_slice::<Problem>(&body)
                .map_or(unexpected, |problem| ClientError::Api(Box::new(problem))),
            Ok(Err(error)) => error.into_client_error(|error| self.failure(error, time)),
            Err(_) => ClientError::Timeout { url: self.url().to_owned(), after: time },
        }
    }

    pub(crate) fn failure(&self, source: reqwest::Error, after: Duration) -> ClientError {
        let url = self.url().to_owned();
        match source.is_timeout() && !source.is_connect() {
            true => ClientError::Timeout { url, after },
            false => ClientError::Unreachable { url, source: source.without_url() },
        }
    }
}

/// The span of a request. Of its path only what names the kind of thing that is asked for.
fn span(method: &'static str, path: &str) -> Span {
    tallow_telemetry::span!(
        "request",
        otel.name = format_args!("{method} /{}", kind(path)),
        otel.kind = "client",
        http.request.method = method,
        http.response.status_code = Empty,
    )
}

/// A path without ids and parameters.
fn kind(path: &str) -> &str {
    let mut ends = path.match_indices(['/', '?']).map(|(at, _)| at);
    let end = ends.nth(usize::from(path.starts_with("v1/")));
    &path[..end.unwrap_or(path.len())]
}

enum ReadError {
    TooLarge(usize),
    Broken(reqwest::Error),
}

impl ReadError {
    fn into_client_error(self, broken: impl FnOnce(reqwest::Error) -> ClientError) -> ClientError {
        match self {
            Self::TooLarge(limit) => ClientError::TooLarge { limit },
            Self::Broken(error) => broken(error),
        }
    }
}

/// Reads a body, and stops as soon as it exceeds the limit, whatever length it claims.
async fn read(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, ReadError> {
    let claimed = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    if claimed > limit {
        return Err(ReadError::TooLarge(limit));
    }
    let mut body = Vec::with_capacity(claimed);
    while let Some(chunk) = response.chunk().await.map_err(ReadError::Broken)? {
        append(&mut body, &chunk, limit)?;
    }
    Ok(body)
}

fn append(body: &mut Vec<u8>, chunk: &Bytes, limit: usize) -> Result<(), ReadError> {
    if body.len() + chunk.len() > limit {
        return Err(ReadError::TooLarge(limit));
    }
    body.extend_from_slice(chunk);
    Ok(())
}

/// Roots of Mozilla's programme as of the build. What is believed does not hang on them, but what is seen does.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn a_path_is_told_without_ids_and_parameters() {
        let paths = ["v1/status", "v1/commands?wait_ms=5", "v1/receipts/0x12?wait_ms=5", "openapi.json", "a/b", ""];
        assert_eq!(paths.map(kind), ["v1/status", "v1/commands", "v1/receipts", "openapi.json", "a", ""]);
    }
}

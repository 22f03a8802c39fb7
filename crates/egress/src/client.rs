//! The client: calls in, answers out.

use crate::{
    EgressError, Policy,
    body::{self, Read},
    hosts::Hosts,
    request::{Checked, classify},
    resolver::{self, CALLER, Lookup, Resolver},
    shares::Shares,
};
use futures::future::join_all;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tallow_types::{
    AccountId, Answer, ExternalCall, HttpError, HttpRequest,
    limits::{
        CALL_TIME_MS_MAX, CALLS_IN_FLIGHT_MAX, HTTP_BATCH_MAX, HTTP_HEADER_BYTES_MAX, HTTP_HEADERS_MAX,
        HTTP_IDLE_CONNECTIONS_MAX, HTTP_IDLE_MS_MAX, HTTP_REDIRECTS_MAX, HTTP_RESPONSES_BYTES_MAX,
        HTTP_RESPONSES_BYTES_PER_CALLER_MAX,
    },
};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

/// Performs external calls. Cheap to clone; clones share connections and limits.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    policy: Arc<Policy>,
    /// Keeps connections for further requests.
    keeping: reqwest::Client,
    /// Closes each connection after its request.
    closing: reqwest::Client,
    hosts: Mutex<Hosts>,
    in_flight: Semaphore,
    memory: Shares,
    plain: AtomicU64,
}

impl Client {
    /// Makes a client. Does not touch the network.
    pub fn new(policy: Policy) -> Result<Self, EgressError> {
        Self::with_lookup(policy, resolver::of_host)
    }

    pub(crate) fn with_lookup(policy: Policy, lookup: Lookup) -> Result<Self, EgressError> {
        let policy = Arc::new(policy);
        let resolver = Arc::new(Resolver::new(policy.clone(), lookup));
        let shared = Shared {
            policy,
            keeping: builder(resolver.clone())?.pool_max_idle_per_host(HTTP_IDLE_CONNECTIONS_MAX).build()?,
            closing: builder(resolver)?.pool_max_idle_per_host(0).build()?,
            hosts: Mutex::default(),
            in_flight: Semaphore::new(CALLS_IN_FLIGHT_MAX),
            memory: Shares::new(HTTP_RESPONSES_BYTES_MAX, HTTP_RESPONSES_BYTES_PER_CALLER_MAX),
            plain: AtomicU64::new(0),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Performs a call of `caller`, who has only a share of what all have. Failures are part of the answer, which has one
    /// result for each request, in their order.
    ///
    /// The requests of a batch run at once. What has no result when the time is up, waiting for a free slot included,
    /// has timed out. With an idempotency key each request carries it in `Idempotency-Key`, whatever the contract
    /// wrote there; in a batch with `-` and the request's index behind it, since equal keys mean equal requests.
    pub async fn perform(&self, caller: &AccountId, call: &ExternalCall, idempotency_key: Option<&str>) -> Answer {
        let ExternalCall::Http { requests, timeout_ms } = call;
        if requests.len() > HTTP_BATCH_MAX {
            return Answer::Http(vec![Err(HttpError::TooManyRequests); requests.len()]);
        }
        let deadline = Instant::now() + Duration::from_millis((*timeout_ms).min(CALL_TIME_MS_MAX));
        let Ok(Ok(_slot)) = timeout_at(deadline, self.shared.in_flight.acquire()).await else {
            return Answer::Http(vec![Err(HttpError::Timeout); requests.len()]);
        };
        let results = requests.iter().enumerate().map(|(index, request)| {
            let key = idempotency_key.map(|key| match requests.len() {
                1 => key.to_owned(),
                _ => format!("{key}-{index}"),
            });
            CALLER.scope(*caller, self.within(deadline, request, key))
        });
        // Each response holds its memory until all are there.
        let results = join_all(results).await;
        Answer::Http(results.into_iter().map(|result| result.map(|(response, _)| response)).collect())
    }

    /// Requests sent over plain http since the client was made, redirects included.
    pub fn plain_http_requests(&self) -> u64 {
        self.shared.plain.load(Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(crate) fn memory_left(&self) -> usize {
        self.shared.memory.left()
    }

    async fn within(&self, deadline: Instant, request: &HttpRequest, key: Option<String>) -> Result<Read, HttpError> {
        let request = Checked::new(&self.shared.policy, request, key.as_deref())?;
        timeout_at(deadline, self.follow(request)).await.unwrap_or(Err(HttpError::Timeout))
    }

    /// Sends a request and those that redirects turn it into.
    async fn follow(&self, mut request: Checked) -> Result<Read, HttpError> {
        for _ in 0..=HTTP_REDIRECTS_MAX {
            let response = self.send(&request).await?;
            match request.redirected(&self.shared.policy, response.status(), response.headers())? {
                Some(next) => request = next,
                None => return body::read(response, &self.shared.memory, &CALLER.get()).await,
            }
        }
        // What a client library with its own limit reports, and contracts know.
        Err(HttpError::NetworkError)
    }

    async fn send(&self, request: &Checked) -> Result<reqwest::Response, HttpError> {
        if request.url.scheme() == "http" {
            self.flag_plain();
        }
        let Checked { method, url, headers, body } = request.clone();
        let mut builder = self.connections(&url).request(method, url).headers(headers);
        if !body.is_empty() {
            builder = builder.body(body);
        }
        builder.send().await.map_err(|error| classify(&error))
    }

    /// The client for a URL: only so many hosts have connections that are kept.
    fn connections(&self, url: &reqwest::Url) -> &reqwest::Client {
        let mut hosts = self.shared.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let keep = hosts.keep(url.origin().ascii_serialization(), std::time::Instant::now());
        if keep { &self.shared.keeping } else { &self.shared.closing }
    }

    /// Says once, and counts always, so that a contract cannot flood the operator's log.
    fn flag_plain(&self) {
        if self.shared.plain.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!("a contract called out over plain http, which anyone on the path can read and change");
        }
    }
}

/// What both clients have.
fn builder(resolver: Arc<Resolver>) -> Result<reqwest::ClientBuilder, rustls::Error> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls()?)
        .no_proxy()
        .dns_resolver(resolver)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Whether a request that failed may be sent again is for the durable log to decide, never for a library.
        .retry(reqwest::retry::never())
        // One above the limit, so that it is our check that says "too many"; the parser's own error is rarer.
        .http1_max_headers(HTTP_HEADERS_MAX + 1)
        .http2_max_header_list_size(HTTP_HEADER_BYTES_MAX as u32)
        .pool_idle_timeout(Duration::from_millis(HTTP_IDLE_MS_MAX));
    Ok(builder)
}

/// Roots of Mozilla's programme as of the build; the host's are never read.
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

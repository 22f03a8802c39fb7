//! The client: calls in, answers out.

use crate::{
    EgressError, Policy, body,
    request::{Checked, classify},
    resolver::Resolver,
};
use futures::future::join_all;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tallow_types::{
    Answer, ExternalCall, HttpError, HttpRequest, HttpResponse,
    limits::{
        CALL_TIME_MS_MAX, CALLS_IN_FLIGHT_MAX, HTTP_BATCH_MAX, HTTP_HEADER_BYTES_MAX, HTTP_HEADERS_MAX,
        HTTP_IDLE_CONNECTIONS_MAX, HTTP_IDLE_MS_MAX, HTTP_REDIRECTS_MAX,
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
    http: reqwest::Client,
    in_flight: Semaphore,
    plain: AtomicU64,
}

impl Client {
    /// Makes a client. Does not touch the network.
    pub fn new(policy: Policy) -> Result<Self, EgressError> {
        let policy = Arc::new(policy);
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .no_proxy()
            .dns_resolver(Resolver::new(policy.clone()))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // Whether a request that failed may be sent again is for the durable log to decide, never for a library.
            .retry(reqwest::retry::never())
            // One above the limit, so that it is our check that says "too many"; the parser's own error is rarer.
            .http1_max_headers(HTTP_HEADERS_MAX + 1)
            .http2_max_header_list_size(HTTP_HEADER_BYTES_MAX as u32)
            .pool_max_idle_per_host(HTTP_IDLE_CONNECTIONS_MAX)
            .pool_idle_timeout(Duration::from_millis(HTTP_IDLE_MS_MAX))
            .build()?;
        let in_flight = Semaphore::new(CALLS_IN_FLIGHT_MAX);
        Ok(Self { shared: Arc::new(Shared { policy, http, in_flight, plain: AtomicU64::new(0) }) })
    }

    /// Performs a call. Failures are part of the answer, which has one result for each request, in their order.
    ///
    /// The requests of a batch run at once. What has no result when the time is up, waiting for a free slot included,
    /// has timed out. With an idempotency key each request carries it in `Idempotency-Key`, whatever the contract
    /// wrote there; in a batch with `-` and the request's index behind it, since equal keys mean equal requests.
    pub async fn perform(&self, call: &ExternalCall, idempotency_key: Option<&str>) -> Answer {
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
            self.within(deadline, request, key)
        });
        Answer::Http(join_all(results).await)
    }

    /// Requests sent over plain http since the client was made, redirects included.
    pub fn plain_http_requests(&self) -> u64 {
        self.shared.plain.load(Ordering::Relaxed)
    }

    async fn within(
        &self,
        deadline: Instant,
        request: &HttpRequest,
        key: Option<String>,
    ) -> Result<HttpResponse, HttpError> {
        let request = Checked::new(&self.shared.policy, request, key.as_deref())?;
        timeout_at(deadline, self.follow(request)).await.unwrap_or(Err(HttpError::Timeout))
    }

    /// Sends a request and those that redirects turn it into.
    async fn follow(&self, mut request: Checked) -> Result<HttpResponse, HttpError> {
        for _ in 0..=HTTP_REDIRECTS_MAX {
            let response = self.send(&request).await?;
            match request.redirected(&self.shared.policy, response.status(), response.headers())? {
                Some(next) => request = next,
                None => return body::read(response).await,
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
        let mut builder = self.shared.http.request(method, url).headers(headers);
        if !body.is_empty() {
            builder = builder.body(body);
        }
        builder.send().await.map_err(|error| classify(&error))
    }

    /// Says once, and counts always, so that a contract cannot flood the operator's log.
    fn flag_plain(&self) {
        if self.shared.plain.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!("a contract called out over plain http, which anyone on the path can read and change");
        }
    }
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

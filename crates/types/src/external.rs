//! External calls of contracts, and their answers.
//!
//! Field order and variant numbers of the HTTP types are those of Phala's chain extension (`phat-abi.md` 2.3), which
//! compiled contracts rely on.

use parity_scale_codec::{Decode, Encode};

/// An HTTP request as a contract writes it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct HttpRequest {
    /// Absolute URL.
    pub url: String,
    /// Method, upper case.
    pub method: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// An HTTP response as a contract reads it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct HttpResponse {
    /// Status code.
    pub status_code: u16,
    /// Reason phrase.
    pub reason_phrase: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// Why an HTTP request has no response.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, thiserror::Error)]
pub enum HttpError {
    /// Not a URL this cluster can reach.
    #[error("invalid URL")]
    InvalidUrl,
    /// Not a method.
    #[error("invalid method")]
    InvalidMethod,
    /// Not a header name.
    #[error("invalid header name")]
    InvalidHeaderName,
    /// Not a header value.
    #[error("invalid header value")]
    InvalidHeaderValue,
    /// No client could be made.
    #[error("failed to create a client")]
    FailedToCreateClient,
    /// No complete answer in time.
    #[error("timed out")]
    Timeout,
    /// Policy forbids it.
    #[error("not allowed")]
    NotAllowed,
    /// Too many requests in one batch.
    #[error("too many requests")]
    TooManyRequests,
    /// The connection failed.
    #[error("network error")]
    NetworkError,
    /// The body exceeds the limit.
    #[error("response too large")]
    ResponseTooLarge,
    /// Too many headers.
    #[error("too many headers")]
    TooManyHeaders,
}

/// One external call: what a command waits for.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum ExternalCall {
    /// HTTP requests, performed at once.
    Http {
        /// The requests; one unless the contract asked for a batch.
        requests: Vec<HttpRequest>,
        /// Milliseconds all of them together may take.
        timeout_ms: u64,
    },
}

/// The recorded outcome of one external call.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Answer {
    /// One result for each request, in their order.
    Http(Vec<Result<HttpResponse, HttpError>>),
}

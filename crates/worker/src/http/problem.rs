//! Errors as problem documents (RFC 9457), and SCALE bodies.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use axum::response::{IntoResponse, Response};
use parity_scale_codec::{Decode, Encode};
use tallow_api::{Code, PROBLEM, Problem, SCALE};
use tallow_types::{FeedPosition, decode_exact};

/// When to try again what is refused because the worker is busy.
const RETRY_AFTER_SECONDS: &str = "1";

/// An error on its way to the client.
pub(crate) struct Failure(Problem);

impl Failure {
    pub(crate) fn new(code: Code, detail: impl ToString) -> Self {
        Self(code.problem(detail.to_string()))
    }

    /// With the oldest place of the feed that is kept.
    pub(crate) fn oldest(mut self, oldest: FeedPosition) -> Self {
        self.0.oldest = Some(oldest);
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, PROBLEM)], body).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
        }
        response
    }
}

/// A SCALE body.
pub(crate) fn scale(value: &impl Encode) -> Response {
    ([(CONTENT_TYPE, SCALE)], value.encode()).into_response()
}

/// Decodes a request's SCALE body.
pub(crate) fn body<T: Decode>(bytes: Result<Bytes, BytesRejection>) -> Result<T, Failure> {
    let bytes = self::bytes(bytes)?;
    decode_exact(&bytes).map_err(|error| Failure::new(Code::Malformed, error))
}

/// A request's body.
pub(crate) fn bytes(bytes: Result<Bytes, BytesRejection>) -> Result<Bytes, Failure> {
    bytes.map_err(|rejection| {
        let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
        Failure::new(if too_large { Code::TooLarge } else { Code::Malformed }, rejection.body_text())
    })
}

/// Answers for every path that is not of the API.
pub(crate) async fn no_such_path() -> Failure {
    Failure::new(Code::NotFound, "no such path; the API is described at /openapi.json")
}

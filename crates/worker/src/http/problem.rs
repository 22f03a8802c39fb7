//! Errors as problem documents (RFC 9457), and SCALE bodies.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use parity_scale_codec::{Decode, Encode};
use std::error::Error;
use std::time::Duration;
use tallow_api::{Code, PROBLEM, Problem, SCALE};
use tallow_types::{FeedPosition, decode_exact};

/// When to try again, if nothing better is known.
const RETRY: Duration = Duration::from_secs(1);

/// An error on its way to the client. It becomes a document in [`write`], where the request's id is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    code: Code,
    detail: String,
    retry: Option<Duration>,
    oldest: Option<FeedPosition>,
}

impl Failure {
    pub(crate) fn new(code: Code, detail: impl ToString) -> Self {
        Self { code, detail: detail.to_string(), retry: passes(code).then_some(RETRY), oldest: None }
    }

    /// Its stable code.
    #[cfg(test)]
    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// With the time after which it makes sense to try again.
    pub(crate) fn retry_after(self, time: Duration) -> Self {
        Self { retry: Some(time), ..self }
    }

    /// The error of an answer that is one: what a handler said, or what the status tells of those that axum makes.
    fn of(response: &mut Response) -> Option<Self> {
        let status = response.status();
        if let Some(failure) = response.extensions_mut().remove::<Self>() {
            return Some(failure);
        }
        let typed = response.headers().contains_key(header::CONTENT_TYPE);
        let own = typed && !response.headers().get(header::CONTENT_TYPE).is_some_and(is_text);
        (!own && (status.is_client_error() || status.is_server_error())).then(|| Self::of_status(status))
    }

    /// With the oldest place of the feed that is kept.
    pub(crate) fn oldest(self, oldest: FeedPosition) -> Self {
        Self { oldest: Some(oldest), ..self }
    }

    fn of_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
            StatusCode::NOT_ACCEPTABLE => Code::NotAcceptable,
            StatusCode::REQUEST_TIMEOUT => Code::RequestTimeout,
            StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
            status if status.is_client_error() => Code::Malformed,
            _ => Code::Internal,
        };
        Self::new(code, "the API is described at /openapi.json")
    }

    fn document(self, request_id: &str) -> Vec<u8> {
        let problem =
            Problem { oldest: self.oldest, request_id: Some(request_id.to_owned()), ..self.code.problem(self.detail) };
        serde_json::to_vec(&problem).unwrap_or_default()
    }
}

/// Whether it makes sense to try again later what failed with this code.
pub(super) const fn passes(code: Code) -> bool {
    matches!(code, Code::Busy | Code::Unavailable | Code::RateLimited | Code::AllowanceUsed | Code::DiskFull)
}

fn is_text(kind: &HeaderValue) -> bool {
    kind.as_bytes().starts_with(b"text/plain")
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives an answer that is an error its document; the stable code, if it is one.
pub(crate) fn write(response: &mut Response, request_id: &str) -> Option<Code> {
    let failure = Failure::of(response)?;
    let code = failure.code;
    *response.status_mut() = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(retry) = failure.retry {
        let seconds = retry.as_secs() + u64::from(retry.subsec_nanos() > 0);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    *response.body_mut() = failure.document(request_id).into();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
    Some(code)
}

/// A SCALE body.
pub(crate) fn scale(value: &impl Encode) -> Response {
    ([(header::CONTENT_TYPE, SCALE)], value.encode()).into_response()
}

/// Decodes a request's SCALE body.
pub(crate) fn body<T: Decode>(bytes: Result<Bytes, BytesRejection>) -> Result<T, Failure> {
    let bytes = self::bytes(bytes)?;
    decode_exact(&bytes).map_err(|error| Failure::new(Code::Malformed, error))
}

/// A request's body.
pub(crate) fn bytes(bytes: Result<Bytes, BytesRejection>) -> Result<Bytes, Failure> {
    bytes.map_err(|rejection| {
        if let Some(slow) = cause::<TooSlow>(&rejection) {
            return Failure::new(Code::RequestTimeout, slow);
        }
        if let Some(full) = cause::<NoRoom>(&rejection) {
            return Failure::new(Code::Busy, full);
        }
        let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
        Failure::new(if too_large { Code::TooLarge } else { Code::Malformed }, rejection.body_text())
    })
}

/// A path parameter, as text.
pub(crate) fn parameter(path: Result<Path<String>, PathRejection>) -> Result<String, Failure> {
    path.map(|Path(text)| text).map_err(|rejection| Failure::new(Code::Malformed, rejection.body_text()))
}

/// A body did not come in time.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the body did not arrive in time; send it faster")]
pub(crate) struct TooSlow;

/// There is no room for more of a body.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("this address, or all together, are sending more than this worker holds at once; send it again")]
pub(crate) struct NoRoom;

/// What of its kind is among the causes of an error.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Answers for every path that is not of the API.
pub(crate) async fn no_such_path() -> Failure {
    Failure::new(Code::NotFound, "no such path; the API is described at /openapi.json")
}

/// Answers for methods that a path does not have. axum adds `Allow`, which is also all there is to say to `OPTIONS`.
pub(crate) async fn other_method(request: Request) -> Response {
    match *request.method() {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => Failure::new(Code::MethodNotAllowed, "the header `Allow` lists the methods of this path").into_response(),
    }
}

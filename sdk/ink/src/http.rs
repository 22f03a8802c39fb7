//! HTTP: single requests and batches, in queries, and on Tallow in commands too.
//!
//! A command that asks for an answer is put aside until the answer is in the cluster's log and then runs again from
//! its start, so its effects happen once, and so does each request as long as the service honours the
//! `Idempotency-Key` header that the host adds.

use crate::host::{call, try_call, Function, SMALL};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use parity_scale_codec::{Decode, Encode};

/// Bytes of an answer, headers included, that a request makes room for unless told otherwise.
pub const ANSWER_BYTES: usize = 128 * 1024;

/// The status by which the host says that it got no answer.
pub(crate) const UNREACHABLE: u16 = 523;
/// The status by which the host says that it got an answer and could not take it.
const IO_ERROR: u16 = 524;

/// Why there is no usable answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum Error {
    /// No answer: bad URL, unknown host, refused, timed out, not allowed. The contract's log has the reason.
    Unreachable,
    /// An answer that the host could not take: broken off, too long, too many headers.
    BadAnswer,
    /// The service answered with a status other than 2xx.
    Status(u16),
    /// The body is not UTF-8.
    NotText,
    /// The body is not JSON of the expected shape, or a value could not be written as JSON.
    NotJson,
    /// A batch was refused, or one of its requests failed.
    Request(RequestError),
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

/// Why the host did not carry out a batch or one of its requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum RequestError {
    /// The URL does not parse.
    InvalidUrl,
    /// The method does not parse.
    InvalidMethod,
    /// A header's name does not parse.
    InvalidHeaderName,
    /// A header's value does not parse.
    InvalidHeaderValue,
    /// The host could not set up a client.
    FailedToCreateClient,
    /// No answer in time.
    Timeout,
    /// Batches are not allowed here: in commands on Phala.
    NotAllowed,
    /// The batch is too long.
    TooManyRequests,
    /// The connection failed.
    NetworkError,
    /// The answer is too long.
    ResponseTooLarge,
    /// The answer has too many headers.
    TooManyHeaders,
}

impl RequestError {
    /// The error of a status code, which is its index plus one.
    fn from_status(code: u32) -> Self {
        code.checked_sub(1)
            .and_then(|index| u8::try_from(index).ok())
            .and_then(|index| Self::decode(&mut &[index][..]).ok())
            .unwrap_or(Self::NetworkError)
    }
}

/// A request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    call: Call,
    answer_bytes: usize,
}

/// What the host is told.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Call {
    url: String,
    method: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// A request with this method.
    pub fn new(method: &str, url: &str) -> Self {
        let call = Call { url: url.to_owned(), method: method.to_owned(), headers: Vec::new(), body: Vec::new() };
        Self { call, answer_bytes: ANSWER_BYTES }
    }

    /// A GET request.
    pub fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// A POST request.
    pub fn post(url: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", url).body(body)
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.call.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.call.body = body.into();
        self
    }

    /// Sets a JSON body and its content type.
    ///
    /// # Errors
    /// [`Error::NotJson`] when the value cannot be written.
    #[cfg(feature = "json")]
    pub fn json<T: serde::Serialize + ?Sized>(self, value: &T) -> Result<Self, Error> {
        let text = crate::json::to_string(value).map_err(|_| Error::NotJson)?;
        Ok(self.header("Content-Type", "application/json").body(text))
    }

    /// Makes room for an answer of this many bytes, headers included; a longer one traps the contract.
    pub fn answer_bytes(mut self, bytes: usize) -> Self {
        self.answer_bytes = bytes;
        self
    }

    /// Sends it and returns whatever the service answered.
    ///
    /// # Errors
    /// [`Error::Unreachable`] and [`Error::BadAnswer`].
    pub fn send(&self) -> Result<Response, Error> {
        let response: Response = call(Function::HttpRequest, &self.call, self.answer_bytes);
        let error = match response.status_code {
            UNREACHABLE => Error::Unreachable,
            IO_ERROR => Error::BadAnswer,
            _ => return Ok(response),
        };
        crate::log::warn!("{} {}: {}", self.call.method, self.host(), String::from_utf8_lossy(&response.body));
        Err(error)
    }

    /// Scheme and host of the URL: paths and queries may hold secrets.
    fn host(&self) -> &str {
        let url = self.call.url.as_str();
        let start = url.find("://").map_or(0, |at| at + 3);
        let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
        &url[..end]
    }
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Response {
    /// For example 200.
    pub status_code: u16,
    /// For example "OK".
    pub reason_phrase: String,
    /// In the order of the answer.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The answer, if its status is 2xx.
    ///
    /// # Errors
    /// [`Error::Status`] otherwise.
    pub fn success(self) -> Result<Self, Error> {
        match self.status_code {
            200..=299 => Ok(self),
            code => Err(Error::Status(code)),
        }
    }

    /// The first header of that name; case does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    ///
    /// # Errors
    /// [`Error::NotText`].
    pub fn text(self) -> Result<String, Error> {
        String::from_utf8(self.body).map_err(|_| Error::NotText)
    }

    /// The body as JSON of a known shape.
    ///
    /// # Errors
    /// [`Error::NotJson`].
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        crate::json::from_slice(&self.body).map_err(|_| Error::NotJson)
    }
}

/// GETs a URL; any status but 2xx is an error.
///
/// # Errors
/// [`Error::Unreachable`], [`Error::BadAnswer`], [`Error::Status`].
pub fn get(url: &str) -> Result<Response, Error> {
    Request::get(url).send()?.success()
}

/// GETs a value as JSON; any status but 2xx is an error.
///
/// # Errors
/// As [`get`], and [`Error::NotJson`].
#[cfg(feature = "json")]
pub fn get_json<T: serde::de::DeserializeOwned>(url: &str) -> Result<T, Error> {
    get(url)?.json()
}

/// POSTs a body; any status but 2xx is an error.
///
/// # Errors
/// As [`get`].
pub fn post(url: &str, body: impl Into<Vec<u8>>) -> Result<Response, Error> {
    Request::post(url, body).send()?.success()
}

/// POSTs a value as JSON; any status but 2xx is an error.
///
/// # Errors
/// As [`get`], and [`Error::NotJson`].
#[cfg(feature = "json")]
pub fn post_json<T: serde::Serialize + ?Sized>(url: &str, value: &T) -> Result<Response, Error> {
    Request::new("POST", url).json(value)?.send()?.success()
}

/// Sends several requests at once (the host takes five) and waits for all of them, at most `timeout_ms`. An unreachable
/// server may show as an error or as an answer with status 523, so ask for [`Response::success`].
///
/// # Errors
/// When the batch as a whole was refused; the requests have their own results.
pub fn batch(requests: &[Request], timeout_ms: u64) -> Result<Vec<Result<Response, RequestError>>, RequestError> {
    let room = requests.iter().fold(SMALL, |sum, request| sum.saturating_add(request.answer_bytes));
    let calls: Vec<&Call> = requests.iter().map(|request| &request.call).collect();
    try_call(Function::BatchHttpRequest, &(calls, timeout_ms), room).map_err(RequestError::from_status)
}

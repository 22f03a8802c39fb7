//! From a request as a contract wrote it to one that may be sent.

use crate::{Policy, resolver::Refused};
use bytes::Bytes;
use reqwest::{
    Method, StatusCode, Url,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use std::{error::Error, net::IpAddr};
use tallow_types::{
    HttpError, HttpRequest,
    limits::{HTTP_HEADERS_MAX, HTTP_URL_BYTES_MAX},
};

const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("tallow/", env!("CARGO_PKG_VERSION")));
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Headers that the connection owns; what a contract says in them is left out, since the client says it itself.
const IGNORED: [&str; 3] = ["connection", "content-length", "keep-alive"];
/// Headers that would change what the connection is, or how the message is framed.
const REFUSED: [&str; 8] = [
    "expect",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];
/// Headers that speak of a body, and go when a redirect drops it.
const OF_BODY: [HeaderName; 4] =
    [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE, header::CONTENT_LOCATION];
/// Headers that follow a redirect to another origin, beside those of the body: what describes the question. Any other that
/// a contract set may be a credential of the first service, whatever its name. The key that makes attempts equal is ours,
/// and without it a write that is passed on could be done twice.
const FOLLOW: [HeaderName; 4] = [header::ACCEPT, header::ACCEPT_LANGUAGE, header::USER_AGENT, IDEMPOTENCY_KEY];

/// A request that may be sent.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Checked {
    /// Checks what a contract wrote.
    pub(crate) fn new(policy: &Policy, request: &HttpRequest, key: Option<&str>) -> Result<Self, HttpError> {
        let url = parse_url(&request.url)?;
        check_url(policy, &url)?;
        let method = parse_method(&request.method)?;
        let mut headers = parse_headers(&url, &request.headers)?;
        headers.entry(header::USER_AGENT).or_insert(USER_AGENT);
        if let Some(key) = key {
            let key = HeaderValue::from_str(key).map_err(|_| HttpError::InvalidHeaderValue)?;
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        Ok(Self { method, url, headers, body: Bytes::copy_from_slice(&request.body) })
    }

    /// The request that a redirect asks for (RFC 9110, section 15.4), or `None` when the response is the final one.
    pub(crate) fn redirected(
        &self,
        policy: &Policy,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Result<Option<Self>, HttpError> {
        let Some(url) = location(&self.url, status, headers) else { return Ok(None) };
        if !matches!(url.scheme(), "http" | "https") || (self.url.scheme() == "https" && url.scheme() == "http") {
            return Err(HttpError::NotAllowed);
        }
        check_url(policy, &url)?;
        let mut next = self.clone();
        let becomes_get = match status {
            StatusCode::SEE_OTHER => self.method != Method::HEAD,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.method == Method::POST,
            _ => false,
        };
        if becomes_get {
            next.method = Method::GET;
            next.body = Bytes::new();
            OF_BODY.iter().for_each(|name| drop(next.headers.remove(name)));
        }
        if url.origin() != self.url.origin() {
            let stays = |name: &&HeaderName| !FOLLOW.contains(name) && !OF_BODY.contains(name);
            self.headers.keys().filter(stays).for_each(|name| drop(next.headers.remove(name)));
        }
        next.url = url;
        Ok(Some(next))
    }
}

/// Where a response sends its client; without credentials, which are not the server's to choose.
fn location(base: &Url, status: StatusCode, headers: &HeaderMap) -> Option<Url> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = headers.get(header::LOCATION)?.to_str().ok()?;
    let mut url = base.join(location).ok().filter(|url| url.as_str().len() <= HTTP_URL_BYTES_MAX)?;
    // Fails only on URLs that have no credentials to drop.
    let _ = (url.set_username(""), url.set_password(None));
    Some(url)
}

fn parse_url(text: &str) -> Result<Url, HttpError> {
    if text.len() > HTTP_URL_BYTES_MAX {
        return Err(HttpError::InvalidUrl);
    }
    let url = Url::parse(text).map_err(|_| HttpError::InvalidUrl)?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(HttpError::InvalidUrl) }
}

/// Refuses schemes and literal addresses by policy; names are judged when they are resolved.
fn check_url(policy: &Policy, url: &Url) -> Result<(), HttpError> {
    if url.scheme() == "http" && !policy.allow_http {
        return Err(HttpError::NotAllowed);
    }
    let host = url.host_str().ok_or(HttpError::InvalidUrl)?;
    // The URL parser has turned every way to write an IPv4 address (decimal, octal, hexadecimal) into the usual one.
    match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        Ok(address) if !policy.permits(address) => Err(HttpError::NotAllowed),
        _ => Ok(()),
    }
}

fn parse_method(text: &str) -> Result<Method, HttpError> {
    let method = Method::from_bytes(text.as_bytes()).map_err(|_| HttpError::InvalidMethod)?;
    // CONNECT makes a tunnel, TRACE reflects credentials.
    let forbidden = ["CONNECT", "TRACE", "TRACK"].iter().any(|name| text.eq_ignore_ascii_case(name));
    if forbidden { Err(HttpError::NotAllowed) } else { Ok(method) }
}

fn parse_headers(url: &Url, headers: &[(String, String)]) -> Result<HeaderMap, HttpError> {
    if headers.len() > HTTP_HEADERS_MAX {
        return Err(HttpError::TooManyHeaders);
    }
    let mut map = HeaderMap::with_capacity(headers.len() + 2);
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| HttpError::InvalidHeaderName)?;
        let value = HeaderValue::from_str(value).map_err(|_| HttpError::InvalidHeaderValue)?;
        if name == header::HOST {
            check_host(url, &value)?;
        } else if REFUSED.contains(&name.as_str()) {
            return Err(HttpError::NotAllowed);
        } else if !IGNORED.contains(&name.as_str()) {
            map.append(name, value);
        }
    }
    Ok(map)
}

/// A `Host` that repeats the URL's is harmless; any other would reach a service that the URL does not name.
fn check_host(url: &Url, value: &HeaderValue) -> Result<(), HttpError> {
    let host = url.host_str().unwrap_or_default();
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let same = value.to_str().is_ok_and(|value| value.eq_ignore_ascii_case(&authority));
    if same { Ok(()) } else { Err(HttpError::NotAllowed) }
}

/// What a contract is told of a failure of the HTTP library.
pub(crate) fn classify(error: &reqwest::Error) -> HttpError {
    if caused_by::<Refused>(error, |_| true) {
        HttpError::NotAllowed
    } else if error.is_builder() {
        HttpError::InvalidUrl
    } else if error.is_timeout() {
        HttpError::Timeout
    } else if caused_by::<hyper::Error>(error, hyper::Error::is_parse_too_large) {
        HttpError::TooManyHeaders
    } else {
        HttpError::NetworkError
    }
}

fn caused_by<E: Error + 'static>(error: &dyn Error, test: impl Fn(&E) -> bool) -> bool {
    std::iter::successors(error.source(), |error| (*error).source())
        .any(|error| error.downcast_ref::<E>().is_some_and(&test))
}

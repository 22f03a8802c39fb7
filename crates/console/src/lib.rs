//! The console: the web page that `tallow dev` serves, embedded at build time.

#[cfg(test)]
mod tests;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// A file of the site.
#[derive(Clone, Copy)]
pub(crate) struct File {
    /// Where it is served.
    path: &'static str,
    media: &'static str,
    /// Its `ETag`: a hash of its content, in quotes.
    tag: &'static str,
    /// Whether its name changes with its content.
    immutable: bool,
    plain: &'static [u8],
    gzip: &'static [u8],
}

/// The page runs its own files alone and talks to its own server alone, sends no forms, and cannot be framed: a contract's
/// text that found a way into the page could neither run nor report.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (header::VARY, HeaderValue::from_static("accept-encoding")),
];
/// The name changes with the content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// May be kept, if the server is asked each time whether it is still right.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");

/// Whether the console is in this program; otherwise [`site`] is a page that says how to build it.
pub const fn is_built() -> bool {
    BUILT
}

/// The site, for a server to merge with its own routes.
pub fn site() -> Router {
    FILES.iter().fold(Router::new(), |router, &file| {
        router.route(file.path, get(move |headers: HeaderMap| async move { serve(&file, &headers) }))
    })
}

fn serve(file: &File, request: &HeaderMap) -> Response {
    let caching = if file.immutable { FOR_EVER } else { ASK_FIRST };
    let known = mentions(request, &header::IF_NONE_MATCH, |tag| tag == "*" || tag.trim_start_matches("W/") == file.tag);
    let zipped = mentions(request, &header::ACCEPT_ENCODING, accepts_gzip);
    let mut response = match (known, zipped) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, true) => ([(header::CONTENT_ENCODING, GZIP)], file.gzip).into_response(),
        (false, false) => file.plain.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media));
    headers.insert(header::CACHE_CONTROL, caching);
    headers.insert(header::ETAG, HeaderValue::from_static(file.tag));
    headers.extend(ALWAYS);
    response
}

/// Whether one of the parts of a header, which commas separate, is as asked.
fn mentions(headers: &HeaderMap, name: &HeaderName, is: impl Fn(&str) -> bool) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| is(part.trim()))
}

fn accepts_gzip(coding: &str) -> bool {
    let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
    let quality = quality.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
    name.trim().eq_ignore_ascii_case("gzip") && quality.is_ok_and(|quality| quality > 0.0)
}

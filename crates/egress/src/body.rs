//! Responses, read within limits.

use crate::request::classify;
use reqwest::{Response, header::HeaderMap};
use tallow_types::{
    HttpError, HttpResponse,
    limits::{HTTP_BODY_BYTES_MAX, HTTP_HEADER_BYTES_MAX, HTTP_HEADERS_MAX},
};

/// Reads a response to its end, or to the limit.
pub(crate) async fn read(response: Response) -> Result<HttpResponse, HttpError> {
    let status = response.status();
    let headers = headers(response.headers())?;
    let body = body(response).await?;
    let reason_phrase = status.canonical_reason().unwrap_or_default().to_owned();
    Ok(HttpResponse { status_code: status.as_u16(), reason_phrase, headers, body })
}

fn headers(map: &HeaderMap) -> Result<Vec<(String, String)>, HttpError> {
    let bytes: usize = map.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if map.len() > HTTP_HEADERS_MAX || bytes > HTTP_HEADER_BYTES_MAX {
        return Err(HttpError::TooManyHeaders);
    }
    // Bytes that are no text have no place in the contract's type; they become replacement characters.
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Ok(map.iter().map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect())
}

async fn body(mut response: Response) -> Result<Vec<u8>, HttpError> {
    if response.content_length().is_some_and(|length| length > HTTP_BODY_BYTES_MAX as u64) {
        return Err(HttpError::ResponseTooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
        if body.len() + chunk.len() > HTTP_BODY_BYTES_MAX {
            return Err(HttpError::ResponseTooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

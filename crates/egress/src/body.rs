//! Responses, read within limits.

use crate::{
    request::classify,
    shares::{Held, Shares},
};
use reqwest::{Response, header::HeaderMap};
use tallow_types::{
    AccountId, HttpError, HttpResponse,
    limits::{HTTP_BODY_BYTES_MAX, HTTP_HEADER_BYTES_MAX, HTTP_HEADERS_MAX},
};

/// A response, and the memory it may take as long as it is held.
pub(crate) type Read = (HttpResponse, Held);

/// Reads a response to its end, or to the limit, once there is memory for all of it: who had a part and waited for the
/// rest could wait for ever for others that do the same.
pub(crate) async fn read(response: Response, memory: &Shares, caller: &AccountId) -> Result<Read, HttpError> {
    let status = response.status();
    let headers = headers(response.headers())?;
    let length = response.content_length().unwrap_or(HTTP_BODY_BYTES_MAX as u64);
    let most = usize::try_from(length).ok().filter(|length| *length <= HTTP_BODY_BYTES_MAX);
    let most = most.ok_or(HttpError::ResponseTooLarge)?;
    let mut held = memory.take(caller, (most + HTTP_HEADER_BYTES_MAX) as u32).await;
    let body = body(response).await?;
    held.shrink(body.len() + HTTP_HEADER_BYTES_MAX);
    let reason_phrase = status.canonical_reason().unwrap_or_default().to_owned();
    Ok((HttpResponse { status_code: status.as_u16(), reason_phrase, headers, body }, held))
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
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
        if body.len() + chunk.len() > HTTP_BODY_BYTES_MAX {
            return Err(HttpError::ResponseTooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    // What it grew by in advance is not accounted for.
    body.shrink_to_fit();
    Ok(body)
}

//! HTTP answers that a scenario gives in advance.

use crate::json::{self, Fields, ScenarioError};
use serde_json::Value;
use tallow_types::{Answer, ExternalCall, HttpRequest, HttpResponse};

/// An answer to every request of one method and address, or to those of them that say something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Canned {
    method: String,
    /// The whole address, or its beginning when it ends in `*`.
    url: String,
    /// What the request's body contains.
    request: String,
    response: HttpResponse,
}

impl Canned {
    pub(crate) fn parse(value: Value, place: String) -> Result<Self, ScenarioError> {
        let mut fields = Fields::new(value, place)?;
        let canned = Self {
            method: fields.read("method", json::text)?.unwrap_or_else(|| "GET".to_owned()),
            url: fields.require("url", json::text)?,
            request: fields.read("request", json::text)?.unwrap_or_default(),
            response: HttpResponse {
                status_code: fields.read("status", json::number)?.unwrap_or(200),
                reason_phrase: fields.read("reason", json::text)?.unwrap_or_else(|| "OK".to_owned()),
                headers: fields.read("headers", headers)?.unwrap_or_default(),
                body: fields.read("body", body)?.unwrap_or_default(),
            },
        };
        fields.finish()?;
        Ok(canned)
    }

    fn answers(&self, request: &HttpRequest) -> bool {
        let url = match self.url.strip_suffix('*') {
            Some(start) => request.url.starts_with(start),
            None => request.url == self.url,
        };
        let says = self.request.is_empty() || String::from_utf8_lossy(&request.body).contains(&self.request);
        url && says && request.method.eq_ignore_ascii_case(&self.method)
    }
}

/// Performs an external call: the first fitting answer to each request, or that of an unreachable server.
pub(crate) fn answer(canned: &[Canned], call: &ExternalCall) -> Answer {
    let ExternalCall::Http { requests, .. } = call;
    let answer = |request: &HttpRequest| {
        let found = canned.iter().find(|canned| canned.answers(request));
        Ok(found.map_or_else(unreachable, |canned| canned.response.clone()))
    };
    Answer::Http(requests.iter().map(answer).collect())
}

/// What contracts see of a server that cannot be reached: Phala made a response of it, in batches too (`http_request` of
/// its chain extension, at 14afeb48).
fn unreachable() -> HttpResponse {
    HttpResponse {
        status_code: 523,
        reason_phrase: "Unreachable".to_owned(),
        headers: Vec::new(),
        body: b"the scenario has no answer to this request".to_vec(),
    }
}

/// Pairs of name and value, or an object.
fn headers(value: Value) -> Result<Vec<(String, String)>, String> {
    if let Value::Object(map) = value {
        return map.into_iter().map(|(name, value)| Ok((name, json::text(value)?))).collect();
    }
    let pair = |value| match json::list(value)?.as_mut_slice() {
        [name, value] => Ok((json::text(name.take())?, json::text(value.take())?)),
        _ => Err("expected pairs of name and value".to_owned()),
    };
    json::list(value)?.into_iter().map(pair).collect()
}

/// Text, or bytes in hexadecimal with `0x`.
fn body(value: Value) -> Result<Vec<u8>, String> {
    let text = json::text(value)?;
    let decoded = text.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
    Ok(decoded.unwrap_or_else(|| text.into_bytes()))
}

//! The OpenAPI document, and what the edge reads of it: it is exact, since requests are checked against it.

mod operations;

use super::problem;
use axum::Json;
use axum::http::Method;
pub(super) use operations::OPERATIONS;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tallow_api::{
    Accepted, AccountDocument, AnchorPage, BlockPage, ClusterPage, Code, CodePage, CodeStored, ContractPage,
    EVENT_STREAM, EventDocument, Health, JSON, Lagged, LedgerNonce, LedgerTxDone, PROBLEM, Problem, Readiness,
    ReceiptDocument, ReceiptPage, SCALE, SocketMessage, Status, TimersDocument,
};
use tallow_types::limits::{API_REQUEST_ID_BYTES_MAX, PAGE_ITEMS, PAGE_ITEMS_MAX, POLL_TIME_MS_MAX};
use utoipa::OpenApi;

/// The JSON documents of the API; the paths are added by [`document`], since their bodies are SCALE, which OpenAPI can
/// name but not describe.
#[derive(OpenApi)]
#[openapi(components(schemas(
    Accepted,
    AccountDocument,
    AnchorPage,
    BlockPage,
    ClusterPage,
    CodePage,
    CodeStored,
    ContractPage,
    EventDocument,
    Health,
    Lagged,
    LedgerNonce,
    LedgerTxDone,
    Problem,
    Readiness,
    ReceiptDocument,
    ReceiptPage,
    SocketMessage,
    Status,
    TimersDocument
)))]
struct Schemas;

/// One operation: what it takes, what it answers, how it fails.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    pub(super) parameters: &'static [Parameter],
    /// The body's name and media types; those have to be among [`Operation::takes`].
    pub(super) request: Option<(&'static str, &'static [&'static str])>,
    pub(super) answers: &'static [(u16, Body)],
    /// How it fails, beyond what every operation can come to.
    pub(super) codes: &'static [Code],
}

/// A parameter of the path or the query.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) text: &'static str,
}

/// What a parameter may be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// In the path: an id in hexadecimal.
    Id,
    /// In the path: bytes in hexadecimal.
    Bytes,
    /// In the query: milliseconds to wait.
    Wait,
    /// In the query: yes or no.
    Flag,
    /// In the path: a height.
    Height,
    /// In the query: things on a page.
    Limit,
    /// In the query: a text of this form.
    Text(&'static str),
}

/// The body of an answer.
pub(super) enum Body {
    None,
    Scale(&'static str),
    Json(&'static str),
    /// Metrics.
    Metrics,
    /// A JSON document that has its own description.
    Document(&'static str),
    /// SCALE, or JSON for those who accept that.
    Either(&'static str, &'static str),
    /// A stream of events: what their data is, and their names.
    Events(&'static str, &'static [&'static str]),
}

impl Operation {
    /// Its method, as HTTP has it, and its path.
    pub(super) fn place(&self) -> (&'static str, &'static str) {
        (if self.method == "get" { "GET" } else { "POST" }, self.path)
    }

    /// Media types of its request body.
    pub(super) fn takes(&self) -> &'static [&'static str] {
        self.request.map_or(&[], |(_, media)| media)
    }

    /// Media types of its answers.
    pub(super) fn gives(&self) -> impl Iterator<Item = &'static str> {
        self.answers.iter().flat_map(|(_, body)| body.media()).copied()
    }

    /// How it can fail: as all do, as its request makes it, and as it says itself.
    fn failures(&self) -> Vec<Code> {
        let mut codes = vec![
            Code::OriginRefused,
            Code::Misdirected,
            Code::RateLimited,
            Code::Busy,
            Code::Unavailable,
            Code::Internal,
        ];
        if self.gives().next().is_some() {
            codes.push(Code::NotAcceptable);
        }
        if !self.parameters.is_empty() || self.request.is_some() {
            codes.push(Code::Malformed);
        }
        if self.request.is_some() {
            codes.extend([Code::TooLarge, Code::UnsupportedMediaType, Code::RequestTimeout]);
        }
        let own = self.codes.iter().filter(|code| !codes.contains(code)).copied().collect::<Vec<_>>();
        codes.extend(own);
        codes
    }
}

/// The number of the operation of a method at a path, as the router has it.
pub(super) fn operation(method: &Method, path: &str) -> Option<usize> {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    OPERATIONS.iter().position(|operation| operation.path == path && operation.method.eq_ignore_ascii_case(method))
}

pub(crate) async fn document() -> Json<Value> {
    Json(build())
}

/// The whole document.
pub(crate) fn build() -> Value {
    let mut document = serde_json::to_value(Schemas::openapi()).unwrap_or_default();
    document["info"] = json!({
        "title": "Tallow", "version": "1", "license": { "name": "Apache-2.0" },
        "description": "Sealed queries and commands to contracts, and the proofs that go with them."
    });
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = describe(operation);
    }
    document["paths"] = Value::Object(paths);
    document["components"]["headers"] = described_headers();
    document
}

fn describe(operation: &Operation) -> Value {
    let parameters: Vec<Value> = operation.parameters.iter().map(Parameter::describe).collect();
    let mut described = json!({
        "summary": operation.summary, "parameters": parameters, "responses": responses(operation)
    });
    if let Some((name, media)) = operation.request {
        let content: Map<String, Value> = media.iter().map(|media| ((*media).to_owned(), binary(name))).collect();
        described["requestBody"] = json!({ "required": true, "content": content });
    }
    described
}

impl Parameter {
    fn describe(&self) -> Value {
        let (place, schema) = match self.kind {
            Kind::Id => ("path", json!({ "type": "string", "pattern": "^0x[0-9a-fA-F]{64}$" })),
            Kind::Bytes => ("path", json!({ "type": "string", "pattern": "^(0x)?([0-9a-fA-F]{2})+$" })),
            Kind::Wait => {
                ("query", json!({ "type": "integer", "minimum": 0, "maximum": POLL_TIME_MS_MAX, "default": 0 }))
            }
            Kind::Flag => ("query", json!({ "type": "boolean", "default": false })),
            Kind::Height => ("path", json!({ "type": "integer", "format": "int64", "minimum": 0 })),
            Kind::Limit => {
                ("query", json!({ "type": "integer", "minimum": 1, "maximum": PAGE_ITEMS_MAX, "default": PAGE_ITEMS }))
            }
            Kind::Text(pattern) => ("query", json!({ "type": "string", "pattern": pattern })),
        };
        let required = place == "path";
        json!({ "name": self.name, "in": place, "required": required, "description": self.text, "schema": schema })
    }
}

/// All answers of an operation by status, errors with their codes.
fn responses(operation: &Operation) -> Value {
    let mut failures = BTreeMap::<u16, Vec<Code>>::new();
    for code in operation.failures() {
        failures.entry(code.status()).or_default().push(code);
    }
    let good = operation.answers.iter().map(|(status, body)| (status.to_string(), body.describe()));
    let bad = failures.iter().map(|(status, codes)| (status.to_string(), refusal(codes)));
    let with_headers = |(status, mut answer): (String, Value)| {
        answer["headers"] = headers(answer["content"][PROBLEM].is_object() && retried(&status));
        (status, answer)
    };
    let mut answers: Map<String, Value> = good.collect();
    for (status, mut refused) in bad {
        match answers.get_mut(&status) {
            // One status, two kinds of answer.
            Some(answer) => answer["content"][PROBLEM] = refused["content"][PROBLEM].take(),
            None => drop(answers.insert(status, refused)),
        }
    }
    Value::Object(answers.into_iter().map(with_headers).collect())
}

/// An answer with one of these codes, and with no other.
fn refusal(codes: &[Code]) -> Value {
    let names: Vec<String> = codes.iter().map(|code| json!(code).to_string().replace('"', "`")).collect();
    let schema = json!({ "$ref": "#/components/schemas/Problem", "properties": { "code": { "enum": codes } } });
    json!({ "description": format!("Refused: {}.", names.join(", ")), "content": { PROBLEM: { "schema": schema } } })
}

/// Whether answers of this status say when to try again.
fn retried(status: &str) -> bool {
    Code::ALL.iter().any(|code| code.status().to_string() == status && problem::passes(*code))
}

/// Headers that an answer has in any case.
fn headers(retry: bool) -> Value {
    let mut headers = json!({ "X-Request-Id": header("RequestId"), "Server-Timing": header("ServerTiming") });
    if retry {
        headers["Retry-After"] = header("RetryAfter");
    }
    headers
}

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// The headers to which the answers refer.
fn described_headers() -> Value {
    let id = format!("^[A-Za-z0-9._-]{{1,{API_REQUEST_ID_BYTES_MAX}}}$");
    json!({
        "RequestId": { "description": "The request's id: the client's own, or a new one.", "required": true,
            "schema": { "type": "string", "pattern": id } },
        "ServerTiming": { "description": "Where the time went, in milliseconds.", "required": true,
            "schema": { "type": "string", "pattern": "total;dur=[0-9]+[.][0-9]{3}$" } },
        "RetryAfter": { "description": "Seconds after which to try again.", "required": true,
            "schema": { "type": "integer", "minimum": 1 } },
    })
}

impl Body {
    fn media(&self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            Self::Scale(_) => &[SCALE],
            Self::Json(_) | Self::Document(_) => &[JSON],
            Self::Either(..) => &[SCALE, JSON],
            Self::Events(..) => &[EVENT_STREAM],
            Self::Metrics => &["application/openmetrics-text"],
        }
    }

    fn describe(&self) -> Value {
        match self {
            Self::None => json!({ "description": "Done." }),
            Self::Scale(name) => json!({ "description": name, "content": { SCALE: binary(name) } }),
            Self::Json(name) => json!({ "description": name, "content": { JSON: reference(name) } }),
            Self::Either(scale, name) => {
                json!({ "description": scale, "content": { SCALE: binary(scale), JSON: reference(name) } })
            }
            Self::Events(text, names) => {
                json!({ "description": text, "content": { EVENT_STREAM: { "schema": event(names) } } })
            }
            Self::Metrics => json!({ "description": "OpenMetrics text.",
                "content": { crate::metrics::OPENMETRICS: { "schema": { "type": "string" } } } }),
            Self::Document(text) => {
                json!({ "description": text, "content": { JSON: { "schema": { "type": "object" } } } })
            }
        }
    }
}

/// One event of a stream.
fn event(names: &[&str]) -> Value {
    json!({ "type": "object", "required": ["event", "data"], "properties": {
        "id": { "type": "string", "pattern": "^[0-9]{1,19}-[0-9]{1,19}$" },
        "event": { "enum": names },
        "data": { "type": "string" },
    } })
}

fn reference(name: &str) -> Value {
    json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } })
}

fn binary(name: &str) -> Value {
    json!({ "schema": { "type": "string", "format": "binary", "title": name } })
}

#[cfg(test)]
mod tests;

//! The OpenAPI document.

use axum::Json;
use serde_json::{Value, json};
use tallow_api::{
    Accepted, AccountDocument, AnchorPage, BlockPage, ClusterPage, CodePage, CodeStored, ContractPage, EVENT_STREAM,
    EventDocument, Lagged, LedgerNonce, LedgerTxDone, PROBLEM, Problem, ReceiptDocument, ReceiptPage, SCALE,
    SocketMessage, Status, TimersDocument,
};
use tallow_types::limits::PAGE_ITEMS_MAX;
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
    Lagged,
    LedgerNonce,
    LedgerTxDone,
    Problem,
    ReceiptDocument,
    ReceiptPage,
    SocketMessage,
    Status,
    TimersDocument
)))]
struct Schemas;

/// One operation: method, path, what it does, request body, answer.
struct Operation {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    request: Option<(&'static str, &'static str)>,
    answer: (u16, Body),
    parameters: &'static [(&'static str, &'static str, &'static str)],
}

enum Body {
    None,
    Scale(&'static str),
    Json(&'static str),
    /// SCALE, or JSON for those who accept that.
    Either(&'static str, &'static str),
    Events(&'static str),
}

const WAIT: (&str, &str, &str) = ("wait_ms", "query", "Milliseconds to wait for the answer, at most 30,000.");

const PAGE: &[(&str, &str, &str)] =
    &[("limit", "query", "Things on the page, 1 to 100."), ("after", "query", "The `next` of the page before.")];
const STREAM: &[(&str, &str, &str)] = &[
    ("topics", "query", "Some of blocks, receipts, events, separated by commas; blocks and receipts when not given."),
    ("contract", "query", "The contract whose events are wanted; those of all when not given."),
    ("from", "query", "First place of the feed wanted, such as 12 or 12-3; from now on when not given."),
];

/// A list, page by page.
const fn list(path: &'static str, summary: &'static str, page: &'static str) -> Operation {
    Operation { method: "get", path, summary, request: None, answer: (200, Body::Json(page)), parameters: PAGE }
}

/// One thing.
const fn one(
    path: &'static str,
    summary: &'static str,
    document: &'static str,
    parameters: &'static [(&'static str, &'static str, &'static str)],
) -> Operation {
    Operation { method: "get", path, summary, request: None, answer: (200, Body::Json(document)), parameters }
}

const OPERATIONS: &[Operation] = &[
    Operation {
        method: "get",
        path: "/v1/status",
        summary: "What the worker says of itself",
        request: None,
        answer: (200, Body::Json("Status")),
        parameters: &[],
    },
    Operation {
        method: "get",
        path: "/v1/genesis",
        summary: "What the network was made from; its digest is the network id",
        request: None,
        answer: (200, Body::Scale("Genesis")),
        parameters: &[],
    },
    Operation {
        method: "get",
        path: "/v1/registry/{key}",
        summary: "A record of the ledger's registry, or its absence, with certificate and proof",
        request: None,
        answer: (200, Body::Scale("ProvenRecord")),
        parameters: &[("key", "path", "Hex of the encoded RegistryKey.")],
    },
    Operation {
        method: "get",
        path: "/v1/nonce/{account}",
        summary: "The next nonce of an account's ledger transactions",
        request: None,
        answer: (200, Body::Json("LedgerNonce")),
        parameters: &[("account", "path", "The account, 0x and 64 hexadecimal digits.")],
    },
    Operation {
        method: "post",
        path: "/v1/ledger",
        summary: "Submits a ledger transaction and waits until it is final",
        request: Some((SCALE, "SignedLedgerTx")),
        answer: (200, Body::Json("LedgerTxDone")),
        parameters: &[],
    },
    Operation {
        method: "post",
        path: "/v1/sessions",
        summary: "Opens a query session",
        request: Some((SCALE, "SealedSessionOpen")),
        answer: (201, Body::None),
        parameters: &[],
    },
    Operation {
        method: "post",
        path: "/v1/query",
        summary: "Runs a query sealed in a session",
        request: Some((SCALE, "SessionFrame")),
        answer: (200, Body::Scale("SessionFrame")),
        parameters: &[],
    },
    Operation {
        method: "post",
        path: "/v1/commands",
        summary: "Submits a sealed command; 202 with Accepted when it has no receipt in time",
        request: Some((SCALE, "SealedCommand")),
        answer: (200, Body::Scale("ReceiptAnswer")),
        parameters: &[WAIT],
    },
    Operation {
        method: "get",
        path: "/v1/receipts/{id}",
        summary: "The receipt of a command; 202 with Accepted when there is none in time, 404 when it is not known",
        request: None,
        answer: (200, Body::Either("ReceiptAnswer", "ReceiptDocument")),
        parameters: &[
            ("id", "path", "The command's id, 0x and 64 hexadecimal digits."),
            WAIT,
            ("anchored", "query", "Wait until the ledger has anchored it (true or false)."),
        ],
    },
    Operation {
        method: "post",
        path: "/v1/code",
        summary: "Stores code whose hash and size the ledger lists",
        request: Some(("application/wasm", "Wasm")),
        answer: (200, Body::Json("CodeStored")),
        parameters: &[WAIT],
    },
    one(
        "/v1/accounts/{account}",
        "An account's public side; its balance is a sealed query",
        "AccountDocument",
        &[("account", "path", "The account, 0x and 64 hexadecimal digits.")],
    ),
    list("/v1/clusters", "Clusters this worker hosts a replica of", "ClusterPage"),
    one("/v1/clusters/{id}", "A cluster", "ClusterDocument", &[("id", "path", "The cluster, 0x and 64 digits.")]),
    list("/v1/contracts", "Contracts of the cluster, by address", "ContractPage"),
    one(
        "/v1/contracts/{address}",
        "A contract",
        "ContractDocument",
        &[("address", "path", "Its address, 0x and 64 hexadecimal digits.")],
    ),
    list("/v1/code", "Code of which contracts can be made, by hash", "CodePage"),
    one("/v1/code/{hash}", "Code", "CodeDocument", &[("hash", "path", "Its hash, 0x and 64 hexadecimal digits.")]),
    list("/v1/blocks", "Blocks of the cluster log, newest first, without certificates", "BlockPage"),
    one("/v1/blocks/{height}", "A block, certified", "BlockDocument", &[("height", "path", "Its height.")]),
    list("/v1/receipts", "Commands that completed, newest first", "ReceiptPage"),
    one("/v1/timers", "How many timers contracts have set", "TimersDocument", &[]),
    list("/v1/anchors", "Anchors that this worker saw, newest first", "AnchorPage"),
    Operation {
        method: "get",
        path: "/v1/stream",
        summary: "What becomes final, as it does: events named block, receipt, event and lagged; Last-Event-ID resumes",
        request: None,
        answer: (200, Body::Events("BlockDocument, ReceiptSummary, EventDocument or Lagged, one line of JSON")),
        parameters: STREAM,
    },
    Operation {
        method: "post",
        path: "/v1/subscribe",
        summary: "A sealed stream for a session's caller: events named sealed, each a SessionFrame in hexadecimal",
        request: Some((SCALE, "SessionFrame")),
        answer: (200, Body::Events("SessionFrame in hexadecimal, with a StreamMessage")),
        parameters: &[],
    },
    Operation {
        method: "get",
        path: "/v1/ws",
        summary: "The same over a WebSocket: text messages, each a SocketMessage",
        request: None,
        answer: (101, Body::None),
        parameters: STREAM,
    },
];

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
    let mut paths = serde_json::Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = describe(operation);
    }
    document["paths"] = Value::Object(paths);
    document
}

fn describe(operation: &Operation) -> Value {
    let parameters: Vec<Value> = operation
        .parameters
        .iter()
        .map(|(name, place, text)| {
            let schema = match *name {
                "wait_ms" => json!({ "type": "integer", "minimum": 0 }),
                "anchored" => json!({ "type": "boolean" }),
                "limit" => json!({ "type": "integer", "minimum": 1, "maximum": PAGE_ITEMS_MAX }),
                "height" => json!({ "type": "integer", "minimum": 0 }),
                _ => json!({ "type": "string" }),
            };
            json!({ "name": name, "in": place, "required": *place == "path", "description": text, "schema": schema })
        })
        .collect();
    let (status, body) = &operation.answer;
    let problem = json!({ "description": "An error (RFC 9457).",
        "content": { PROBLEM: { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    let mut described = json!({
        "summary": operation.summary, "parameters": parameters,
        "responses": { status.to_string(): answer(body), "default": problem }
    });
    if let Some((media, name)) = operation.request {
        described["requestBody"] = json!({ "required": true, "content": { media: binary(name) } });
    }
    described
}

fn answer(body: &Body) -> Value {
    match body {
        Body::None => json!({ "description": "Done." }),
        Body::Scale(name) => json!({ "description": name, "content": { SCALE: binary(name) } }),
        Body::Json(name) => json!({ "description": name, "content": { "application/json": document_of(name) } }),
        Body::Either(scale, name) => json!({ "description": scale,
            "content": { SCALE: binary(scale), "application/json": document_of(name) } }),
        Body::Events(text) => json!({ "description": text,
            "content": { EVENT_STREAM: { "schema": { "type": "string" } } } }),
    }
}

fn document_of(name: &str) -> Value {
    json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } })
}

fn binary(name: &str) -> Value {
    json!({ "schema": { "type": "string", "format": "binary", "title": name } })
}

#[cfg(test)]
mod tests;

//! The OpenAPI document.

use axum::Json;
use serde_json::{Value, json};
use tallow_api::{Accepted, CodeStored, LedgerNonce, LedgerTxDone, PROBLEM, Problem, SCALE, Status};
use utoipa::OpenApi;

/// The JSON documents of the API; the paths are added by [`document`], since their bodies are SCALE, which OpenAPI can
/// name but not describe.
#[derive(OpenApi)]
#[openapi(components(schemas(Accepted, CodeStored, LedgerNonce, LedgerTxDone, Problem, Status)))]
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
}

const WAIT: (&str, &str, &str) = ("wait_ms", "query", "Milliseconds to wait for the answer, at most 30,000.");

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
        answer: (200, Body::Scale("ReceiptAnswer")),
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
        Body::Json(name) => json!({ "description": name,
            "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } } }),
    }
}

fn binary(name: &str) -> Value {
    json!({ "schema": { "type": "string", "format": "binary", "title": name } })
}

#[cfg(test)]
mod tests;

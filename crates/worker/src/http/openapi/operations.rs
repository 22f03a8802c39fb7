//! The operations of the API.

use super::{Body, Kind, Operation, Parameter};
use tallow_api::{Code, SCALE, STREAM_LAGGED, STREAM_SEALED, WASM};

const WAIT: Parameter = Parameter { name: "wait_ms", kind: Kind::Wait, text: "Milliseconds to wait for the answer." };

const CODE: Parameter = Parameter {
    name: "code",
    kind: Kind::Text("^0x[0-9a-fA-F]{64}$"),
    text: "The code's hash; needed. Code that the ledger does not list is refused before it is sent.",
};

const ANCHORED: Parameter =
    Parameter { name: "anchored", kind: Kind::Flag, text: "Wait until the ledger has anchored it." };

const LIMIT: Parameter = Parameter { name: "limit", kind: Kind::Limit, text: "Things on the page." };
const AFTER_ID: Parameter = after("^0x[0-9a-fA-F]{64}$");
const AFTER_HEIGHT: Parameter = after("^[0-9]{1,19}$");
const BY_ID: &[Parameter] = &[LIMIT, AFTER_ID];
const BY_HEIGHT: &[Parameter] = &[LIMIT, AFTER_HEIGHT];
const STREAM: &[Parameter] = &[
    Parameter {
        name: "topics",
        kind: Kind::Text("^(blocks|receipts|events|logs)(,(blocks|receipts|events|logs))*$"),
        text: "What is wanted; blocks and receipts when not given.",
    },
    Parameter {
        name: "contract",
        kind: Kind::Text("^0x[0-9a-fA-F]{64}$"),
        text: "The contract whose events are wanted; the public ones of all when not given.",
    },
    Parameter {
        name: "from",
        kind: Kind::Text("^[0-9]{1,19}(-[0-9]{1,19})?$"),
        text: "First place of the feed wanted, such as 12 or 12-3; from now on when not given.",
    },
];
const STREAM_CODES: &[Code] = &[Code::NotFound, Code::NotPermitted, Code::FeedGone, Code::Busy];

const fn after(pattern: &'static str) -> Parameter {
    Parameter { name: "after", kind: Kind::Text(pattern), text: "The `next` of the page before." }
}

/// Asks for a document.
const fn get(
    path: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    answers: &'static [(u16, Body)],
    codes: &'static [Code],
) -> Operation {
    Operation { method: "get", path, summary, parameters, request: None, answers, codes }
}

/// Every operation, in the order of the document.
pub(in super::super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: "get",
        path: "/v1/status",
        summary: "What the worker says of itself",
        parameters: &[],
        request: None,
        answers: &[(200, Body::Json("Status"))],
        codes: &[],
    },
    Operation {
        method: "get",
        path: "/v1/genesis",
        summary: "What the network was made from; its digest is the network id",
        parameters: &[],
        request: None,
        answers: &[(200, Body::Scale("Genesis"))],
        codes: &[],
    },
    Operation {
        method: "get",
        path: "/v1/registry/{key}",
        summary: "A record of the ledger's registry, or its absence, with certificate and proof",
        parameters: &[Parameter { name: "key", kind: Kind::Bytes, text: "Hex of the encoded RegistryKey." }],
        request: None,
        answers: &[(200, Body::Scale("ProvenRecord"))],
        codes: &[],
    },
    Operation {
        method: "get",
        path: "/v1/nonce/{account}",
        summary: "The next nonce of an account's ledger transactions",
        parameters: &[Parameter { name: "account", kind: Kind::Id, text: "The account." }],
        request: None,
        answers: &[(200, Body::Json("LedgerNonce"))],
        codes: &[],
    },
    Operation {
        method: "post",
        path: "/v1/ledger",
        summary: "Submits a ledger transaction and waits until it is final",
        parameters: &[],
        request: Some(("SignedLedgerTx", &[SCALE])),
        answers: &[(200, Body::Json("LedgerTxDone"))],
        codes: &[Code::TransactionRefused, Code::PaymentRequired, Code::AllowanceUsed, Code::Busy, Code::DiskFull],
    },
    Operation {
        method: "post",
        path: "/v1/sessions",
        summary: "Opens a query session",
        parameters: &[],
        request: Some(("SealedSessionOpen", &[SCALE])),
        answers: &[(201, Body::None)],
        codes: &[Code::EnvelopeRefused, Code::Replayed, Code::Busy],
    },
    Operation {
        method: "post",
        path: "/v1/query",
        summary: "Runs a query sealed in a session",
        parameters: &[],
        request: Some(("SessionFrame", &[SCALE])),
        answers: &[(200, Body::Scale("SessionFrame"))],
        codes: &[Code::SessionUnknown, Code::Replayed, Code::Busy],
    },
    Operation {
        method: "post",
        path: "/v1/commands",
        summary: "Submits a sealed command; 202 with Accepted when it has no receipt in time",
        parameters: &[WAIT, ANCHORED],
        request: Some(("SealedCommand", &[SCALE])),
        answers: &[(200, Body::Scale("ReceiptAnswer")), (202, Body::Json("Accepted"))],
        codes: &[
            Code::EnvelopeRefused,
            Code::CommandSeen,
            Code::CommandExpired,
            Code::CommandRefused,
            Code::NotFound,
            Code::Busy,
            Code::DiskFull,
        ],
    },
    Operation {
        method: "get",
        path: "/v1/receipts/{id}",
        summary: "The receipt of a command; in time 202 with Accepted if it has none, 404 if it is not known: a command \
                  not known here is waited for as well, since another replica may have taken it",
        parameters: &[Parameter { name: "id", kind: Kind::Id, text: "The command's id." }, WAIT, ANCHORED],
        request: None,
        answers: &[(200, Body::Either("ReceiptAnswer", "ReceiptDocument")), (202, Body::Json("Accepted"))],
        codes: &[Code::NotFound, Code::Busy],
    },
    Operation {
        method: "post",
        path: "/v1/code",
        summary: "Stores code whose hash and size the ledger lists; 202 when no block has it in time",
        parameters: &[CODE, WAIT],
        request: Some(("Wasm", &[WASM, SCALE])),
        answers: &[(200, Body::Json("CodeStored")), (202, Body::Json("CodeStored"))],
        codes: &[Code::CodeRefused, Code::DiskFull],
    },
    Operation {
        method: "get",
        path: "/health",
        summary: "Whether the worker lives",
        parameters: &[],
        request: None,
        answers: &[(200, Body::Json("Health"))],
        codes: &[],
    },
    Operation {
        method: "get",
        path: "/ready",
        summary: "Whether the worker should get requests, and why not",
        parameters: &[],
        request: None,
        answers: &[(200, Body::Json("Readiness")), (503, Body::Json("Readiness"))],
        codes: &[],
    },
    Operation {
        method: "get",
        path: "/metrics",
        summary: "Metrics for Prometheus; for clients on the worker's own machine",
        parameters: &[],
        request: None,
        answers: &[(200, Body::Metrics)],
        codes: &[Code::NotFound],
    },
    Operation {
        method: "get",
        path: "/openapi.json",
        summary: "This document",
        parameters: &[],
        request: None,
        answers: &[(200, Body::Document("OpenAPI 3.1."))],
        codes: &[],
    },
    get(
        "/v1/accounts/{account}",
        "An account's public side; its balance is a sealed query",
        &[Parameter { name: "account", kind: Kind::Id, text: "The account." }],
        &[(200, Body::Json("AccountDocument"))],
        &[],
    ),
    get("/v1/clusters", "Clusters this worker hosts a replica of", BY_ID, &[(200, Body::Json("ClusterPage"))], &[]),
    get(
        "/v1/clusters/{id}",
        "A cluster",
        &[Parameter { name: "id", kind: Kind::Id, text: "The cluster." }],
        &[(200, Body::Json("ClusterDocument"))],
        &[Code::NotFound],
    ),
    get("/v1/contracts", "Contracts of the cluster, by address", BY_ID, &[(200, Body::Json("ContractPage"))], &[]),
    get(
        "/v1/contracts/{address}",
        "A contract",
        &[Parameter { name: "address", kind: Kind::Id, text: "Its address." }],
        &[(200, Body::Json("ContractDocument"))],
        &[Code::NotFound],
    ),
    get("/v1/code", "Code of which contracts can be made, by hash", BY_ID, &[(200, Body::Json("CodePage"))], &[]),
    get(
        "/v1/code/{hash}",
        "Code",
        &[Parameter { name: "hash", kind: Kind::Id, text: "Its hash." }],
        &[(200, Body::Json("CodeDocument"))],
        &[Code::NotFound],
    ),
    get(
        "/v1/blocks",
        "Blocks of the cluster log, newest first, without certificates",
        BY_HEIGHT,
        &[(200, Body::Json("BlockPage"))],
        &[],
    ),
    get(
        "/v1/blocks/{height}",
        "A block, certified",
        &[Parameter { name: "height", kind: Kind::Height, text: "Its height." }],
        &[(200, Body::Json("BlockDocument"))],
        &[Code::NotFound],
    ),
    get(
        "/v1/receipts",
        "Commands that completed, newest first",
        BY_ID,
        &[(200, Body::Json("ReceiptPage"))],
        &[Code::NotFound],
    ),
    get(
        "/v1/anchors",
        "Anchors that this worker saw, newest first",
        BY_HEIGHT,
        &[(200, Body::Json("AnchorPage"))],
        &[],
    ),
    get("/v1/timers", "How many timers contracts have set", &[], &[(200, Body::Json("TimersDocument"))], &[]),
    get(
        "/v1/stream",
        "What becomes final, as it does: events named block, receipt, event and lagged; Last-Event-ID resumes",
        STREAM,
        &[(
            200,
            Body::Events(
                "BlockDocument, ReceiptSummary, EventDocument or Lagged, one line of JSON.",
                &["block", "receipt", "event", STREAM_LAGGED],
            ),
        )],
        STREAM_CODES,
    ),
    get(
        "/v1/ws",
        "The same over a WebSocket: text messages, each a SocketMessage",
        STREAM,
        &[(101, Body::None)],
        STREAM_CODES,
    ),
    Operation {
        method: "post",
        path: "/v1/subscribe",
        summary: "A sealed stream for a session's caller: events named sealed, each a SessionFrame in hexadecimal",
        parameters: &[],
        request: Some(("SessionFrame", &[SCALE])),
        answers: &[(200, Body::Events("SessionFrame in hexadecimal, with a StreamMessage.", &[STREAM_SEALED]))],
        codes: &[Code::SessionUnknown, Code::Replayed, Code::Busy],
    },
];

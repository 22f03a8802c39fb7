//! What hostile clients and contracts get: an error that says what is wrong, while everything else goes on.

use crate::process::{Dev, Machine, bundle};
use crate::raw::{Raw, now_ms};
use parity_scale_codec::Encode;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tallow_crypto::{Keypair, command_id};
use tallow_types::limits::COMMAND_BYTES_MAX;
use tallow_types::{AccountId, ClusterId, Command, Query, QueryRequest, SealedCommand, WorkerId, decode_exact};

#[test]
fn forged_replayed_and_malformed_messages_are_refused() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let raw = Raw::new(&dev).await;
        malformed(&raw).await;
        commands(&raw).await;
        sessions(&raw).await;
    });
    machine.ok(&dev, &["status"]);
}

async fn malformed(raw: &Raw) {
    for path in ["/v1/commands", "/v1/query", "/v1/sessions", "/v1/ledger"] {
        for body in [vec![], vec![0xff; 100], vec![0xff; 4]] {
            raw.refused(raw.post(path, body).await, (400, "malformed"));
        }
    }
    raw.refused(raw.post("/v1/commands?wait_ms=soon", vec![]).await, (400, "malformed"));
    raw.refused(raw.post("/v1/commands", vec![0; COMMAND_BYTES_MAX + 10_000]).await, (413, "too_large"));
    raw.refused(raw.post("/v1/code", b"\0asm\x01\0\0\0".to_vec()).await, (400, "malformed"));
    raw.refused(raw.post("/v1/code?code=0x12", vec![]).await, (400, "malformed"));
    let unregistered = format!("/v1/code?code=0x{}", "12".repeat(32));
    raw.refused(raw.post(&unregistered, b"\0asm\x01\0\0\0".to_vec()).await, (422, "code_refused"));
    raw.refused(raw.post("/v2/anything", vec![]).await, (404, "not_found"));
    for path in ["/v1/registry/zz", "/v1/registry/ff", "/v1/receipts/0x12", "/v1/nonce/alice"] {
        let answer = raw.http.get(format!("{}{path}", raw.url)).send().await.unwrap();
        raw.refused((answer.status(), answer.bytes().await.unwrap().to_vec()), (400, "malformed"));
    }
}

async fn commands(raw: &Raw) {
    let good = raw.command();
    let sealed = raw.seal(good.clone());
    let refusals: [(SealedCommand, (u16, &str)); 5] = [
        (SealedCommand { epoch: 7, ..sealed.clone() }, (400, "envelope_refused")),
        (raw.seal(Command { cluster: ClusterId([4; 32]), ..good.clone() }), (400, "envelope_refused")),
        (raw.seal(Command { expiry_ms: now_ms() - 1_000, ..good.clone() }), (410, "command_expired")),
        (raw.seal(Command { expiry_ms: now_ms() + (1 << 40), ..good.clone() }), (422, "command_refused")),
        (raw.seal(Command { gas_limit: u64::MAX, ..good.clone() }), (422, "command_refused")),
    ];
    for (command, expected) in refusals {
        raw.refused(raw.post("/v1/commands", command.encode()).await, expected);
    }
    let mut altered = sealed.clone();
    altered.ciphertext[9] ^= 1;
    raw.refused(raw.post("/v1/commands", altered.encode()).await, (400, "envelope_refused"));

    let (status, first) = raw.post("/v1/commands?wait_ms=10000", sealed.encode()).await;
    assert_eq!(status, StatusCode::OK);
    // Sent again, or sealed again, it has its one effect and its one receipt.
    for again in [sealed, raw.seal(good.clone())] {
        let (status, answer) = raw.post("/v1/commands", again.encode()).await;
        let receipt = |bytes: &[u8]| decode_exact::<tallow_api::ReceiptAnswer>(bytes).unwrap().receipt;
        assert_eq!((status, receipt(&answer)), (StatusCode::OK, receipt(&first)));
    }
    let unknown = format!("{}/v1/receipts/0x{}", raw.url, "17".repeat(32));
    for wait in ["", "?wait_ms=200", "?wait_ms=200&anchored=true"] {
        let answer = raw.http.get(format!("{unknown}{wait}")).send().await.unwrap();
        raw.refused((answer.status(), answer.bytes().await.unwrap().to_vec()), (404, "not_found"));
    }
    known_at_once(raw).await;
    let path = format!("{}/v1/receipts/{}", raw.url, command_id(&good));
    assert_eq!(raw.http.get(path).send().await.unwrap().status(), StatusCode::OK);
}

/// Who asks directly after sending hears of the command, however far it is.
async fn known_at_once(raw: &Raw) {
    for number in 0..200 {
        let command = Command { nonce: now_ms() + (1 << 50) + number, ..raw.command() };
        let id = command_id(&command);
        let (sent, _) = raw.post("/v1/commands", raw.seal(command).encode()).await;
        assert!(sent.is_success(), "{sent}");
        for _ in 0..5 {
            let answer = raw.http.get(format!("{}/v1/receipts/{id}", raw.url)).send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
        }
    }
}

async fn sessions(raw: &Raw) {
    let (foreign, _) = raw.session_for(&WorkerId(Keypair::generate_ed25519().account().0), now_ms() + 60_000);
    raw.refused(raw.post("/v1/sessions", foreign.encode()).await, (400, "envelope_refused"));
    let (expired, _) = raw.session_for(&raw.worker.worker, now_ms() - 1_000);
    raw.refused(raw.post("/v1/sessions", expired.encode()).await, (400, "envelope_refused"));

    let (opening, session) = raw.session();
    let query = QueryRequest { query: Query::Balance(AccountId([9; 32])), min_height: 0 };
    let frame = session.seal_request(&query).unwrap();
    raw.refused(raw.post("/v1/query", frame.encode()).await, (401, "session_unknown"));
    assert_eq!(raw.post("/v1/sessions", opening.encode()).await.0, StatusCode::CREATED);
    raw.refused(raw.post("/v1/sessions", opening.encode()).await, (409, "replayed"));
    let mut altered = frame.clone();
    altered.ciphertext[3] ^= 1;
    raw.refused(raw.post("/v1/query", altered.encode()).await, (401, "session_unknown"));
    let (status, answer) = raw.post("/v1/query", frame.encode()).await;
    assert_eq!(status, StatusCode::OK);
    session.open_answer_to(&frame, &decode_exact(&answer).unwrap()).unwrap();
    raw.refused(raw.post("/v1/query", frame.encode()).await, (409, "replayed"));
}

/// Each misbehaviour is an error of its own call, and the next caller finds everything as it was.
#[test]
fn contracts_that_misbehave_harm_nobody_else() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let contract = |name: &str| machine.ok(&dev, &["deploy", &bundle(name)])["contract"].as_str().unwrap().to_owned();
    let probe = contract("probe");
    machine.ok(&dev, &["call", &probe, "set", "5"]);
    for (message, arguments, modes) in [
        ("trap", vec![], vec!["--query", "--command"]),
        ("spin", vec![], vec!["--command"]),
        ("recurse", vec!["100000000"], vec!["--query", "--command"]),
        ("eat_memory", vec!["100000"], vec!["--query", "--command"]),
        ("return_bytes", vec!["100000000"], vec!["--query", "--command"]),
        ("emit", vec!["100000000", "1"], vec!["--command"]),
        ("set_and_trap", vec!["9"], vec!["--command"]),
    ] {
        for mode in modes {
            let (code, document) = machine.json(&dev, &[&["call", &probe, message], &arguments[..], &[mode]].concat());
            assert_ne!(document, Value::Null, "{message}");
            let unharmed = machine.ok(&dev, &["call", &probe, "get"]);
            assert_eq!(unharmed["value"], json!(5), "after {message} {mode}, which gave {code}: {document}");
        }
    }
    let (code, document) = machine.json(&dev, &["call", &probe, "trap", "--command"]);
    assert_eq!(code, 1, "a trap is a failure: {document}");
}

async fn serve_badly() -> String {
    use axum::body::{Body, Bytes};
    use axum::http::{StatusCode, header::LOCATION};
    use axum::response::IntoResponse;
    use axum::routing::get;
    let endless = || async {
        let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[7; 65_536])));
        let stream = futures_stream(chunks);
        Body::from_stream(stream)
    };
    let router = axum::Router::new()
        .route("/hang", get(std::future::pending::<()>))
        .route("/loop", get(|| async { (StatusCode::FOUND, [(LOCATION, "/loop")]).into_response() }))
        .route("/endless", get(endless))
        .route("/fail", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/good", get(|| async { "fine" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// An iterator as a stream, with a pause for others in between.
fn futures_stream<T>(mut items: impl Iterator<Item = T> + Unpin) -> impl futures::Stream<Item = T> {
    futures::stream::poll_fn(move |_| std::task::Poll::Ready(items.next()))
}

#[test]
fn http_servers_that_misbehave_are_answers() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = runtime.block_on(serve_badly());
    let deployed = machine.ok(&dev, &["deploy", &bundle("probe")]);
    let probe = deployed["contract"].as_str().unwrap();
    let urls = ["good", "fail", "loop", "endless", "hang"].map(|path| format!("{:?}", format!("{url}/{path}")));
    let urls = format!("[{}]", urls.join(", "));
    for mode in ["--query", "--command"] {
        let answer = machine.ok(&dev, &["call", probe, "fetch_all", &urls, "1500", mode]);
        let statuses = answer["value"].to_string();
        assert!(statuses.contains("200") && statuses.contains("500"), "{mode}: {answer}");
        let unharmed = machine.ok(&dev, &["call", probe, "increment"]);
        assert!(unharmed["value"].as_u64().is_some(), "{unharmed}");
    }
}

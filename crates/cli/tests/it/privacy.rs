//! What leaves a worker besides its answers: logs, however much they tell, and traces. Neither has anything of what callers
//! and contracts say. And a trace holds together from the client to the receipt.

use crate::process::{Dev, Machine, bundle};
use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Texts that callers, contracts and services say, and nobody else.
const TEXTS: [&str; 8] = [
    "mark-of-the-price-path-7c1e",
    "mark-of-the-bot-token-51d0",
    "mark-of-the-chat-id-9f3b",
    "mark-of-the-event-24ea",
    "mark-of-the-secret-value-c04d",
    "mark-of-the-refused-path-88b2",
    "73391046.28",
    "7339104628",
];
/// The price in cents, which is what the bot's message returns.
const CENTS: u64 = 7_339_104_628;

/// Ways in which bytes are written.
fn forms(bytes: &[u8]) -> Vec<String> {
    let hex = hex::encode(bytes);
    let decimals: Vec<String> = bytes.iter().map(u8::to_string).collect();
    // Wherever in a longer text they begin: without the letters that they share with their neighbours.
    let in_base64 = (0..3).map(|before: usize| {
        let text = BASE64_STANDARD_NO_PAD.encode([&vec![0; before], bytes].concat());
        let (first, last) = ((before * 8).div_ceil(6), (before + bytes.len()) * 8 / 6);
        text[first..last].to_owned()
    });
    [hex.to_uppercase(), hex, decimals.join(", ")].into_iter().chain(in_base64).collect()
}

/// What of the marks is in a text.
fn marks_in(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let texts = TEXTS.iter().flat_map(|mark| forms(mark.as_bytes()).into_iter().chain([(*mark).to_owned()]));
    let forms = texts.chain(forms(&CENTS.to_le_bytes()));
    forms.filter(|form| text.contains(form)).collect()
}

#[test]
fn marks_are_found_in_every_form() {
    assert_eq!(marks_in(b"nothing at all"), Vec::<String>::new());
    let mark = TEXTS[1];
    for before in ["", "a", "ab", "abc"] {
        let text = format!("{before}{mark}, and more");
        assert_eq!(marks_in(text.as_bytes()).len(), 1, "{text}");
        for written in [BASE64_STANDARD_NO_PAD.encode(&text), hex::encode(&text), format!("{:?}", text.as_bytes())] {
            assert!(!marks_in(written.as_bytes()).is_empty(), "{written}");
        }
    }
    assert!(!marks_in(format!("{:?}", CENTS.to_le_bytes()).as_bytes()).is_empty());
}

/// Services of this machine.
struct Services {
    runtime: Runtime,
    /// Headers of what contracts asked for.
    asked: Arc<Mutex<Vec<HeaderMap>>>,
    /// What was exported.
    exported: Arc<Mutex<Vec<Bytes>>>,
}

impl Services {
    fn new() -> Self {
        Self { runtime: Runtime::new().unwrap(), asked: Arc::default(), exported: Arc::default() }
    }

    fn serve(&self, router: Router) -> String {
        self.runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(async move { axum::serve(listener, router).await });
            url
        })
    }

    /// An exchange and a chat, as the bot knows them.
    fn world(&self) -> String {
        let (prices, chats) = (self.asked.clone(), self.asked.clone());
        let price = async move |headers| {
            prices.lock().unwrap().push(headers);
            format!("{{\"data\":{{\"amount\":\"{}\"}}}}", TEXTS[6])
        };
        let chat = async move |headers, _: Bytes| {
            chats.lock().unwrap().push(headers);
            "{\"ok\":true}"
        };
        let path = format!("/{}/v2/prices/BTC-USD/spot", TEXTS[0]);
        self.serve(Router::new().route(&path, get(price)).route("/{bot}/sendMessage", post(chat)))
    }

    /// Takes traces.
    fn collector(&self) -> String {
        let exported = self.exported.clone();
        let take = async move |body: Bytes| exported.lock().unwrap().push(body);
        self.serve(Router::new().route("/v1/traces", post(take)))
    }

    /// Lets a bot report, and more; `run` runs a command with an input.
    fn use_contracts(&self, run: impl Fn(&[&str], &str) -> Option<serde_json::Value>) {
        let url = self.world();
        let quoted = |text: &str| format!("\"{text}\"");
        let (prices, url) = (quoted(&format!("{url}/{}", TEXTS[0])), quoted(&url));
        let deployed = |args: &[&str]| run(args, "").unwrap()["contract"].as_str().unwrap().to_owned();
        let [token, chat, text] = [1, 2, 3].map(|at| quoted(TEXTS[at]));
        let bot = deployed(&["deploy", &bundle("btc-bot"), "--args", &prices, &url, &token, &chat]);
        let probe = deployed(&["deploy", &bundle("probe")]);
        let reported = run(&["call", &bot, "report"], "").unwrap();
        assert!(reported.to_string().contains(TEXTS[7]), "{reported}");
        assert!(run(&["call", &bot, "history"], "").unwrap().to_string().contains(TEXTS[7]));
        run(&["call", &probe, "mark", "7", &text], "").unwrap();
        run(&["secret", "set", &bot, "TOKEN"], TEXTS[4]).unwrap();
        let nowhere = quoted(&format!("http://127.0.0.1:1/{}", TEXTS[5]));
        for flags in [&[][..], &["--command"]] {
            run(&[&["call", &probe, "fetch", &nowhere][..], flags].concat(), "");
        }
        assert!(self.asked.lock().unwrap().len() >= 2, "the services were asked");
    }
}

/// Runs a command against a network; its document, when it succeeded.
fn run(machine: &Machine, dev: &Dev, args: &[&str], input: &str, trace: Option<&str>) -> Option<serde_json::Value> {
    let mut command = machine.command(&[args, &["--json", "--url", &dev.url]].concat());
    export(&mut command, trace);
    let ran = Machine::ran_with_input(&mut command, input);
    (ran.code == 0).then(|| serde_json::from_str(&ran.stdout).unwrap())
}

fn export(command: &mut Command, collector: Option<&str>) {
    if let Some(url) = collector {
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", url).env("NO_PROXY", "*");
    }
}

#[test]
fn logs_tell_nothing_of_what_callers_and_contracts_say() {
    let (machine, services) = (Machine::new(), Services::new());
    let said = machine.path("stderr");
    let mut command = Dev::command(&machine, &[]);
    let dev = Dev::spawn(command.env("TALLOW_LOG", "trace").stderr(File::create(&said).unwrap()));
    services.use_contracts(|args, input| run(&machine, &dev, args, input, None));
    assert_eq!(dev.terminate(), Some(0));
    let said = fs::read(&said).unwrap();
    let text = String::from_utf8_lossy(&said);
    assert!(text.contains("TRACE") && text.contains("route=\"/v1/commands\""), "it told much");
    assert_eq!(marks_in(&said), Vec::<String>::new());
    assert!(!text.contains("127.0.0.1:1"), "nor where a contract went");
}

#[test]
fn a_wrong_collector_is_refused_in_words() {
    let machine = Machine::new();
    for wrong in ["no url at all", "127.0.0.1:4318", "ftp://127.0.0.1", "http://"] {
        let ran = Machine::ran(machine.command(&["status"]).env("OTEL_EXPORTER_OTLP_ENDPOINT", wrong));
        ran.fails(2, "no traces can be exported", "docs/operate.md");
    }
}

/// A span as it was exported.
#[derive(Debug)]
struct Span {
    service: String,
    trace: Vec<u8>,
    id: Vec<u8>,
    parent: Vec<u8>,
    name: String,
    kind: i32,
    attributes: BTreeMap<String, String>,
    nanos: (u64, u64),
}

fn spans(exported: &[Bytes]) -> Vec<Span> {
    let mut spans = Vec::new();
    for request in exported.iter().map(|bytes| ExportTraceServiceRequest::decode(bytes.clone()).unwrap()) {
        for resource in request.resource_spans {
            let texts =
                |attributes: Vec<opentelemetry_proto::tonic::common::v1::KeyValue>| -> BTreeMap<String, String> {
                    attributes
                        .into_iter()
                        .map(|kv| (kv.key, format!("{:?}", kv.value.unwrap().value.unwrap())))
                        .collect()
                };
            let service = texts(resource.resource.unwrap().attributes)["service.name"].clone();
            let of_scopes = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            spans.extend(of_scopes.map(|span| Span {
                service: service.clone(),
                trace: span.trace_id,
                id: span.span_id,
                parent: span.parent_span_id,
                name: span.name,
                kind: span.kind,
                attributes: texts(span.attributes),
                nanos: (span.start_time_unix_nano, span.end_time_unix_nano),
            }));
        }
    }
    spans
}

/// All that attributes tell.
const ATTRIBUTES: [&str; 6] = [
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "tallow.block.entries",
    "tallow.command",
    "tallow.height",
];

#[test]
fn one_command_is_one_trace_across_client_and_worker() {
    let (machine, services) = (Machine::new(), Services::new());
    let collector = services.collector();
    let mut command = Dev::command(&machine, &[]);
    export(&mut command, Some(&collector));
    let dev = Dev::spawn(&mut command);
    services.use_contracts(|args, input| run(&machine, &dev, args, input, Some(&collector)));
    assert_eq!(dev.terminate(), Some(0));

    let exported = services.exported.lock().unwrap().clone();
    assert_eq!(marks_in(&exported.concat()), Vec::<String>::new());
    let spans = spans(&exported);
    let unknown = spans.iter().flat_map(|span| span.attributes.keys()).find(|key| !ATTRIBUTES.contains(&key.as_str()));
    assert_eq!(unknown, None);
    holds_together(&spans);
    let asked = services.asked.lock().unwrap();
    assert!(asked.iter().all(|headers| !headers.contains_key("traceparent")), "a service learns nothing of traces");
}

/// Checks the trace of the command that called a service, twice: from its root to the receipt.
fn holds_together(spans: &[Span]) {
    let trace = &spans.iter().find(|span| span.name == "call").expect("an external call").trace;
    let of = |service: &str, name: &str| -> Vec<&Span> {
        let service = format!("StringValue(\"tallow-{service}\")");
        spans.iter().filter(|span| span.trace == *trace && span.service == service && span.name == name).collect()
    };
    let one = |service: &str, name: &str| -> &Span {
        let found = of(service, name);
        assert_eq!(found.len(), 1, "{service} {name}: {spans:#?}");
        found[0]
    };
    let child = |parent: &Span, children: &[&Span]| {
        assert!(!children.is_empty());
        for child in children {
            assert_eq!(child.parent, parent.id, "{parent:#?} {child:#?}");
            assert!(child.nanos.0 <= child.nanos.1);
        }
    };
    let (root, client) = (one("client", "tallow call"), one("client", "command"));
    assert!(root.parent.is_empty());
    child(root, &[client]);
    let (sent, received) = (one("client", "POST /v1/commands"), one("worker", "POST /v1/commands"));
    assert_eq!((sent.kind, received.kind), (SpanKind::Client as i32, SpanKind::Server as i32));
    child(client, &[sent, one("client", "verify")]);
    child(sent, &[received]);
    let worker = one("worker", "command");
    child(received, &[worker, one("worker", "admit")]);
    assert_eq!(client.attributes["tallow.command"], worker.attributes["tallow.command"]);
    // It called twice, so it ran three times, each time in a block.
    let calls = of("worker", "call");
    assert_eq!((calls.len(), calls[0].kind), (2, SpanKind::Client as i32));
    child(worker, &calls);
    for name in ["order", "execute", "certify"] {
        assert_eq!(of("worker", name).len(), 3, "{name}");
        child(worker, &of("worker", name));
    }
    let heights: Vec<&String> = of("worker", "execute").iter().map(|span| &span.attributes["tallow.height"]).collect();
    assert!(heights[0] != heights[1] && heights[1] != heights[2], "{heights:?}");
}

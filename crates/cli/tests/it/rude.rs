//! Clients that break the rules of HTTP, or keep them too slowly: they lose their connection, and nobody else notices.

use crate::process::{Dev, Machine};
use reqwest::StatusCode;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tallow_types::limits::{API_FIRST_REQUEST_MS_MAX, API_HEAD_BYTES_MAX, API_HEADERS_MAX};

/// Far less than the time after which any rude client is closed.
const PATIENCE: Duration = Duration::from_secs(5);

struct Server {
    url: String,
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
}

impl Server {
    fn new(dev: &Dev) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { url: dev.url.clone(), runtime: tokio::runtime::Runtime::new().unwrap(), http }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(2 * Duration::from_millis(API_FIRST_REQUEST_MS_MAX))).unwrap();
        stream
    }

    /// Sends bytes, as many as are taken, and reads what comes until the end.
    fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(bytes); // the server may have had enough of it
        answer(&mut stream)
    }

    /// A polite client is served at once.
    #[track_caller]
    fn serves(&self) {
        let (status, _) = self.get("/v1/status");
        assert_eq!(status, StatusCode::OK);
    }

    fn get(&self, path: &str) -> (StatusCode, Value) {
        self.runtime.block_on(async {
            let answer = self.http.get(format!("{}{path}", self.url)).send().await.unwrap();
            let status = answer.status();
            (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
        })
    }
}

/// What a connection gives until it ends, by which means soever.
fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes);
    if let Err(error) = ended {
        assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "the connection is still open");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn rude_clients_cost_their_own_connection_alone() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let server = Server::new(&dev);
    // Some that say nothing, and some that do not finish.
    let mut idle: Vec<_> = (0..2_000).map(|_| server.connect()).collect();
    for stream in idle.iter_mut().skip(1_000) {
        stream.write_all(b"GET /v1/status HTTP/1.1\r\nhost: localhost\r\n").unwrap();
    }
    let began = Instant::now();
    server.serves();
    floods(&server);
    bodies(&server);
    paths(&server);
    resets(&server);
    drip(&mut idle[1_999], &server);
    assert_eq!(answer(&mut idle[0]), "", "who says nothing hears nothing");
    assert!(began.elapsed() < 2 * Duration::from_millis(API_FIRST_REQUEST_MS_MAX), "{:?}", began.elapsed());
    idle.iter_mut().for_each(|stream| drop(answer(stream)));
    server.serves();
    machine.ok(&dev, &["status"]);
}

/// One more header now and then does not keep a connection.
fn drip(stream: &mut TcpStream, server: &Server) {
    let began = Instant::now();
    while stream.write_all(b"x: y\r\n").is_ok() {
        assert!(began.elapsed() < 2 * Duration::from_millis(API_FIRST_REQUEST_MS_MAX), "it is still open");
        std::thread::sleep(Duration::from_millis(100));
    }
    server.serves();
}

fn floods(server: &Server) {
    let many = "x: y\r\n".repeat(API_HEADERS_MAX + 1);
    let refused = server.send(format!("GET /v1/status HTTP/1.1\r\nhost: localhost\r\n{many}\r\n").as_bytes());
    assert!(refused.starts_with("HTTP/1.1 431"), "{refused}");
    let large = "x".repeat(2 * API_HEAD_BYTES_MAX);
    let refused = server.send(format!("GET /v1/status HTTP/1.1\r\nhost: localhost\r\nx: {large}\r\n\r\n").as_bytes());
    assert!(refused.is_empty() || refused.starts_with("HTTP/1.1 431"), "{refused}");
    for garbage in
        [&b"\0\x01\x02\xff\r\n\r\n"[..], b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\r\n\r\n"]
    {
        let refused = server.send(garbage);
        assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");
    }
    server.serves();
}

/// Bodies that are larger than they may be, whatever they claim.
fn bodies(server: &Server) {
    let (chunk, mut stream) = (vec![7; 64 * 1024], server.connect());
    stream.write_all(b"POST /v1/commands HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10000000000\r\n\r\n").unwrap();
    let sent = (0..100_000).take_while(|_| stream.write_all(&chunk).is_ok()).count();
    assert!(sent < 1_000, "it took {sent} chunks of a command");
    let mut stream = server.connect();
    stream.write_all(b"POST /v1/ledger HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    let piece = [&b"10000\r\n"[..], &chunk, b"\r\n"].concat();
    let sent = (0..100_000).take_while(|_| stream.write_all(&piece).is_ok()).count();
    assert!(sent < 1_000, "it took {sent} chunks of a transaction");
    let lengths = "POST /v1/query HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nfour";
    assert!(server.send(lengths.as_bytes()).starts_with("HTTP/1.1 400"));
    server.serves();
}

fn paths(server: &Server) {
    assert!(server.send(b"GET /v1/nonce/\xff\xfe HTTP/1.1\r\nhost: localhost\r\n\r\n").starts_with("HTTP/1.1 400"));
    for path in ["/v1/nonce/%ff%fe", "/v1/receipts/%00", "/v1/registry/%c3%28", "/v1/receipts/0x%e2%82"] {
        let (status, problem) = server.get(path);
        assert_eq!((status.as_u16(), &problem["code"]), (400, &"malformed".into()), "{path}");
    }
    for path in ["/v1/nonce/a%2fb%2f..%2f", "//v1//status", "/%2e%2e/%2e%2e/etc/passwd", "/v1/status/"] {
        let (status, problem) = server.get(path);
        assert!(matches!(status.as_u16(), 400 | 404) && problem["code"].is_string(), "{path}: {status}");
    }
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Requests that are taken back at once, over and over: the server ends that connection.
fn resets(server: &Server) {
    let mut stream = server.connect();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    stream.write_all(&frame(4, 0, 0, &[])).unwrap();
    // GET / with the scheme http, by HPACK's static table.
    let cancelled = |id: u32| [frame(1, 5, id, &[0x82, 0x86, 0x84]), frame(3, 0, id, &[0, 0, 0, 8])].concat();
    let taken = (0..100_000).take_while(|n| stream.write_all(&cancelled(2 * n + 1)).is_ok()).count();
    assert!(taken < 100_000, "it took all of them");
    server.serves();

    // A head without end.
    let mut stream = server.connect();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    stream.write_all(&[frame(4, 0, 0, &[]), frame(1, 0, 1, &[0x82, 0x86, 0x84])].concat()).unwrap();
    let header = [&b"\x00\x01x\x7f\x80\x3e"[..], &[b'y'; 8_191]].concat();
    let taken = (0..100_000).take_while(|_| stream.write_all(&frame(9, 0, 1, &header)).is_ok()).count();
    assert!(taken < 1_000, "it took {taken} continuations");
    server.serves();
}

#[test]
fn who_asks_too_often_is_told_so_and_others_are_not() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &["--rate-limit", "5"]);
    let server = Server::new(&dev);
    let limited = (0..50).map(|_| server.get("/v1/status")).find(|(status, _)| *status != StatusCode::OK);
    let (status, problem) = limited.expect("a limit");
    assert_eq!((status, &problem["code"]), (StatusCode::TOO_MANY_REQUESTS, &"rate_limited".into()));
    let head = server.send(b"GET /v1/status HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert!(head.contains("\r\nretry-after: 1\r\n") && head.contains("\r\nx-request-id: "), "{head}");
    std::thread::sleep(Duration::from_secs(1));
    server.serves();
}

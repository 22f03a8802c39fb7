//! What is said when the URL names something else than a worker of this version.

use crate::golden::failure;
use crate::process::Machine;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// A name that is nobody's (RFC 6761).
const NOBODY: &str = "http://worker.invalid:7300";
/// What a server of TLS says to someone who does not speak it: an alert, unexpected message.
const TLS_ALERT: &[u8] = &[0x15, 3, 3, 0, 2, 2, 10];
/// How resolvers say that there is no such name, or that they cannot tell.
const UNRESOLVED: [&str; 3] =
    ["Name or service not known", "Temporary failure in name resolution", "No address associated with hostname"];

/// Answers every request by this, on a port of its own, as long as the test runs.
fn serve(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        // Kept open, for those who never answer.
        let mut streams = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or(0);
            answer(&String::from_utf8_lossy(&request[..read]), &mut stream);
            streams.push(stream);
        }
    });
    address.to_string()
}

fn says(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

fn always(bytes: Vec<u8>) -> String {
    serve(move |_, stream| drop(stream.write_all(&bytes).and_then(|()| stream.shutdown(std::net::Shutdown::Both))))
}

/// A worker of another version: what it says of its network is not to be understood.
fn other_version() -> String {
    let status = r#"{"version":"9.1.0","network":"0x12","cluster_set":[]}"#;
    let status = says("200 OK\r\ncontent-type: application/json", status);
    let genesis = says("200 OK\r\ncontent-type: application/octet-stream", "\u{1}later");
    serve(move |request, stream| {
        let answer = if request.starts_with("GET /v1/status ") { &status } else { &genesis };
        drop(stream.write_all(answer).and_then(|()| stream.shutdown(std::net::Shutdown::Both)));
    })
}

#[test]
fn golden_servers_that_are_no_workers() {
    let machine = Machine::new();
    let page = "<!doctype html><title>It works!</title>";
    let gone = r#"{"code":"not_found","status":404,"title":"There is no such thing.","detail":"no such path"}"#;
    let servers = [
        ("server-html", 1, always(says("200 OK\r\ncontent-type: text/html", page))),
        ("server-html-404", 1, always(says("404 Not Found\r\ncontent-type: text/html", page))),
        ("server-other-api", 1, always(says("404 Not Found\r\ncontent-type: application/problem+json", gone))),
        ("server-redirects", 1, always(says("301 Moved\r\nlocation: https://example.org/", ""))),
        ("server-other-version", 1, other_version()),
        ("server-endless", 1, always(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n".to_vec())),
        ("server-closes", 4, always(Vec::new())),
        ("server-not-http", 4, always(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec())),
        ("server-of-tls", 4, always(TLS_ALERT.to_vec())),
    ];
    for (name, code, address) in servers {
        let url = format!("http://{address}");
        let ran = machine.run(&["status", "--url", &url]);
        failure(name, &ran, code, &[(url.as_str(), "[SERVER]"), (env!("CARGO_PKG_VERSION"), "[VERSION]")]);
    }
}

#[test]
fn golden_servers_that_never_answer() {
    let url = format!("http://{}", serve(|_, _| {}));
    let began = std::time::Instant::now();
    let ran = Machine::new().run(&["status", "--url", &url]);
    assert!(began.elapsed() < Duration::from_secs(30), "it does not wait for ever");
    failure("server-hangs", &ran, 4, &[(url.as_str(), "[SERVER]")]);
}

#[test]
fn golden_servers_without_tls() {
    let url = format!("https://{}", always(says("400 Bad Request", "this is HTTP")));
    failure("server-without-tls", &Machine::new().run(&["status", "--url", &url]), 4, &[(url.as_str(), "[SERVER]")]);
}

#[test]
fn golden_servers_without_address() {
    let ran = Machine::new().run(&["status", "--url", NOBODY]);
    failure("host-not-found", &ran, 4, &UNRESOLVED.map(|text| (text, "[UNRESOLVED]")));
}

//! A chain of one's own, and a way to it on which answers get lost.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// A running anvil, killed at the end.
pub(super) struct Anvil {
    child: Child,
    pub(super) url: String,
}

impl Anvil {
    /// Starts one that mines each transaction at once.
    pub(super) async fn start() -> Self {
        let program = std::env::var_os("TALLOW_TEST_ANVIL").expect("`cargo xtask evm` says where anvil is");
        // Whoever takes the port in between makes the test fail at once.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--port", &port.to_string()]).stdin(Stdio::null()).stdout(Stdio::null());
        let anvil = Self { child: command.spawn().unwrap(), url: format!("http://127.0.0.1:{port}") };
        for _ in 0..400 {
            if ask(&anvil.url, "eth_chainId", json!([])).await.is_ok() {
                return anvil;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("anvil does not answer");
    }

    /// Asks what must have an answer.
    pub(super) async fn ask(&self, method: &str, params: Value) -> Value {
        ask(&self.url, method, params).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// A number that it answers.
    pub(super) async fn number(&self, method: &str, params: Value) -> u64 {
        let answer = self.ask(method, params).await;
        u64::from_str_radix(answer.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn ask(url: &str, method: &str, params: Value) -> Result<Value, String> {
    let question = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let (status, answer) = forward(url, question.to_string().into()).await?;
    let answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
    match &answer["error"] {
        Value::Null if status == 200 => Ok(answer["result"].clone()),
        error => Err(error.to_string()),
    }
}

async fn forward(url: &str, body: Bytes) -> Result<(u16, Bytes), String> {
    let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(body);
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    Ok((status, answer.bytes().await.map_err(|error| error.to_string())?))
}

/// What happens to the answer of the next request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// The request never reaches the node, and nobody answers.
    Held,
    /// The node gets it and answers, and nobody hears it.
    Unheard,
    /// The node gets it and answers, and the connection breaks amid the answer.
    Broken,
    /// The answer is heard; the test hears of it too.
    Heard,
}

/// Between contract and node: passes everything on, but for one request of a method.
#[derive(Clone)]
pub(super) struct Proxy {
    node: String,
    next: Arc<Mutex<Option<(&'static str, Fault)>>>,
    reached: Arc<Notify>,
}

impl Proxy {
    /// Starts one, and says where.
    pub(super) async fn start(node: &str) -> (Self, String) {
        let proxy = Self { node: node.to_owned(), next: Arc::default(), reached: Arc::default() };
        let router = axum::Router::new().route("/", axum::routing::post(pass)).with_state(proxy.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (proxy, url)
    }

    /// Lets this happen to the next request of the method.
    pub(super) fn next(&self, method: &'static str, fault: Fault) {
        *self.next.lock().unwrap() = Some((method, fault));
    }

    /// Waits until it happened: the request came, and the node answered if it got it.
    pub(super) async fn reached(&self) {
        let waited = tokio::time::timeout(Duration::from_secs(20), self.reached.notified()).await;
        waited.expect("the request comes");
    }

    fn fault(&self, body: &[u8]) -> Option<Fault> {
        let mut next = self.next.lock().unwrap();
        let body = String::from_utf8_lossy(body);
        next.take_if(|(method, _)| body.contains(&format!("\"{method}\""))).map(|(_, fault)| fault)
    }
}

async fn pass(State(proxy): State<Proxy>, body: Bytes) -> Response {
    let fault = proxy.fault(&body);
    if fault == Some(Fault::Held) {
        proxy.reached.notify_one();
        return std::future::pending().await;
    }
    let (status, answer) = forward(&proxy.node, body).await.unwrap();
    if fault.is_some() {
        proxy.reached.notify_one();
    }
    let body = match fault {
        Some(Fault::Unheard) => return std::future::pending().await,
        Some(Fault::Broken) => {
            let broken = std::io::Error::other("broken on purpose");
            Body::from_stream(futures::stream::iter([Ok(answer.slice(..answer.len() / 2)), Err(broken)]))
        }
        _ => Body::from(answer),
    };
    Response::builder().status(status).body(body).unwrap()
}

mod addresses;
mod bounds;
mod limits;
mod policy;
mod requests;
mod server;

use crate::{Client, Policy};
use server::Server;
use tallow_types::{AccountId, Answer, ExternalCall, HttpError, HttpRequest, HttpResponse};

type Outcome = Result<HttpResponse, HttpError>;

const CALLER: AccountId = AccountId([1; 32]);
const TIMEOUT_MS: u64 = 5_000;

fn development() -> Client {
    Client::new(Policy::development()).unwrap()
}

fn get(url: impl Into<String>) -> HttpRequest {
    HttpRequest { url: url.into(), method: "GET".into(), headers: Vec::new(), body: Vec::new() }
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

async fn batch(client: &Client, requests: Vec<HttpRequest>, timeout_ms: u64, key: Option<&str>) -> Vec<Outcome> {
    let Answer::Http(results) = client.perform(&CALLER, &ExternalCall::Http { requests, timeout_ms }, key).await;
    results
}

async fn one(client: &Client, request: HttpRequest) -> Outcome {
    let mut results = batch(client, vec![request], TIMEOUT_MS, None).await;
    assert_eq!(results.len(), 1);
    results.remove(0)
}

/// A server that answers every connection with these bytes and closes it.
async fn replying(reply: impl Into<Vec<u8>>) -> Server {
    let reply = reply.into();
    Server::start("127.0.0.1", move |_| server::Reply::Bytes(reply.clone())).await
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

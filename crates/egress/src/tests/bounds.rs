//! What all callers have together, and that none can have all of it.

use super::*;
use crate::hosts::Hosts;
use futures::future::join_all;
use server::Reply;
use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tallow_types::limits::{
    CALL_TIME_MS_MAX, DNS_LOOKUPS_MAX, HTTP_BODY_BYTES_MAX, HTTP_HEADER_BYTES_MAX, HTTP_IDLE_HOSTS_MAX,
    HTTP_IDLE_MS_MAX, HTTP_RESPONSES_BYTES_MAX, HTTP_RESPONSES_BYTES_PER_CALLER_MAX,
};

const OTHER: AccountId = AccountId([2; 32]);
/// Longer than any call of these tests.
const HUNG: Duration = Duration::from_millis(1_500);

async fn get_of(client: &Client, caller: &AccountId, url: &str, timeout_ms: u64) -> Outcome {
    let call = ExternalCall::Http { requests: vec![get(url)], timeout_ms };
    let Answer::Http(mut results) = client.perform(caller, &call, None).await;
    results.remove(0)
}

/// Announces the largest body and sends next to nothing of it; or answers at once.
async fn dripping() -> Server {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {HTTP_BODY_BYTES_MAX}\r\n\r\n").into_bytes();
    Server::start("127.0.0.1", move |request| {
        if request.starts_with("GET /drip") {
            Reply::Endless(head.clone(), b"x".to_vec(), Duration::from_millis(50))
        } else {
            Reply::Bytes(ok("quick").into_bytes())
        }
    })
    .await
}

#[tokio::test]
async fn responses_of_one_caller_leave_memory_for_others() {
    let (server, client) = (dripping().await, development());
    let (drip, quick) = (server.url("/drip"), server.url("/quick"));
    let fit = HTTP_RESPONSES_BYTES_PER_CALLER_MAX / (HTTP_BODY_BYTES_MAX + HTTP_HEADER_BYTES_MAX);
    let drips = join_all((0..=fit).map(|_| get_of(&client, &CALLER, &drip, 1_000)));
    let quicks = async {
        while server.seen().len() <= fit {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(client.memory_left() < HTTP_RESPONSES_BYTES_MAX - fit * HTTP_BODY_BYTES_MAX);
        // Its share is used up, and what waits for the rest of it was there before.
        assert_eq!(get_of(&client, &CALLER, &quick, 300).await, Err(HttpError::Timeout));
        get_of(&client, &OTHER, &quick, 300).await
    };
    let (drips, quick_of_other) = tokio::join!(drips, quicks);
    assert_eq!(quick_of_other.unwrap().body, b"quick");
    assert!(drips.iter().all(|result| *result == Err(HttpError::Timeout)));
    assert_eq!(client.memory_left(), HTTP_RESPONSES_BYTES_MAX, "all of it is given back");
    assert_eq!(get_of(&client, &CALLER, &quick, TIMEOUT_MS).await.unwrap().body, b"quick");
}

#[tokio::test]
async fn a_response_holds_no_more_than_it_has() {
    let endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n".to_vec();
    let server = Server::start("127.0.0.1", move |request| {
        if request.starts_with("GET /hang") { Reply::Hang } else { Reply::Bytes([&endless[..], b"0\r\n\r\n"].concat()) }
    })
    .await;
    let client = development();
    let requests = vec![get(server.url("/hang")), get(server.url("/chunked"))];
    let watch = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        client.memory_left()
    };
    let (results, left) = tokio::join!(batch(&client, requests, 800, None), watch);
    assert_eq!(results[1].as_ref().unwrap().body, b"x");
    assert_eq!(left, HTTP_RESPONSES_BYTES_MAX - HTTP_HEADER_BYTES_MAX - 1, "held until the batch is answered");
    assert_eq!(client.memory_left(), HTTP_RESPONSES_BYTES_MAX);
}

/// A resolver of whose names some hang.
fn lookup(name: &str) -> io::Result<Vec<SocketAddr>> {
    if name.starts_with("hang") {
        std::thread::sleep(HUNG);
    }
    Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))])
}

#[tokio::test]
async fn names_that_hang_hold_up_their_caller_alone() {
    let server = replying(ok("found")).await;
    let client = Client::with_lookup(Policy::development(), lookup).unwrap();
    let url = |name: String| format!("http://{name}:{}/", server.address.port());
    let hanging = join_all((0..2 * DNS_LOOKUPS_MAX).map(|index| {
        let (client, url) = (client.clone(), url(format!("hang{index}.test")));
        async move { get_of(&client, &CALLER, &url, 1_000).await }
    }));
    let others = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let own = get_of(&client, &CALLER, &url("own.test".into()), 300).await;
        (own, get_of(&client, &OTHER, &url("other.test".into()), 300).await)
    };
    let (hanging, (own, other)) = tokio::join!(hanging, others);
    assert!(hanging.iter().all(|result| *result == Err(HttpError::Timeout)));
    assert_eq!(own, Err(HttpError::Timeout), "it waits behind those of its caller");
    assert_eq!(other.unwrap().body, b"found");
}

#[tokio::test]
async fn idle_connections_are_kept_to_so_many_hosts() {
    let mut servers = Vec::new();
    for _ in 0..HTTP_IDLE_HOSTS_MAX + 8 {
        servers.push(Server::start("127.0.0.1", |_| Reply::Kept(ok("x").into_bytes())).await);
    }
    let client = development();
    for server in &servers {
        assert_eq!(one(&client, get(server.url("/"))).await.unwrap().body, b"x");
    }
    let open = || servers.iter().map(Server::open).sum::<usize>();
    let began = Instant::now();
    while open() > HTTP_IDLE_HOSTS_MAX && began.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(open(), HTTP_IDLE_HOSTS_MAX);
}

#[test]
fn a_host_makes_room_when_its_connections_are_gone() {
    let (mut hosts, now) = (Hosts::default(), Instant::now());
    let host = |index: usize| format!("https://{index}.test");
    assert!((0..HTTP_IDLE_HOSTS_MAX).all(|index| hosts.keep(host(index), now)));
    assert!(!hosts.keep(host(HTTP_IDLE_HOSTS_MAX), now));
    assert!(hosts.keep(host(0), now + Duration::from_millis(HTTP_IDLE_MS_MAX)), "known ones stay");
    let later = now + Duration::from_millis(CALL_TIME_MS_MAX + HTTP_IDLE_MS_MAX);
    assert!(hosts.keep(host(HTTP_IDLE_HOSTS_MAX), later));
    assert!(hosts.keep(host(0), later), "it was used meanwhile");
}

use super::*;
use server::Reply;
use std::time::{Duration, Instant};
use tallow_types::limits::{HTTP_BODY_BYTES_MAX, HTTP_HEADERS_MAX};

async fn within(client: &Client, url: String, timeout_ms: u64) -> Outcome {
    batch(client, vec![get(url)], timeout_ms, None).await.remove(0)
}

#[tokio::test]
async fn a_server_that_hangs_times_out_and_holds_up_nobody_else() {
    let server = Server::start("127.0.0.1", |request| {
        if request.starts_with("GET /hang") { Reply::Hang } else { Reply::Bytes(ok("quick").into_bytes()) }
    })
    .await;
    let requests = vec![get(server.url("/hang")), get(server.url("/quick"))];
    let start = Instant::now();
    let results = batch(&development(), requests, 300, None).await;
    assert_eq!(results[0], Err(HttpError::Timeout));
    assert_eq!(results[1].as_ref().unwrap().body, b"quick");
    assert!(start.elapsed() < Duration::from_secs(5), "the time-out is that of the call");
}

#[tokio::test]
async fn a_slow_drip_times_out() {
    let drip = |head: &str| Reply::Endless(head.as_bytes().to_vec(), b"x".to_vec(), Duration::from_millis(20));
    let body = drip("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
    let head = drip("HTTP/1.1 200 OK\r\nx-slow: ");
    for reply in [body, head] {
        let server = Server::start("127.0.0.1", move |_| reply.clone()).await;
        assert_eq!(within(&development(), server.url("/"), 300).await, Err(HttpError::Timeout));
    }
}

#[tokio::test]
async fn no_time_at_all_is_a_timeout() {
    let server = Server::start("127.0.0.1", |_| Reply::Hang).await;
    assert_eq!(within(&development(), server.url("/"), 0).await, Err(HttpError::Timeout));
}

#[tokio::test]
async fn an_endless_body_is_too_large_whatever_its_framing() {
    let part = vec![b'x'; 0x10000];
    let chunk = [b"10000\r\n".as_slice(), &part, b"\r\n"].concat();
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let until_close = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    for (head, then) in [(chunked, chunk), (until_close, part)] {
        let server =
            Server::start("127.0.0.1", move |_| Reply::Endless(head.clone(), then.clone(), Duration::ZERO)).await;
        assert_eq!(one(&development(), get(server.url("/"))).await, Err(HttpError::ResponseTooLarge));
    }
}

#[tokio::test]
async fn the_largest_body_is_taken_and_one_byte_more_is_not() {
    let largest = "x".repeat(HTTP_BODY_BYTES_MAX);
    let server = replying(ok(&largest)).await;
    assert_eq!(one(&development(), get(server.url("/"))).await.unwrap().body.len(), HTTP_BODY_BYTES_MAX);
    let server = replying(ok(&format!("{largest}x"))).await;
    assert_eq!(one(&development(), get(server.url("/"))).await, Err(HttpError::ResponseTooLarge));
}

#[tokio::test]
async fn response_headers_are_bounded_in_number_and_size() {
    let reply = |count: usize, value: &str| {
        let headers: String = (0..count).map(|index| format!("h{index}: {value}\r\n")).collect();
        format!("HTTP/1.1 200 OK\r\n{headers}\r\n")
    };
    let cases = [
        (reply(HTTP_HEADERS_MAX, "v"), None),
        (reply(HTTP_HEADERS_MAX + 1, "v"), Some(HttpError::TooManyHeaders)),
        (reply(2_000, "v"), Some(HttpError::TooManyHeaders)),
        (reply(200, &"v".repeat(500)), Some(HttpError::TooManyHeaders)),
        (reply(1, &"v".repeat(2_000_000)), Some(HttpError::TooManyHeaders)),
    ];
    for (index, (reply, expected)) in cases.into_iter().enumerate() {
        let server = replying(reply).await;
        assert_eq!(one(&development(), get(server.url("/"))).await.err(), expected, "case {index}");
    }
    let server = Server::start("127.0.0.1", |_| {
        Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"a: b\r\n".repeat(1000), Duration::ZERO)
    })
    .await;
    assert_eq!(one(&development(), get(server.url("/"))).await, Err(HttpError::TooManyHeaders));
}

#[tokio::test]
async fn malformed_and_broken_responses_are_network_errors() {
    let replies = [
        "",
        "nonsense\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
    ];
    for reply in replies {
        let server = replying(reply).await;
        assert_eq!(one(&development(), get(server.url("/"))).await, Err(HttpError::NetworkError), "{reply:?}");
    }
}

#[tokio::test]
async fn a_closed_port_is_a_network_error() {
    let server = replying("").await;
    let url = server.url("/");
    drop(server);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(one(&development(), get(url)).await, Err(HttpError::NetworkError));
}

#[tokio::test]
async fn a_compressed_body_is_passed_on_as_it_is() {
    let reply = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00";
    let server = replying(reply.as_slice()).await;
    assert_eq!(one(&development(), get(server.url("/"))).await.unwrap().body, b"\x1f\x8b\x08\x00");
    assert!(!server.seen()[0].contains("accept-encoding"));
}

#[tokio::test]
async fn many_calls_at_once_all_have_their_answer() {
    let server = replying(ok("x")).await;
    let client = development();
    let calls = (0..200).map(|_| one(&client, get(server.url("/"))));
    let results = futures::future::join_all(calls).await;
    assert!(results.iter().all(|result| result.as_ref().is_ok_and(|response| response.body == b"x")));
}

use super::*;
use tallow_types::limits::{HTTP_HEADERS_MAX, HTTP_URL_BYTES_MAX};

#[tokio::test]
async fn a_response_arrives_whole() {
    let server = replying("HTTP/1.1 200 OK\r\nx-a: 1\r\nx-a: 2\r\ncontent-length: 5\r\n\r\nhello").await;
    let response = one(&development(), get(server.url("/path?q=1"))).await.unwrap();
    assert_eq!((response.status_code, response.reason_phrase.as_str()), (200, "OK"));
    assert_eq!(response.body, b"hello");
    assert_eq!(response.headers, headers(&[("x-a", "1"), ("x-a", "2"), ("content-length", "5")]));
    assert!(server.seen()[0].starts_with("GET /path?q=1 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn an_error_status_is_a_response() {
    let server = replying("HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\nfail").await;
    let response = one(&development(), get(server.url("/"))).await.unwrap();
    assert_eq!((response.status_code, response.body.as_slice()), (500, b"fail".as_slice()));
}

#[tokio::test]
async fn the_server_sees_what_the_contract_wrote_and_our_key() {
    let server = replying(ok("")).await;
    let request = HttpRequest {
        method: "POST".into(),
        headers: headers(&[("X-Token", "abc"), ("Idempotency-Key", "mine"), ("Content-Length", "999")]),
        body: b"body".to_vec(),
        ..get(server.url("/"))
    };
    let results = batch(&development(), vec![request], TIMEOUT_MS, Some("key")).await;
    assert!(results[0].is_ok());
    let seen = &server.seen()[0];
    assert!(seen.starts_with("POST / ") && seen.ends_with("\r\n\r\nbody"), "{seen}");
    assert!(seen.contains("x-token: abc\r\n") && seen.contains("content-length: 4\r\n"), "{seen}");
    assert!(seen.contains("idempotency-key: key\r\n") && !seen.contains("mine"), "{seen}");
    assert!(seen.contains(concat!("user-agent: tallow/", env!("CARGO_PKG_VERSION"), "\r\n")), "{seen}");
}

#[tokio::test]
async fn without_a_key_the_contracts_own_is_sent_and_its_user_agent_too() {
    let server = replying(ok("")).await;
    let mine = headers(&[("idempotency-key", "mine"), ("user-agent", "bot/1")]);
    assert!(one(&development(), HttpRequest { headers: mine, ..get(server.url("/")) }).await.is_ok());
    let seen = &server.seen()[0];
    assert!(seen.contains("idempotency-key: mine\r\n"), "{seen}");
    assert!(seen.contains("user-agent: bot/1\r\n") && !seen.contains("tallow"), "{seen}");
}

#[tokio::test]
async fn a_batch_keeps_its_order_and_has_one_key_each() {
    let server =
        Server::start("127.0.0.1", |request| server::Reply::Bytes(ok(request.split(' ').nth(1).unwrap()).into_bytes()))
            .await;
    let mut requests: Vec<_> = (0..5).map(|index| get(server.url(&format!("/{index}")))).collect();
    requests[3].url = "nonsense".into();
    let results = batch(&development(), requests, TIMEOUT_MS, Some("key")).await;
    let bodies: Vec<_> = results.into_iter().map(|result| result.map(|response| response.body)).collect();
    let body = |text: &str| Ok(text.as_bytes().to_vec());
    assert_eq!(bodies, [body("/0"), body("/1"), body("/2"), Err(HttpError::InvalidUrl), body("/4")]);
    for seen in server.seen() {
        let index = &seen[5..6];
        assert!(seen.contains(&format!("idempotency-key: key-{index}\r\n")), "{seen}");
    }
}

#[tokio::test]
async fn malformed_requests_have_their_own_errors() {
    let server = replying(ok("")).await;
    let valid = get(server.url("/"));
    let url = |url: &str| HttpRequest { url: url.into(), ..valid.clone() };
    let method = |method: &str| HttpRequest { method: method.into(), ..valid.clone() };
    let header = |name: &str, value: &str| HttpRequest { headers: headers(&[(name, value)]), ..valid.clone() };
    let long = format!("{}{}", server.url("/"), "a".repeat(HTTP_URL_BYTES_MAX));
    let cases = [
        (url(""), HttpError::InvalidUrl),
        (url("/relative"), HttpError::InvalidUrl),
        (url("http://"), HttpError::InvalidUrl),
        (url("http://a b/"), HttpError::InvalidUrl),
        (url("http://127.0.0.1:99999/"), HttpError::InvalidUrl),
        (url("ftp://127.0.0.1/"), HttpError::InvalidUrl),
        (url("file:///etc/passwd"), HttpError::InvalidUrl),
        (url("sidevm://00/"), HttpError::InvalidUrl),
        (url(&long), HttpError::InvalidUrl),
        (method(""), HttpError::InvalidMethod),
        (method("GE T"), HttpError::InvalidMethod),
        (method("GET\r\nx: y"), HttpError::InvalidMethod),
        (method("CONNECT"), HttpError::NotAllowed),
        (method("Trace"), HttpError::NotAllowed),
        (header("", "v"), HttpError::InvalidHeaderName),
        (header("a b", "v"), HttpError::InvalidHeaderName),
        (header("a\r\nb", "v"), HttpError::InvalidHeaderName),
        (header("a", "v\r\nb: c"), HttpError::InvalidHeaderValue),
        (header("a", "\0"), HttpError::InvalidHeaderValue),
        (header("host", "elsewhere"), HttpError::NotAllowed),
        (header("Transfer-Encoding", "chunked"), HttpError::NotAllowed),
        (header("upgrade", "websocket"), HttpError::NotAllowed),
    ];
    let client = development();
    for (request, expected) in cases {
        assert_eq!(one(&client, request.clone()).await, Err(expected), "{request:?}");
    }
    assert_eq!(server.seen(), Vec::<String>::new());
    let host = server.address.to_string();
    assert!(one(&client, header("Host", &host)).await.is_ok());
}

#[tokio::test]
async fn too_many_requests_and_too_many_headers_are_refused() {
    let server = replying(ok("")).await;
    let client = development();
    let results = batch(&client, vec![get(server.url("/")); 6], TIMEOUT_MS, None).await;
    assert_eq!(results, vec![Err(HttpError::TooManyRequests); 6]);
    let many = vec![("a".to_owned(), "b".to_owned()); HTTP_HEADERS_MAX + 1];
    assert_eq!(
        one(&client, HttpRequest { headers: many, ..get(server.url("/")) }).await,
        Err(HttpError::TooManyHeaders)
    );
    assert_eq!(server.seen(), Vec::<String>::new());
    assert_eq!(batch(&client, Vec::new(), TIMEOUT_MS, None).await, Vec::<Outcome>::new());
}

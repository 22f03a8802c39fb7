use super::*;
use server::Reply;

fn internet() -> Client {
    Client::new(Policy::internet()).unwrap()
}

/// A client that may reach 127.0.0.2, and no other address of this machine.
fn one_address() -> Client {
    Client::new(Policy { allow_addresses: vec!["127.0.0.2".parse().unwrap()], ..Policy::internet() }).unwrap()
}

async fn redirecting(status: &'static str, to: String) -> Server {
    Server::start("127.0.0.2", move |request| {
        Reply::Bytes(if request.starts_with("GET /end") || request.starts_with("PUT /end") {
            ok("end").into_bytes()
        } else {
            format!("HTTP/1.1 {status}\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .into_bytes()
        })
    })
    .await
}

#[tokio::test]
async fn every_way_to_write_loopback_is_refused_and_never_connected_to() {
    let server = replying(ok("secret")).await;
    let port = server.address.port();
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "127.0.0.1.",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[0:0:0:0:0:ffff:7f00:1]",
        "0.0.0.0",
        "0",
        "example.com@127.0.0.1",
        "example.com:80@localhost",
        "example.com%40@127.0.0.1",
        "①②⑦.⓪.⓪.①",
    ];
    let client = internet();
    for host in hosts {
        let result = one(&client, get(format!("http://{host}:{port}/"))).await;
        assert_eq!(result, Err(HttpError::NotAllowed), "{host}");
    }
    // Whether the host's resolver knows this form differs; it is no way in either way.
    assert!(one(&client, get(format!("http://localhost.:{port}/"))).await.is_err());
    assert_eq!(server.seen(), Vec::<String>::new());
    assert!(one(&development(), get(format!("http://localhost:{port}/"))).await.is_ok());
}

#[tokio::test]
async fn a_redirect_to_a_refused_address_is_refused() {
    let secret = replying(ok("secret")).await;
    let port = secret.address.port();
    let targets = [
        secret.url("/"),
        format!("http://localhost:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("http://x@127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "ftp://example.com/".to_owned(),
    ];
    for target in targets {
        let server = redirecting("302 Found", target.clone()).await;
        assert_eq!(one(&one_address(), get(server.url("/"))).await, Err(HttpError::NotAllowed), "{target}");
        assert_eq!(server.seen().len(), 1);
    }
    assert_eq!(secret.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn a_redirect_to_a_permitted_address_is_followed() {
    let server = redirecting("302 Found", "/end".into()).await;
    assert_eq!(one(&one_address(), get(server.url("/"))).await.unwrap().body, b"end");
}

#[tokio::test]
async fn a_redirect_without_a_usable_location_is_the_response() {
    let server = redirecting("302 Found", "http://[".into()).await;
    assert_eq!(one(&one_address(), get(server.url("/"))).await.unwrap().status_code, 302);
}

#[tokio::test]
async fn redirects_end() {
    let server = redirecting("301 Moved Permanently", "/again".into()).await;
    assert_eq!(one(&one_address(), get(server.url("/"))).await, Err(HttpError::NetworkError));
    assert_eq!(server.seen().len(), tallow_types::limits::HTTP_REDIRECTS_MAX + 1);
}

#[tokio::test]
async fn a_redirected_post_becomes_a_get_and_a_preserved_put_keeps_its_body() {
    let mut request = HttpRequest {
        method: "POST".into(),
        body: b"payload".to_vec(),
        headers: headers(&[("content-type", "text/plain"), ("x-mine", "1")]),
        ..get("")
    };
    let server = redirecting("303 See Other", "/end".into()).await;
    request.url = server.url("/");
    assert_eq!(one(&one_address(), request.clone()).await.unwrap().body, b"end");
    let second = &server.seen()[1];
    assert!(second.starts_with("GET /end") && second.contains("x-mine: 1"), "{second}");
    assert!(!second.contains("payload") && !second.contains("content-type"), "{second}");

    let server = redirecting("308 Permanent Redirect", "/end".into()).await;
    request.url = server.url("/");
    request.method = "PUT".into();
    assert_eq!(one(&one_address(), request).await.unwrap().body, b"end");
    let second = &server.seen()[1];
    assert!(second.starts_with("PUT /end") && second.ends_with("payload"), "{second}");
}

#[tokio::test]
async fn credentials_do_not_follow_to_another_origin() {
    let end = Server::start("127.0.0.2", |_| Reply::Bytes(ok("end").into_bytes())).await;
    let server = redirecting("307 Temporary Redirect", end.url("/end")).await;
    let secrets = headers(&[
        ("authorization", "Bearer s3cret"),
        ("cookie", "s3cret"),
        ("x-api-key", "s3cret"),
        ("private-token", "s3cret"),
        ("x-of-its-own", "s3cret"),
        ("accept", "text/plain"),
        ("content-type", "text/csv"),
    ]);
    let request = HttpRequest { method: "PUT".into(), headers: secrets, body: b"row".to_vec(), ..get(server.url("/")) };
    assert!(one(&one_address(), request).await.is_ok());
    assert_eq!(server.seen()[0].matches("s3cret").count(), 5);
    let passed_on = &end.seen()[0];
    assert!(!passed_on.contains("s3cret"), "{passed_on}");
    assert!(passed_on.contains("accept: text/plain") && passed_on.contains("content-type: text/csv"), "{passed_on}");
}

#[tokio::test]
async fn plain_http_is_counted_or_refused() {
    let server = replying(ok("")).await;
    let client = development();
    assert!(one(&client, get(server.url("/"))).await.is_ok());
    assert_eq!(client.plain_http_requests(), 1);
    let strict = Client::new(Policy { allow_http: false, ..Policy::development() }).unwrap();
    assert_eq!(one(&strict, get(server.url("/"))).await, Err(HttpError::NotAllowed));
    assert_eq!(strict.plain_http_requests(), 0);
}

#[test]
fn a_redirect_never_leaves_https() {
    let policy = Policy::internet();
    let request = crate::request::Checked::new(&policy, &get("https://example.com/"), None).unwrap();
    let location = |to: &'static str| {
        let mut map = reqwest::header::HeaderMap::new();
        map.insert("location", to.parse().unwrap());
        request.redirected(&policy, reqwest::StatusCode::FOUND, &map).map(Option::unwrap)
    };
    assert_eq!(location("http://example.com/").unwrap_err(), HttpError::NotAllowed);
    assert_eq!(location("https://u:p@example.org/x").unwrap().url.as_str(), "https://example.org/x");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_a_network_error() {
    let server = replying(ok("plain")).await;
    let result = one(&development(), get(format!("https://{}/", server.address))).await;
    assert_eq!(result, Err(HttpError::NetworkError));
}

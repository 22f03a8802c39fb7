//! What every request passes, without a worker behind it.

use super::super::config::{Pages, Readers as Metrics};
use super::*;
use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Router, middleware};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use std::num::NonZeroU32;

async fn take(bytes: Result<Bytes, BytesRejection>) -> Result<String, Failure> {
    problem::bytes(bytes).map(|bytes| bytes.len().to_string())
}

async fn panics() {
    panic!("on purpose");
}

async fn timed() -> Response {
    let mut response = "fine".into_response();
    let (queue, run) = (Duration::from_micros(1_500), Duration::from_millis(2));
    response.extensions_mut().insert(Timing { queue: Some(queue), run: Some(run) });
    response
}

fn router(config: &ApiConfig) -> Router {
    behind(Arc::into_inner(Edge::new(config, metrics::Shared::default())).unwrap())
}

fn behind(edge: Edge) -> Router {
    Router::new()
        .route("/v1/status", get(timed))
        .route("/v1/commands", post(take).layer(DefaultBodyLimit::max(100)))
        .route("/v1/nonce/{account}", get(async |path| problem::parameter(path)))
        .route(METRICS, get(|| async { "numbers" }))
        .route("/panics", get(panics))
        .route("/never", get(std::future::pending::<()>))
        .method_not_allowed_fallback(problem::other_method)
        .fallback(problem::no_such_path)
        .layer(middleware::from_fn_with_state(Arc::new(edge), pass))
}

/// Of a worker that pages of any site may use.
fn open() -> ApiConfig {
    ApiConfig { pages: Pages::Any, ..ApiConfig::default() }
}

async fn ask(request: axum::http::request::Builder, body: Body) -> Response {
    let router = TowerToHyperService::new(router(&open()));
    router.call(request.body(body).unwrap()).await.unwrap()
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// Checks that an answer is this error, as a document, with what every answer has.
#[track_caller]
fn is_problem(response: Response, code: Code) -> impl Future<Output = Value> {
    assert_eq!(response.status().as_u16(), code.status());
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    assert_eq!(header(&response, "access-control-allow-origin"), "*");
    assert!(header(&response, "server-timing").contains("total;dur="));
    let id = header(&response, "x-request-id").to_owned();
    let length = header(&response, "content-length").to_owned();
    async move {
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert!(length.is_empty() || length == body.len().to_string(), "{length}");
        let problem: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["code"], serde_json::to_value(code).unwrap());
        assert_eq!(problem["status"], code.status());
        assert_eq!(problem["request_id"], id);
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        problem
    }
}

#[tokio::test]
async fn every_answer_has_an_id_and_its_timing_and_may_be_read_by_any_page() {
    let response = ask(request("GET", "/v1/status").header("x-request-id", "abc-1_2.3"), Body::empty()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "x-request-id"), "abc-1_2.3");
    let timing = header(&response, "server-timing");
    assert!(timing.starts_with("queue;dur=1.500, run;dur=2.000, total;dur="), "{timing}");
    assert_eq!(header(&response, "access-control-allow-origin"), "*");
    assert_eq!(header(&response, "cache-control"), "no-store");
    let mut made = Vec::new();
    for wrong in ["", "with space", "<b>", "a\"b", &"x".repeat(65)] {
        let response = ask(request("GET", "/v1/status").header("x-request-id", wrong), Body::empty()).await;
        let id = header(&response, "x-request-id").to_owned();
        assert!(id.len() == 16 && id != wrong && !made.contains(&id), "{id}");
        made.push(id);
    }
}

#[tokio::test]
async fn what_axum_refuses_is_a_problem_too() {
    is_problem(ask(request("GET", "/v2"), Body::empty()).await, Code::NotFound).await;
    is_problem(ask(request("POST", "/v1/commands"), Body::from(vec![0; 101])).await, Code::TooLarge).await;
    is_problem(ask(request("GET", "/v1/nonce/%ff%fe"), Body::empty()).await, Code::Malformed).await;
    let response = ask(request("DELETE", "/v1/status"), Body::empty()).await;
    assert_eq!(header(&response, "allow"), "GET,HEAD");
    is_problem(response, Code::MethodNotAllowed).await;
    let response = ask(request("HEAD", "/v1/commands"), Body::empty()).await;
    assert_eq!((response.status(), header(&response, "allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
}

#[tokio::test]
async fn browsers_that_ask_beforehand_may_go_on() {
    let asked = request("OPTIONS", "/v1/commands")
        .header("origin", "https://example.org")
        .header("access-control-request-method", "POST");
    let response = ask(asked, Body::empty()).await;
    assert_eq!((response.status(), header(&response, "allow")), (StatusCode::NO_CONTENT, "POST"));
    assert_eq!(header(&response, "access-control-allow-origin"), "*");
    assert!(header(&response, "access-control-allow-methods").contains("POST"));
    assert!(header(&response, "access-control-allow-headers").contains("content-type"));
    assert_eq!(header(&response, "access-control-allow-credentials"), "");
}

#[tokio::test]
async fn heads_are_as_gets_without_the_body() {
    let response = ask(request("HEAD", "/v1/status"), Body::empty()).await;
    assert_eq!((response.status(), header(&response, "content-length")), (StatusCode::OK, "4"));
    assert!(axum::body::to_bytes(response.into_body(), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn media_types_are_checked() {
    let posted = |kind: &str| ask(request("POST", "/v1/commands").header("content-type", kind), Body::from("four"));
    for good in ["application/octet-stream", "Application/Octet-Stream; x=y"] {
        assert_eq!(posted(good).await.status(), StatusCode::OK, "{good}");
    }
    assert_eq!(ask(request("POST", "/v1/commands"), Body::from("four")).await.status(), StatusCode::OK);
    for bad in ["application/json", "text/plain", ""] {
        is_problem(posted(bad).await, Code::UnsupportedMediaType).await;
    }
    let accepting = |kinds: &str| ask(request("GET", "/v1/status").header("accept", kinds), Body::empty());
    for good in ["*/*", "text/html, application/json;q=0.9", "application/*"] {
        assert_eq!(accepting(good).await.status(), StatusCode::OK, "{good}");
    }
    is_problem(accepting("text/html, image/*").await, Code::NotAcceptable).await;
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let config = ApiConfig { requests_per_address: NonZeroU32::new(1), ..open() };
    let router = TowerToHyperService::new(router(&config));
    let mut last = None;
    for _ in 0..3 {
        last = Some(router.call(request("GET", "/v1/status").body(Body::empty()).unwrap()).await.unwrap());
    }
    let last = last.unwrap();
    assert_eq!(header(&last, "retry-after"), "1");
    is_problem(last, Code::RateLimited).await;
}

#[tokio::test]
async fn metrics_are_for_the_own_machine() {
    let asked = |metrics, client: [u8; 4], proxy: Option<&str>| {
        let router = TowerToHyperService::new(router(&ApiConfig { metrics, ..open() }));
        let mut request = request("GET", METRICS);
        if let Some(proxy) = proxy {
            request = request.header(proxy, "for=192.0.2.1");
        }
        let request = request.extension(Client(client.into())).body(Body::empty()).unwrap();
        async move { router.call(request).await.unwrap().status().as_u16() }
    };
    let (here, elsewhere) = ([127, 0, 0, 1], [192, 0, 2, 1]);
    assert_eq!(asked(Metrics::Nobody, here, None).await, 404, "a proxy here need not say that it is one");
    assert_eq!(asked(Metrics::Machine, here, None).await, 200);
    assert_eq!(asked(Metrics::Machine, elsewhere, None).await, 404);
    for header in FORWARDED {
        assert_eq!(asked(Metrics::Machine, here, Some(header)).await, 404, "{header}");
    }
    assert_eq!(asked(Metrics::Machine, here, Some("origin")).await, 404, "a page of any site");
    assert_eq!(asked(Metrics::Everybody, elsewhere, None).await, 200);
}

#[tokio::test]
async fn a_page_of_another_site_reads_nothing() {
    let router = TowerToHyperService::new(router(&ApiConfig::default()));
    for (method, path) in [("GET", "/v1/status"), ("OPTIONS", "/v1/commands"), ("POST", "/v1/commands"), ("GET", "/x")]
    {
        let asked = request(method, path).header("host", "localhost:7300").header("origin", "https://evil.example");
        let refused = router.call(asked.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{method} {path}");
        let names: Vec<&str> = refused.headers().keys().map(HeaderName::as_str).collect();
        assert!(!names.iter().any(|name| name.starts_with("access-control-allow")), "{names:?}");
    }
    let rebound = request("GET", METRICS).header("host", "rebound.example").body(Body::empty()).unwrap();
    assert_eq!(router.call(rebound).await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn a_fault_of_a_handler_is_its_own() {
    is_problem(ask(request("GET", "/panics"), Body::empty()).await, Code::Internal).await;
}

#[tokio::test]
async fn nothing_takes_for_ever() {
    let times = Times { answer: Duration::from_millis(400), body: Duration::from_millis(100) };
    let edge = Edge { times, ..Arc::into_inner(Edge::new(&open(), metrics::Shared::default())).unwrap() };
    let router = TowerToHyperService::new(behind(edge));
    let never = router.call(request("GET", "/never").body(Body::empty()).unwrap()).await.unwrap();
    is_problem(never, Code::Unavailable).await;

    let drip = futures::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Ok::<_, std::io::Error>(Bytes::from_static(b".")), ()))
    });
    let slow = request("POST", "/v1/commands").body(Body::from_stream(drip)).unwrap();
    is_problem(router.call(slow).await.unwrap(), Code::RequestTimeout).await;
}

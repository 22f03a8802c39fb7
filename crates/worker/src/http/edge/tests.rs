//! What every request passes, without a worker behind it.

use super::*;
use axum::body::Bytes;
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

async fn ask(request: axum::http::request::Builder, body: Body) -> Response {
    let router = TowerToHyperService::new(router(&ApiConfig::default()));
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
    let config = ApiConfig { requests_per_address: NonZeroU32::new(1), ..ApiConfig::default() };
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
    let asked = |public_metrics, client: [u8; 4], proxy: Option<&str>| {
        let router = TowerToHyperService::new(router(&ApiConfig { public_metrics, ..ApiConfig::default() }));
        let mut request = request("GET", METRICS);
        if let Some(proxy) = proxy {
            request = request.header(proxy, "for=192.0.2.1");
        }
        let request = request.extension(Client(client.into())).body(Body::empty()).unwrap();
        async move { router.call(request).await.unwrap().status().as_u16() }
    };
    assert_eq!(asked(false, [127, 0, 0, 1], None).await, 200);
    assert_eq!(asked(false, [192, 0, 2, 1], None).await, 404);
    assert_eq!(asked(false, [127, 0, 0, 1], Some("forwarded")).await, 404);
    assert_eq!(asked(false, [127, 0, 0, 1], Some("x-forwarded-for")).await, 404);
    assert_eq!(asked(false, [127, 0, 0, 1], Some("origin")).await, 404, "a page of any site");
    assert_eq!(asked(true, [192, 0, 2, 1], None).await, 200);
}

#[tokio::test]
async fn a_fault_of_a_handler_is_its_own() {
    is_problem(ask(request("GET", "/panics"), Body::empty()).await, Code::Internal).await;
}

#[tokio::test]
async fn nothing_takes_for_ever() {
    let times = Times { answer: Duration::from_millis(400), body: Duration::from_millis(100) };
    let edge = Edge { times, ..Arc::into_inner(Edge::new(&ApiConfig::default(), metrics::Shared::default())).unwrap() };
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

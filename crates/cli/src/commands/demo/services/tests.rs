use super::*;
use axum::body::Body;
use axum::http::Request;
use tower::ServiceExt;

async fn body(response: axum::response::Response) -> Value {
    let bytes = axum::body::to_bytes(response.into_body(), 64 * 1024).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn the_price_moves_and_has_two_decimals() {
    let price = Arc::new(Price::default());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let Json(value) = spot(State(price.clone())).await;
        let amount = value["data"]["amount"].as_str().unwrap().to_owned();
        let (dollars, cents) = amount.split_once('.').unwrap();
        assert!(dollars.parse::<u64>().is_ok() && cents.len() == 2, "{amount}");
        seen.insert(amount);
    }
    assert!(seen.len() > 90, "{}", seen.len());
}

#[tokio::test]
async fn messages_are_recorded_for_bots_alone() {
    let telegram = Arc::new(Telegram::default());
    let router = Router::new().route("/{bot}/sendMessage", post(send_message)).with_state(telegram.clone());
    let request = |path: &str| {
        let body = Body::from(r#"{"chat_id":"42","text":"hi"}"#);
        Request::post(path).header("content-type", "application/json").body(body).unwrap()
    };
    let answer = router.clone().oneshot(request("/bot1:secret/sendMessage")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(body(answer).await["ok"], true);
    let refused = router.oneshot(request("/other/sendMessage")).await.unwrap();
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    let expected = Message { token: "1:secret".to_owned(), chat: "42".to_owned(), text: "hi".to_owned() };
    assert_eq!(*telegram.messages(), [expected]);
}

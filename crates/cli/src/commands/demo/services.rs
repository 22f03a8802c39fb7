//! Two local services with the shapes of the real ones: a price as Coinbase tells it, and Telegram's Bot API.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard};

/// Messages that are kept; a demo sends one.
const MESSAGES_MAX: usize = 1_024;
/// The first price, in cents.
const FIRST_CENTS: u64 = 10_425_037;

/// A message that arrived at the Telegram endpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Message {
    pub(super) token: String,
    pub(super) chat: String,
    pub(super) text: String,
}

/// Both services, as long as it lives.
pub(super) struct Services {
    pub(super) price_url: String,
    pub(super) telegram_url: String,
    telegram: Arc<Telegram>,
    tasks: Vec<tokio::task::JoinHandle<std::io::Result<()>>>,
}

#[derive(Default)]
struct Price {
    asked: Mutex<u64>,
}

#[derive(Default)]
struct Telegram {
    messages: Mutex<Vec<Message>>,
}

#[derive(Deserialize)]
struct SendMessage {
    chat_id: String,
    text: String,
}

impl Services {
    pub(super) async fn start() -> std::io::Result<Self> {
        let telegram = Arc::new(Telegram::default());
        let price = Router::new().route("/v2/prices/BTC-USD/spot", get(spot)).with_state(Arc::new(Price::default()));
        let chat = Router::new().route("/{bot}/sendMessage", post(send_message)).with_state(telegram.clone());
        let (price_url, price) = serve(price).await?;
        let (telegram_url, chat) = serve(chat).await?;
        Ok(Self { price_url, telegram_url, telegram, tasks: vec![price, chat] })
    }

    /// Messages that arrived so far.
    pub(super) fn messages(&self) -> Vec<Message> {
        self.telegram.messages().clone()
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

impl Telegram {
    fn messages(&self) -> MutexGuard<'_, Vec<Message>> {
        self.messages.lock().expect("no code panics while it holds the messages")
    }
}

async fn serve(router: Router) -> std::io::Result<(String, tokio::task::JoinHandle<std::io::Result<()>>)> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((url, tokio::spawn(async move { axum::serve(listener, router).await })))
}

/// A price that moves a little with every question.
async fn spot(State(price): State<Arc<Price>>) -> Json<Value> {
    let mut asked = price.asked.lock().expect("no code panics while it holds the price");
    let cents = FIRST_CENTS + 731 * *asked - 2 * (*asked * *asked) % 517;
    *asked += 1;
    let amount = format!("{}.{:02}", cents / 100, cents % 100);
    Json(json!({ "data": { "amount": amount, "base": "BTC", "currency": "USD" } }))
}

async fn send_message(
    State(telegram): State<Arc<Telegram>>,
    Path(bot): Path<String>,
    Json(message): Json<SendMessage>,
) -> (StatusCode, Json<Value>) {
    let Some(token) = bot.strip_prefix("bot").filter(|token| !token.is_empty()) else {
        return (StatusCode::NOT_FOUND, Json(json!({ "ok": false, "error_code": 404, "description": "Not Found" })));
    };
    let mut messages = telegram.messages();
    if messages.len() < MESSAGES_MAX {
        let SendMessage { chat_id: chat, text } = &message;
        messages.push(Message { token: token.to_owned(), chat: chat.clone(), text: text.clone() });
    }
    let result = json!({ "message_id": messages.len(), "chat": { "id": message.chat_id }, "text": message.text });
    (StatusCode::OK, Json(json!({ "ok": true, "result": result })))
}

#[cfg(test)]
mod tests;

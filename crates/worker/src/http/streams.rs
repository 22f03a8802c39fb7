//! Streams of the feed: events of HTTP, and WebSockets.

use super::problem::Failure;
use super::server::Client;
use crate::context::Context;
use crate::feed::{Delivery, Denied, Kept, SubscribeError, Subscriber, Wanted};
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::convert::Infallible;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tallow_api::{Code, EVENT_STREAM, Lagged, STREAM_IDLE, STREAM_LAGGED, stream_event};
use tallow_types::limits::{SOCKET_MESSAGE_BYTES_MAX, STREAM_WRITE_MS_MAX};
use tallow_types::{AccountId, FeedPosition, Topic};
use tokio::time::timeout;

/// What a subscriber asks for.
#[derive(Deserialize)]
pub(crate) struct Asked {
    topics: Option<String>,
    contract: Option<String>,
    from: Option<String>,
}

type AskedQuery = Result<Query<Asked>, QueryRejection>;

pub(crate) async fn events(
    State(context): State<Arc<Context>>,
    Client(client): Client,
    headers: HeaderMap,
    asked: AskedQuery,
) -> Result<Response, Failure> {
    let subscriber = subscribe(&context, client, &headers, asked)?;
    let stream = futures::stream::unfold(subscriber, |mut subscriber| async move {
        let events = encode(&subscriber.next().await?);
        Some((Ok::<_, Infallible>(events), subscriber))
    });
    Ok(event_stream(Body::from_stream(stream)))
}

/// An answer of events: never kept, never held back by a proxy.
pub(crate) fn event_stream(body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, EVENT_STREAM),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body).into_response()
}

/// What a delivery is as events.
fn encode(delivery: &Delivery) -> Bytes {
    match delivery {
        Delivery::Items(items) => match &items[..] {
            [item] => item.event(),
            items => items.iter().map(|item| item.event()).collect::<Vec<_>>().concat().into(),
        },
        Delivery::Idle(next) => match next.previous() {
            Some(last) => format!(": idle\nid: {last}\n\n").into(),
            None => Bytes::from_static(b": idle\n\n"),
        },
        Delivery::Lagged { missed, resume } => {
            let lagged = serde_json::to_string(&Lagged { missed: *missed, resume: *resume }).unwrap_or_default();
            format!("event: {STREAM_LAGGED}\ndata: {lagged}\n\n").into()
        }
    }
}

/// A subscriber without a session: what everyone may see.
fn subscribe(context: &Context, client: IpAddr, headers: &HeaderMap, asked: AskedQuery) -> Result<Subscriber, Failure> {
    let Query(Asked { topics, contract, from }) = asked.map_err(|rejection| malformed(rejection.body_text()))?;
    let topics = topics.as_deref().map_or_else(|| Ok(vec![Topic::Blocks, Topic::Receipts]), parse_topics)?;
    let contract: Option<AccountId> = contract.as_deref().map(|text| parse("contract", text)).transpose()?;
    let from: Option<FeedPosition> = from.as_deref().map(|text| parse("from", text)).transpose()?;
    let last = headers.get("last-event-id").map(|value| value.to_str().unwrap_or_default());
    // Browsers send an empty one when they have none.
    let last: Option<FeedPosition> =
        last.filter(|text| !text.is_empty()).map(|text| parse("Last-Event-ID", text)).transpose()?;
    let from = last.map(FeedPosition::next).or(from);
    let wanted = Wanted::permit(&context.published.state(), None, &topics, contract).map_err(denied)?;
    Subscriber::new(&context.published.feed, client, wanted, from).map_err(refused)
}

fn malformed(detail: impl ToString) -> Failure {
    Failure::new(Code::Malformed, detail)
}

fn parse<T: FromStr<Err: std::fmt::Display>>(name: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|error| malformed(format!("{name}: {error}")))
}

fn parse_topics(text: &str) -> Result<Vec<Topic>, Failure> {
    let topic = |name: &str| Topic::ALL.into_iter().find(|topic| topic.name() == name);
    let topics: Option<Vec<Topic>> = text.split(',').map(topic).collect();
    topics.ok_or_else(|| malformed("topics: expected some of blocks, receipts, events, separated by commas"))
}

fn denied(denied: Denied) -> Failure {
    let code = if denied == Denied::NoContract { Code::NotFound } else { Code::NotPermitted };
    Failure::new(code, denied)
}

/// Why a subscriber is refused, as an error of the API.
pub(crate) fn refused(error: SubscribeError) -> Failure {
    match error {
        SubscribeError::Full => Failure::new(Code::Busy, error),
        SubscribeError::Gone { oldest } => Failure::new(Code::FeedGone, error).oldest(oldest),
        SubscribeError::Ahead { .. } => Failure::new(Code::NotFound, error),
    }
}

pub(crate) async fn socket(
    State(context): State<Arc<Context>>,
    Client(client): Client,
    headers: HeaderMap,
    asked: AskedQuery,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    let upgrade = upgrade.map_err(|rejection| malformed(rejection.body_text()))?;
    let subscriber = subscribe(&context, client, &headers, asked)?;
    let upgrade = upgrade.max_message_size(SOCKET_MESSAGE_BYTES_MAX).max_frame_size(SOCKET_MESSAGE_BYTES_MAX);
    Ok(upgrade.on_upgrade(|socket| talk(socket, subscriber)))
}

/// Sends until the client goes, says something (it has nothing to say), or takes nothing for too long.
async fn talk(mut socket: WebSocket, mut subscriber: Subscriber) {
    loop {
        tokio::select! {
            delivery = subscriber.next() => {
                let Some(delivery) = delivery else { return close(socket, close_code::AWAY, "the worker stops").await };
                let sent = timeout(Duration::from_millis(STREAM_WRITE_MS_MAX), send(&mut socket, &delivery));
                if !matches!(sent.await, Ok(Ok(()))) {
                    return;
                }
            }
            heard = socket.recv() => match heard {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Text(_) | Message::Binary(_))) => {
                    let reason = "this socket takes no messages; its address says what is wanted";
                    return close(socket, close_code::POLICY, reason).await;
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
        }
    }
}

async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
    let sent = timeout(Duration::from_millis(STREAM_WRITE_MS_MAX), socket.send(close));
    drop(sent.await); // the client may have gone
}

async fn send(socket: &mut WebSocket, delivery: &Delivery) -> Result<(), axum::Error> {
    match delivery {
        Delivery::Items(items) => {
            for item in items {
                socket.send(Message::Text(item_message(item).into())).await?;
            }
            Ok(())
        }
        Delivery::Idle(next) => socket.send(Message::Text(message(next.previous(), STREAM_IDLE, "null").into())).await,
        Delivery::Lagged { missed, resume } => {
            let lagged = serde_json::to_string(&Lagged { missed: *missed, resume: *resume }).unwrap_or_default();
            socket.send(Message::Text(message(None, STREAM_LAGGED, &lagged).into())).await
        }
    }
}

fn item_message(kept: &Kept) -> String {
    message(Some(kept.item.position), stream_event(kept.item.content.topic()), kept.json())
}

/// A `SocketMessage`, of data that is JSON already.
fn message(id: Option<FeedPosition>, event: &str, data: &str) -> String {
    let id = id.map_or_else(|| "null".to_owned(), |id| format!("\"{id}\""));
    format!("{{\"id\":{id},\"event\":\"{event}\",\"data\":{data}}}")
}

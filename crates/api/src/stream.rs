//! Streams: what becomes final, as it does.
//!
//! `GET /v1/stream` is `text/event-stream`: an event has `id` (its place in the feed, [`FeedPosition`]), `event` and
//! `data`, one line of JSON:
//!
//! | `event` | `data` |
//! |---|---|
//! | `block` | [`BlockDocument`](crate::BlockDocument) with `certified` |
//! | `receipt` | [`ReceiptSummary`](crate::ReceiptSummary) |
//! | `event` | [`EventDocument`](crate::EventDocument): events that their contract's deployer made public |
//! | `lagged` | [`Lagged`]: the subscriber was too slow; the stream goes on with `resume` |
//!
//! Events without `data` have an `id` alone: all up to it was told (also the sign of life, at least every
//! `STREAM_HEARTBEAT_MS`). A client that comes again with `Last-Event-ID` goes on behind that place; with `from=` it
//! goes on *with* that place, without both with what comes from now on. A place that is no longer kept is refused with
//! `feed_gone` (410), whose `oldest` says where to begin.
//!
//! `GET /v1/ws` takes the same parameters and sends the same as text messages, [`SocketMessage`].
//!
//! `POST /v1/subscribe` takes a session's frame with [`tallow_types::Query::Subscribe`] and answers with events named
//! `sealed`, whose data is a [`tallow_types::SessionFrame`] in hexadecimal, with a [`tallow_types::StreamMessage`].

use serde::{Deserialize, Serialize};
use tallow_types::{FeedPosition, Topic};
use utoipa::ToSchema;

/// Media type of streams.
pub const EVENT_STREAM: &str = "text/event-stream";
/// The event of a sealed stream.
pub const STREAM_SEALED: &str = "sealed";
/// The event that tells a subscriber that it was too slow.
pub const STREAM_LAGGED: &str = "lagged";
/// The WebSocket message that all was told up to its place.
pub const STREAM_IDLE: &str = "idle";

/// The event under which an item of this kind is sent.
pub const fn stream_event(topic: Topic) -> &'static str {
    match topic {
        Topic::Blocks => "block",
        Topic::Receipts => "receipt",
        Topic::Events => "event",
        Topic::Logs => "log",
    }
}

/// Items are missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lagged {
    /// First place that may be missing.
    #[schema(value_type = String)]
    pub missed: FeedPosition,
    /// First place that follows.
    #[schema(value_type = String)]
    pub resume: FeedPosition,
}

/// A message of a WebSocket stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SocketMessage {
    /// The place in the feed; none for what has no place.
    #[schema(value_type = Option<String>)]
    pub id: Option<FeedPosition>,
    /// As the event of the same name in `GET /v1/stream`, or `idle`: all up to `id` was told.
    pub event: String,
    /// As the data of that event; null for `idle`.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

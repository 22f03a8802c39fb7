//! One who follows the feed.

use super::{Feed, Kept, Wanted};
use crate::shares::Held;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tallow_types::FeedPosition;
use tallow_types::limits::STREAM_HEARTBEAT_MS;
use tokio::sync::watch;
use tokio::time::Instant;

/// Blocks ahead of the newest one that may be asked for: whoever was told of a block elsewhere is a little ahead.
const AHEAD_MAX: u64 = 1_024;

/// Why nobody can follow from there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum SubscribeError {
    #[error("busy: too many subscribers, of this client address or altogether")]
    Full,
    #[error("the feed is kept from {oldest} on")]
    Gone { oldest: FeedPosition },
    #[error("the position is far ahead of the newest block, {height}")]
    Ahead { height: u64 },
}

/// What a subscriber is told.
pub(crate) enum Delivery {
    Items(Vec<Arc<Kept>>),
    /// All before this place was told; also a sign of life.
    Idle(FeedPosition),
    /// What was from `missed` on is gone; it goes on with `resume`.
    Lagged {
        missed: FeedPosition,
        resume: FeedPosition,
    },
}

/// See the module.
pub(crate) struct Subscriber {
    feed: Arc<Feed>,
    head: watch::Receiver<FeedPosition>,
    wanted: Wanted,
    /// The place to go on with.
    next: FeedPosition,
    /// Whether it was told that it had all.
    caught_up: bool,
    heartbeat: Instant,
    _place: Held,
}

impl Subscriber {
    /// Has `client` follow from `from` on or, without that, from now on.
    pub(crate) fn new(
        feed: &Arc<Feed>,
        client: IpAddr,
        wanted: Wanted,
        from: Option<FeedPosition>,
    ) -> Result<Self, SubscribeError> {
        let (oldest, head) = feed.bounds(&wanted);
        let next = from.unwrap_or(head);
        if next < oldest {
            return Err(SubscribeError::Gone { oldest });
        }
        if next.height > head.height.saturating_add(AHEAD_MAX) {
            return Err(SubscribeError::Ahead { height: head.height });
        }
        let place = feed.places.hold(client, 1).ok_or(SubscribeError::Full)?;
        Ok(Self {
            head: feed.head.subscribe(),
            feed: feed.clone(),
            wanted,
            next,
            caught_up: false,
            heartbeat: deadline(),
            _place: place,
        })
    }

    /// Waits for the next thing to tell; `None` when the feed has ended. Nothing is lost when it is dropped before it is
    /// ready.
    pub(crate) async fn next(&mut self) -> Option<Delivery> {
        loop {
            self.head.borrow_and_update();
            let batch = self.feed.read(self.next, &self.wanted);
            if let Some(resume) = batch.gone {
                let missed = std::mem::replace(&mut self.next, resume);
                return Some(Delivery::Lagged { missed, resume });
            }
            self.next = batch.next;
            if !batch.items.is_empty() {
                self.heartbeat = deadline();
                return Some(Delivery::Items(batch.items));
            }
            if !batch.ended {
                tokio::task::yield_now().await;
                continue;
            }
            if !std::mem::replace(&mut self.caught_up, true) {
                return Some(Delivery::Idle(self.next));
            }
            if self.feed.closed.load(Ordering::Acquire) {
                return None;
            }
            // The feed is not dropped while this holds it, so its head does not close.
            if tokio::time::timeout_at(self.heartbeat, self.head.changed()).await.is_err() {
                self.heartbeat = deadline();
                return Some(Delivery::Idle(self.next));
            }
        }
    }
}

fn deadline() -> Instant {
    Instant::now() + Duration::from_millis(STREAM_HEARTBEAT_MS)
}

//! An item of the feed as it is kept: what subscribers share of it is made once, by the first who needs it.

use super::documents;
use bytes::Bytes;
use parity_scale_codec::Encode;
use std::sync::OnceLock;
use tallow_api::stream_event;
use tallow_crypto::{Keypair, feed_item_signing_bytes};
use tallow_types::{ClusterId, FeedItem, Signature};

/// See the module.
pub(crate) struct Kept {
    pub(crate) item: FeedItem,
    /// Whether everyone may see it.
    pub(crate) public: bool,
    /// Bytes it counts for.
    pub(crate) bytes: usize,
    json: OnceLock<String>,
    event: OnceLock<Bytes>,
    signature: OnceLock<Signature>,
}

/// Bytes of an item beyond its encoding.
const OVERHEAD_BYTES: usize = 128;

impl Kept {
    pub(crate) fn new(item: FeedItem, public: bool) -> Self {
        let bytes = item.encoded_size() + OVERHEAD_BYTES;
        Self { item, public, bytes, json: OnceLock::new(), event: OnceLock::new(), signature: OnceLock::new() }
    }

    /// As JSON.
    pub(crate) fn json(&self) -> &str {
        self.json.get_or_init(|| documents::json(&self.item))
    }

    /// As an event of `text/event-stream`.
    pub(crate) fn event(&self) -> Bytes {
        let made = || {
            let (position, event) = (self.item.position, stream_event(self.item.content.topic()));
            Bytes::from(format!("id: {position}\nevent: {event}\ndata: {}\n\n", self.json()))
        };
        self.event.get_or_init(made).clone()
    }

    /// The replica's signature.
    pub(crate) fn signature(&self, key: &Keypair, cluster: &ClusterId) -> Signature {
        *self.signature.get_or_init(|| key.sign(&feed_item_signing_bytes(cluster, &self.item)))
    }
}

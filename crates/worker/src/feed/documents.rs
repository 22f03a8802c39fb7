//! Items of the feed as JSON.

use parity_scale_codec::Encode;
use serde::Serialize;
use tallow_api::{BlockDocument, EventDocument, ReceiptSummary};
use tallow_crypto::header_digest;
use tallow_types::{CertifiedHeader, CommandId, Event, FeedContent, FeedItem, Header};

/// An item; log lines have no JSON, since they leave the worker sealed.
pub(super) fn json(item: &FeedItem) -> String {
    match &item.content {
        FeedContent::Block { certified, entries, receipts } => text(&block_document(certified, *entries, *receipts)),
        FeedContent::Receipt { command, bytes } => {
            let (height, time_ms) = (item.position.height, item.time_ms);
            text(&ReceiptSummary { id: *command, height, time_ms, bytes: *bytes })
        }
        FeedContent::Event { command, event } => text(&event_document(item, *command, event)),
        FeedContent::Log { .. } => "null".to_owned(),
    }
}

fn text(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

fn event_document(item: &FeedItem, command: CommandId, event: &Event) -> EventDocument {
    let Event { contract, topics, data } = event.clone();
    let data = format!("0x{}", hex::encode(data));
    EventDocument { position: item.position, time_ms: item.time_ms, command, contract, topics, data }
}

/// A block, with its certified header.
pub(crate) fn block_document(certified: &CertifiedHeader, entries: u32, receipts: u32) -> BlockDocument {
    let Header { epoch, view, leader, parent, position, commitments, .. } = certified.header.clone();
    BlockDocument {
        height: position.height,
        time_ms: position.time_ms,
        digest: header_digest(&certified.header),
        parent,
        epoch,
        view,
        leader,
        entries,
        receipts,
        entries_root: certified.header.entries,
        state: commitments.state,
        results: commitments.results,
        outbox: commitments.outbox,
        certified: Some(format!("0x{}", hex::encode(certified.encode()))),
    }
}

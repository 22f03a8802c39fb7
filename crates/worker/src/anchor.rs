//! Anchors: the newest certified header goes to the ledger at intervals, with what the blocks since tell it.

use crate::context::{Anchored, Context};
use parity_scale_codec::Encode;
use std::sync::Arc;
use std::time::Duration;
use tallow_cluster::State;
use tallow_types::limits::ANCHOR_OUTBOX_BYTES_MAX;
use tallow_types::{Anchor, LedgerAction};

/// Intervals without entries after which an idle cluster is anchored all the same.
const IDLE_INTERVALS: u32 = 60;

/// Anchors at intervals for as long as the worker lives.
pub(crate) async fn run(context: Arc<Context>) {
    let mut idle = 0u32;
    let mut ticks = tokio::time::interval(context.anchor_interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let active = context.published.take_activity();
        idle = if active { 0 } else { idle + 1 };
        if !active && !idle.is_multiple_of(IDLE_INTERVALS) {
            continue;
        }
        if let Err(error) = anchor(&context).await {
            tracing::warn!(%error, "not anchored; trying again at the next interval");
            if let Err(error) = refresh(&context).await {
                tracing::warn!(%error, "the newest anchor is not known");
            }
            context.published.note_activity();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn anchor(context: &Context) -> anyhow::Result<()> {
    let cluster = context.cluster.genesis().cluster;
    let Some(Next { anchor, state }) = next_anchor(context) else { return Ok(()) };
    let submitted = anchor.certified.header.position.height;
    let sent = context.ledger.send(&context.key, LedgerAction::Anchor(Box::new(anchor))).await;
    context.metrics.anchor(sent.is_ok());
    sent?;
    let (height, record) = context.ledger.anchored_height(cluster).await?;
    anyhow::ensure!(height == submitted, "the ledger anchored height {height} instead of {submitted}");
    if state.is_none() {
        context.published.note_activity(); // there is more to tell
    }
    context.set_anchored(Anchored { record, height, state });
    Ok(())
}

/// Learns of an anchor that another sent, or that arrived though its answer did not: the next one goes on from it.
async fn refresh(context: &Context) -> anyhow::Result<()> {
    let (height, record) = context.ledger.anchored_height(context.cluster.genesis().cluster).await?;
    if height > context.anchored_height() {
        context.set_anchored(Anchored { record, height, state: None });
    }
    Ok(())
}

/// What to anchor next.
struct Next {
    anchor: Anchor,
    /// State at the anchored header, when that is the newest.
    state: Option<State>,
}

/// The newest header with the messages since the last anchor; or, when they are too many for one transaction, the
/// header of the last block whose messages fit.
fn next_anchor(context: &Context) -> Option<Next> {
    let tip = context.published.tip();
    let newest = tip.certified?;
    let height = newest.header.position.height;
    if height <= context.anchored_height() {
        return None;
    }
    let mut outbox = context.published.outbox_above(context.anchored_height());
    outbox.retain(|(certified, _)| certified.header.position.height <= height);
    let all = outbox.len();
    let mut room = ANCHOR_OUTBOX_BYTES_MAX;
    outbox.truncate(outbox.iter().take_while(|(_, block)| take(&mut room, block.encoded_size())).count().max(1));
    let cluster = context.cluster.genesis().cluster;
    let complete = outbox.len() == all;
    let certified = if complete { (*newest).clone() } else { outbox.last()?.0.clone() };
    let outbox = outbox.into_iter().map(|(_, messages)| messages).collect();
    Some(Next { anchor: Anchor { cluster, certified, outbox }, state: complete.then_some(tip.state) })
}

/// Takes `bytes` of what is left; false when they do not fit.
fn take(left: &mut usize, bytes: usize) -> bool {
    let fits = bytes <= *left;
    *left = left.saturating_sub(bytes);
    fits
}

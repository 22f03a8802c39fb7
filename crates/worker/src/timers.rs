//! Has a block made when a timer is due. The block itself fires it; without this one it would fire with the next block
//! that comes for another reason, or with the heartbeat.

use crate::clock::now_ms;
use crate::context::Context;
use std::sync::Arc;
use std::time::Duration;

/// Wakes the consensus engine at each due time, for as long as the worker lives.
pub(crate) async fn run(context: Arc<Context>) {
    let mut height = context.published.height();
    loop {
        height.mark_unchanged();
        let due_ms = context.published.state().next_timer_ms();
        let changed = tokio::select! {
            changed = height.changed() => changed,
            () = reached(due_ms) => {
                context.app.wake_up();
                // Until there is a block, waking again would not hurry it.
                height.changed().await
            }
        };
        if changed.is_err() {
            return;
        }
    }
}

async fn reached(time_ms: Option<u64>) {
    match time_ms {
        Some(time_ms) => tokio::time::sleep(Duration::from_millis(time_ms.saturating_sub(now_ms()))).await,
        None => std::future::pending().await,
    }
}

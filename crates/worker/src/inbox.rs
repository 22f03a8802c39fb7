//! Follows the cluster's inbox on the ledger: each message is fetched with its proof and waits for a place in a block.

use crate::context::Context;
use crate::ledger::LedgerError;
use std::sync::Arc;
use std::time::Duration;
use tallow_types::RegistryKey;

/// Pause after a ledger that could not be asked.
const PAUSE: Duration = Duration::from_millis(200);

/// Looks at the inbox after each block of the ledger, for as long as the worker lives.
pub(crate) async fn run(context: Arc<Context>) {
    let mut next = 0;
    loop {
        let height = context.ledger.raw().height();
        match fetch(&context, next).await {
            Ok(reached) => {
                next = reached;
                context.ledger.raw().beyond(height).await;
            }
            Err(error) => {
                tracing::warn!(%error, "the cluster's inbox was not read; trying again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Fetches what is there from `from` on, and says what comes after it. What the cluster has taken already is not asked
/// for: the ledger may have forgotten it.
async fn fetch(context: &Context, from: u64) -> Result<u64, LedgerError> {
    let cluster = context.cluster.genesis().cluster;
    let (inbox, _) =
        context.ledger.ask(RegistryKey::Inbox(cluster), move |light, record| light.inbox(cluster, record)).await?;
    let from = from.max(context.published.state().next_message());
    for number in from..inbox.next {
        let key = RegistryKey::Message(cluster, number);
        let wanted = key.clone();
        let (_, record) = context.ledger.ask(key, move |light, record| light.record(&wanted, record)).await?;
        context.app.add_message(number, record);
    }
    Ok(from.max(inbox.next))
}
